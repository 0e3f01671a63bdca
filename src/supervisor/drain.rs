use std::{
    io::{self, Write},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use process_wrap::tokio::ChildWrapper;
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, BufReader},
    task::JoinSet,
    time::{Instant, timeout, timeout_at},
};

use super::{flood::Flood, level::Levels, redaction::Redaction};
use crate::output::{OutputLog, OutputStream};

/// The longest line that is kept, in bytes. Longer lines are cut, so that output without line breaks cannot fill the memory.
const MAX_LINE_BYTES: usize = 8 * 1024;
/// How long the pipes of an ended sidecar may be silent until its output counts as read. A grandchild may hold a pipe open for
/// ever.
const SILENCE: Duration = Duration::from_millis(200);
/// How long the reading may take in all, in case that grandchild writes without a pause.
const LAST_OUTPUT: Duration = Duration::from_secs(2);

/// Where the output of one generation goes.
#[derive(Clone, Debug)]
pub(super) struct Destination {
    pub voice: Arc<Mutex<Voice>>,
    pub log: Arc<OutputLog>,
    /// What of both streams goes into the app's log.
    pub flood: Arc<Mutex<Flood>>,
}

/// Whose output it is.
#[derive(Clone, Debug)]
pub(super) struct Voice {
    pub sidecar: Arc<str>,
    pub generation: u32,
    pub redaction: Arc<Redaction>,
}

/// The tasks that drain the output of one generation.
pub(super) struct Output {
    drains: JoinSet<()>,
    to: Destination,
}

impl Output {
    pub(super) fn of(child: &mut dyn ChildWrapper, destination: &Destination) -> Self {
        let mut drains = JoinSet::new();
        if let Some(pipe) = child.stdout().take() {
            drains.spawn(drain(pipe, OutputStream::Stdout, destination.clone()));
        }
        if let Some(pipe) = child.stderr().take() {
            drains.spawn(drain(pipe, OutputStream::Stderr, destination.clone()));
        }
        Self {
            drains,
            to: destination.clone(),
        }
    }

    /// From now on this is the output of a generation: a spare was called.
    pub(super) fn speak_for(&self, voice: Voice) {
        *self.to.lock() = voice;
    }

    /// Waits for the last output of an ended sidecar.
    pub(super) async fn finish(&mut self) {
        let Self { drains, to } = self;
        let all = async {
            let mut seen = to.log.count();
            loop {
                match timeout(SILENCE, drains.join_next()).await {
                    Ok(None) => return,
                    Ok(Some(_)) => continue,
                    Err(_elapsed) => {}
                }
                let now = to.log.count();
                if now == seen {
                    return;
                }
                seen = now;
            }
        };
        drop(timeout(LAST_OUTPUT, all).await);
        let left_out = to.flood().left_out();
        to.log_left_out(left_out);
    }
}

/// Reads the pipe to its end, so that the sidecar never blocks on a full pipe. Keeps and logs each line.
///
/// Bytes that are not UTF-8 are replaced, see [`String::from_utf8_lossy`]. What follows a carriage return takes the place of what
/// came before, as in a terminal: a progress bar leaves one line.
async fn drain(pipe: impl AsyncRead + Unpin, stream: OutputStream, to: Destination) {
    let mut pipe = BufReader::new(pipe);
    let mut levels = Levels::new(stream);
    // Read one secret's length more than is kept, so that the cut never leaves half of a secret.
    let overlap = to.voice().redaction.longest();
    let mut line = Line::new(MAX_LINE_BYTES + overlap);
    loop {
        // What a silent sidecar wrote too much of is said without another line of it.
        let ends_at = to.flood().ends_at();
        if let Some(at) = ends_at
            && timeout_at(at, pipe.fill_buf()).await.is_err()
        {
            let left_out = to.flood().end(Instant::now());
            to.log_left_out(left_out);
        }
        let bytes = match pipe.fill_buf().await {
            Ok(bytes) if !bytes.is_empty() => bytes,
            _ => break,
        };
        let end = memchr::memchr2(b'\n', b'\r', bytes);
        line.extend(&bytes[..end.unwrap_or(bytes.len())]);
        let consumed = end.map_or(bytes.len(), |end| end + 1);
        let is_over = end.map(|end| bytes[end] == b'\n');
        pipe.consume(consumed);
        match is_over {
            Some(true) => to.take(
                stream,
                &mut levels,
                line.text(&to.voice().redaction, overlap),
            ),
            Some(false) => line.overwritten = true,
            None => {}
        }
    }
    if !line.bytes.is_empty() {
        to.take(
            stream,
            &mut levels,
            line.text(&to.voice().redaction, overlap),
        );
    }
}

/// A line as far as it has come.
struct Line {
    bytes: Vec<u8>,
    limit: usize,
    is_cut: bool,
    /// Whether the next byte begins the line anew.
    overwritten: bool,
}

impl Line {
    const fn new(limit: usize) -> Self {
        Self {
            bytes: Vec::new(),
            limit,
            is_cut: false,
            overwritten: false,
        }
    }

    fn extend(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        if self.overwritten {
            self.clear();
        }
        let fits = bytes.len().min(self.limit - self.bytes.len());
        self.bytes.extend_from_slice(&bytes[..fits]);
        self.is_cut |= fits < bytes.len();
    }

    /// Takes the text of the line, without secrets.
    fn text(&mut self, redaction: &Redaction, overlap: usize) -> String {
        let text = String::from_utf8_lossy(self.bytes.trim_ascii_end());
        let mut text = redaction.apply(&text).into_owned();
        if self.is_cut {
            let kept = text.len().saturating_sub(overlap);
            let boundary = (0..=kept).rev().find(|place| text.is_char_boundary(*place));
            text.truncate(boundary.unwrap_or_default());
            text.push('…');
        }
        self.clear();
        text
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.is_cut = false;
        self.overwritten = false;
    }
}

impl Destination {
    fn take(&self, stream: OutputStream, levels: &mut Levels, text: String) {
        let verdict = self.flood().line(Instant::now());
        self.log_left_out(verdict.left_out);
        let Voice {
            sidecar,
            generation,
            ..
        } = self.voice();
        if verdict.is_logged {
            log_line(levels.of(&text), &sidecar, &text);
        }
        self.log.push(generation, stream, text);
    }

    fn log_left_out(&self, lines: Option<u32>) {
        if let Some(lines) = lines {
            let what =
                format!("{lines} more lines came within a second, and are in `logs()` alone");
            log_line(log::Level::Warn, &self.lock().sidecar, &what);
        }
    }

    fn voice(&self) -> Voice {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Voice> {
        self.voice.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn flood(&self) -> MutexGuard<'_, Flood> {
        self.flood.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Logs a line of a sidecar's output or a change of its state. In a debug build without a logger the line goes to stderr, so
/// that a developer sees why a sidecar does not start.
pub(crate) fn log_line(level: log::Level, sidecar: &str, what: &str) {
    if cfg!(debug_assertions) && log::max_level() == log::LevelFilter::Off {
        // `eprintln!` would panic where stderr cannot be written.
        let _ = writeln!(io::stderr(), "{sidecar}: {what}");
    } else {
        log::log!(target: "sidecar", level, "{sidecar}: {what}");
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::endpoint::Token;

    /// The lines that are kept of an output, where `secret` is the only configured secret.
    async fn kept(output: &[u8], secret: &str) -> Vec<String> {
        let env = BTreeMap::from([("APP_SECRET".to_owned(), secret.to_owned())]);
        let token = Token::generate().expect("random");
        let to = Destination {
            voice: Arc::new(Mutex::new(Voice {
                sidecar: "python".into(),
                generation: 1,
                redaction: Arc::new(Redaction::new(&token, &env)),
            })),
            log: Arc::default(),
            flood: Arc::new(Mutex::new(Flood::new(Instant::now()))),
        };
        drain(output, OutputStream::Stdout, to.clone()).await;
        to.log.lines().into_iter().map(|line| line.text).collect()
    }

    #[tokio::test]
    async fn lines_are_kept_whatever_bytes_they_hold_and_endless_ones_are_cut() {
        let mut output = b"one\r\n\xff two\n".to_vec();
        output.extend(vec![b'x'; 100_000]);
        output.extend(b"\nlast without an end");
        let lines = kept(&output, "secret").await;
        assert_eq!(lines[..2], ["one", "\u{fffd} two"]);
        assert!(lines[2].len() < MAX_LINE_BYTES + 10 && lines[2].ends_with("x…"));
        assert_eq!(lines[3..], ["last without an end"]);
    }

    #[tokio::test]
    async fn a_progress_bar_leaves_its_last_state_and_hides_nothing() {
        let mut output = b"before\n".to_vec();
        for percent in 0..=100_000 {
            output.extend(format!("\r{percent}|{}", "#".repeat(percent % 60)).bytes());
        }
        output.extend(b"\rdone\nTraceback (most recent call last):\r\n  a line\n");
        output.extend(b"\r50%|##Traceback (most recent call last):\n\r\n\r90%");
        let lines = kept(&output, "secret").await;
        let traceback = "Traceback (most recent call last):";
        let cut = format!("50%|##{traceback}");
        assert_eq!(
            lines,
            ["before", "done", traceback, "  a line", &cut, "", "90%"]
        );
    }

    #[tokio::test]
    async fn no_part_of_a_secret_is_kept_wherever_a_line_is_cut() {
        let secret = "0123456789abcdef";
        for before in MAX_LINE_BYTES - 40..MAX_LINE_BYTES + 80 {
            let output = [&vec![b'x'; before], secret.as_bytes(), &[b'y'; 100]].concat();
            let text = kept(&output, secret).await.concat();
            assert!(
                !text.contains("0123"),
                "after {before}: {}",
                &text[before - 10..]
            );
        }
    }
}
