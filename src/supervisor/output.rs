use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use process_wrap::tokio::ChildWrapper;
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader},
    task::JoinSet,
    time::timeout,
};

use crate::config::SidecarName;

/// How many last lines of stderr a failure shows.
const TAIL_LINES: usize = 20;
/// Longer lines are cut, so that a sidecar without line breaks cannot fill the memory.
const MAX_LINE_BYTES: u64 = 8 * 1024;
/// How long the last output of an ended sidecar is waited for; a grandchild may hold the pipe open for ever.
const LAST_OUTPUT: Duration = Duration::from_millis(200);

/// The tasks that drain the sidecar's output.
pub(super) struct Output {
    drains: JoinSet<()>,
    errors: Tail,
}

impl Output {
    pub(super) fn of(child: &mut dyn ChildWrapper, name: &SidecarName) -> Self {
        let (mut drains, errors) = (JoinSet::new(), Tail::default());
        if let Some(pipe) = child.stdout().take() {
            drains.spawn(drain(
                pipe,
                name.to_string(),
                log::Level::Info,
                Tail::default(),
            ));
        }
        if let Some(pipe) = child.stderr().take() {
            drains.spawn(drain(
                pipe,
                name.to_string(),
                log::Level::Warn,
                errors.clone(),
            ));
        }
        Self { drains, errors }
    }

    /// What the sidecar said last on stderr, as the end of a sentence.
    pub(super) async fn last_words(&mut self) -> String {
        let all = async { while self.drains.join_next().await.is_some() {} };
        drop(timeout(LAST_OUTPUT, all).await);
        self.errors
            .last_line()
            .map(|line| format!("; it last said: {line}"))
            .unwrap_or_default()
    }
}

/// The last lines that a sidecar wrote to stderr.
#[derive(Clone, Debug, Default)]
struct Tail(Arc<Mutex<VecDeque<String>>>);

impl Tail {
    fn push(&self, line: String) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() == TAIL_LINES {
            lines.pop_front();
        }
        lines.push_back(line);
    }

    fn last_line(&self) -> Option<String> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .back()
            .cloned()
    }
}

/// Reads the pipe to its end, so that the sidecar never blocks on a full one; each line goes to the log.
///
/// Bytes that are not UTF-8 are replaced, see [`String::from_utf8_lossy`].
async fn drain(pipe: impl AsyncRead + Unpin, sidecar: String, level: log::Level, tail: Tail) {
    let mut pipe = BufReader::new(pipe);
    let mut bytes = Vec::new();
    loop {
        bytes.clear();
        match (&mut pipe)
            .take(MAX_LINE_BYTES)
            .read_until(b'\n', &mut bytes)
            .await
        {
            Ok(0) | Err(_) => return,
            Ok(_) => {
                let line = String::from_utf8_lossy(bytes.trim_ascii_end()).into_owned();
                tell(level, &sidecar, &line);
                if !line.trim().is_empty() {
                    tail.push(line);
                }
            }
        }
    }
}

/// Logs what a sidecar says or what becomes of it. In a debug build without a logger it goes to stderr, for a developer
/// whose sidecar does not start must not be left to guess.
pub(crate) fn tell(level: log::Level, sidecar: &str, what: &str) {
    if cfg!(debug_assertions) && log::max_level() == log::LevelFilter::Off {
        eprintln!("{sidecar}: {what}");
    } else {
        log::log!(target: "sidecar", level, "{sidecar}: {what}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn keeps_the_last_lines_and_cuts_endless_ones() {
        let tail = Tail::default();
        let mut text = (0..30)
            .fold(String::new(), |text, i| text + &format!("line {i}\n"))
            .into_bytes();
        text.extend([b'x'; 10_000]);
        text.extend(b"\xff\n");
        drain(
            text.as_slice(),
            "python".into(),
            log::Level::Info,
            tail.clone(),
        )
        .await;
        let lines = tail.0.lock().expect("not poisoned");
        assert_eq!(lines.len(), TAIL_LINES);
        assert!(lines.iter().all(|line| line.len() <= 8 * 1024));
        assert!(lines.back().expect("has lines").ends_with('\u{fffd}'));
    }
}
