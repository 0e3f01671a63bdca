use std::{
    io::{self, Write},
    sync::Arc,
    time::Duration,
};

use process_wrap::tokio::ChildWrapper;
use tokio::{
    io::{AsyncBufRead, AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader},
    task::JoinSet,
    time::timeout,
};

use super::redaction::Redaction;
use crate::output::{OutputLog, OutputStream};

/// The longest line that is kept, in bytes. Longer lines are cut, so that output without line breaks cannot fill the memory.
const MAX_LINE_BYTES: usize = 8 * 1024;
/// How long to wait for the last output of an ended sidecar. A grandchild may hold the pipe open for ever.
const LAST_OUTPUT: Duration = Duration::from_millis(200);

/// Where the output of one generation goes.
#[derive(Clone, Debug)]
pub(super) struct Destination {
    pub sidecar: String,
    pub generation: u32,
    pub redaction: Arc<Redaction>,
    pub log: Arc<OutputLog>,
}

/// The tasks that drain the output of one generation.
pub(super) struct Output(JoinSet<()>);

impl Output {
    pub(super) fn of(child: &mut dyn ChildWrapper, destination: &Destination) -> Self {
        let mut drains = JoinSet::new();
        if let Some(pipe) = child.stdout().take() {
            drains.spawn(drain(pipe, OutputStream::Stdout, destination.clone()));
        }
        if let Some(pipe) = child.stderr().take() {
            drains.spawn(drain(pipe, OutputStream::Stderr, destination.clone()));
        }
        Self(drains)
    }

    /// Waits for the last output of an ended sidecar.
    pub(super) async fn finish(&mut self) {
        let all = async { while self.0.join_next().await.is_some() {} };
        drop(timeout(LAST_OUTPUT, all).await);
    }
}

/// Reads the pipe to its end, so that the sidecar never blocks on a full pipe. Keeps and logs each line.
///
/// Bytes that are not UTF-8 are replaced, see [`String::from_utf8_lossy`].
async fn drain(pipe: impl AsyncRead + Unpin, stream: OutputStream, to: Destination) {
    let mut pipe = BufReader::new(pipe);
    let mut bytes = Vec::new();
    // Read one secret's length more than is kept, so that the cut never leaves half of a secret.
    let overlap = to.redaction.longest();
    let limit = MAX_LINE_BYTES + overlap;
    loop {
        bytes.clear();
        let mut limited = (&mut pipe).take(limit as u64);
        if matches!(limited.read_until(b'\n', &mut bytes).await, Ok(0) | Err(_)) {
            return;
        }
        let text = String::from_utf8_lossy(bytes.trim_ascii_end());
        let mut text = to.redaction.apply(&text).into_owned();
        if bytes.len() == limit && !bytes.ends_with(b"\n") {
            let kept = text.len().saturating_sub(overlap);
            let boundary = (0..=kept).rev().find(|place| text.is_char_boundary(*place));
            text.truncate(boundary.unwrap_or_default());
            text.push('…');
            skip_line(&mut pipe).await;
        }
        to.take(stream, text);
    }
}

/// Skips the rest of a line.
async fn skip_line(pipe: &mut (impl AsyncBufRead + Unpin)) {
    while let Ok(bytes) = pipe.fill_buf().await {
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let length = end.map_or(bytes.len(), |end| end + 1);
        pipe.consume(length);
        if end.is_some() || length == 0 {
            return;
        }
    }
}

impl Destination {
    fn take(&self, stream: OutputStream, text: String) {
        let level = match stream {
            OutputStream::Stdout => log::Level::Info,
            OutputStream::Stderr => log::Level::Warn,
        };
        log_line(level, &self.sidecar, &text);
        self.log.push(self.generation, stream, text);
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
            sidecar: "python".into(),
            generation: 1,
            redaction: Arc::new(Redaction::new(&token, &env)),
            log: Arc::default(),
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
