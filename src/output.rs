//! The last lines that a sidecar wrote to stdout and stderr.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The most lines, and the most bytes of text, that are kept of one sidecar. The oldest lines go first.
const MAX_LINES: usize = 1000;
const MAX_BYTES: usize = 256 * 1024;

/// One line that a sidecar wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "codegen", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct OutputLine {
    /// Counts up from 1 over all generations, so that a reader sees what it has missed.
    #[cfg_attr(feature = "codegen", specta(type = f64))]
    pub sequence: u64,
    /// The generation that wrote it.
    pub generation: u32,
    /// When it was read, in ms since 1970 (UTC).
    #[cfg_attr(feature = "codegen", specta(type = f64))]
    pub at_ms: u64,
    /// Where it was written to.
    pub stream: OutputStream,
    /// The line without its end. Bytes that are not UTF-8 are replaced, and secrets by `[redacted]`.
    pub text: String,
}

/// Where a sidecar writes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "codegen", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum OutputStream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// How a sidecar's process ended, and what it wrote last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "codegen", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Exit {
    /// Its exit code; null when a signal or the host ended it.
    pub code: Option<i32>,
    /// The number of the signal that ended it; null when it exited, or the host ended it.
    pub signal: Option<i32>,
    /// The last lines that it wrote to stderr, oldest first.
    pub stderr: Vec<String>,
}

impl Exit {
    /// Whether the process ended otherwise than with exit code 0: by a signal, by the host because nothing in it answered, or with
    /// a code that says that something went wrong.
    pub(crate) const fn is_crash(&self) -> bool {
        !matches!(self.code, Some(0))
    }
}

/// The signal for which a shell, or another launcher, gives that exit code (POSIX.1-2024, 2.8.2).
pub(crate) const fn signal_of(code: i32) -> Option<i32> {
    match code {
        129..=159 => Some(code - 128),
        _ => None,
    }
}

/// The last lines of one sidecar, over all its generations.
#[derive(Debug, Default)]
pub(crate) struct OutputLog(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    lines: VecDeque<OutputLine>,
    bytes: usize,
    sequence: u64,
}

impl OutputLog {
    pub(crate) fn push(&self, generation: u32, stream: OutputStream, text: String) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let at_ms = now.map_or(0, |now| u64::try_from(now.as_millis()).unwrap_or(u64::MAX));
        let mut kept = self.kept();
        kept.sequence += 1;
        kept.bytes += text.len();
        let sequence = kept.sequence;
        kept.lines.push_back(OutputLine {
            sequence,
            generation,
            at_ms,
            stream,
            text,
        });
        while kept.lines.len() > MAX_LINES || kept.bytes > MAX_BYTES {
            let Some(oldest) = kept.lines.pop_front() else {
                break;
            };
            kept.bytes -= oldest.text.len();
        }
    }

    /// How many lines there were, with those that are not kept.
    pub(crate) fn count(&self) -> u64 {
        self.kept().sequence
    }

    /// All lines that are kept, oldest first.
    pub(crate) fn lines(&self) -> Vec<OutputLine> {
        self.kept().lines.iter().cloned().collect()
    }

    /// The last lines of stderr of one generation that are not blank, oldest first.
    pub(crate) fn last_errors(&self, generation: u32, count: usize) -> Vec<String> {
        let kept = self.kept();
        let errors = kept.lines.iter().rev().filter(|line| {
            line.generation == generation
                && line.stream == OutputStream::Stderr
                && !line.text.trim().is_empty()
        });
        let mut last: Vec<_> = errors.take(count).map(|line| line.text.clone()).collect();
        last.reverse();
        last
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_kept_is_bounded_and_the_latest(sizes in prop::collection::vec(0_usize..9000, 0..1500)) {
            let log = OutputLog::default();
            for size in &sizes {
                log.push(1, OutputStream::Stdout, "x".repeat(*size));
            }
            let lines = log.lines();
            prop_assert!(lines.len() <= MAX_LINES);
            prop_assert!(lines.iter().map(|line| line.text.len()).sum::<usize>() <= MAX_BYTES);
            let first = sizes.len() - lines.len();
            for (line, place) in lines.iter().zip(first..) {
                prop_assert_eq!((line.sequence, line.text.len()), (place as u64 + 1, sizes[place]));
            }
        }
    }

    #[test]
    fn the_last_errors_are_those_of_one_generation() {
        let log = OutputLog::default();
        log.push(1, OutputStream::Stderr, "of the first".into());
        log.push(2, OutputStream::Stderr, "one".into());
        log.push(2, OutputStream::Stdout, "no error".into());
        log.push(2, OutputStream::Stderr, "  ".into());
        log.push(2, OutputStream::Stderr, "two".into());
        assert_eq!(log.last_errors(2, 20), ["one", "two"]);
        assert_eq!(log.last_errors(2, 1), ["two"]);
        assert_eq!(log.last_errors(3, 20), [""; 0]);
    }
}
