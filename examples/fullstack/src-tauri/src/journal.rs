//! What the host and the pages log, kept for the page of diagnostics. The sidecar's own lines are kept by the plugin.

use std::{
    collections::VecDeque,
    io::{self, Write},
    sync::{Mutex, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

use log::{Level, LevelFilter, Log, Metadata, Record};
use serde::{Deserialize, Serialize};
use specta::Type;

const KEPT_LINES: usize = 1000;
const LONGEST_LINE_CHARS: usize = 2000;
/// The target of what pages have sent.
const PAGE: &str = "page";
/// That of what a sidecar has written, and at `error` of what has become of it.
const SIDECAR: &str = "sidecar";

static JOURNAL: Journal = Journal(Mutex::new(VecDeque::new()));

/// How urgent a line is.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum Urgency {
    Debug,
    Info,
    Warning,
    Error,
}

/// Which process has logged.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum Source {
    Host,
    Page,
}

/// One line that the host or a page has logged.
#[derive(Clone, Debug, Deserialize, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct JournalLine {
    /// When, in ms since 1970 (UTC).
    at_ms: f64,
    source: Source,
    level: Urgency,
    text: String,
}

struct Journal(Mutex<VecDeque<JournalLine>>);

/// Keeps what is logged from now on.
pub fn install() {
    if log::set_logger(&JOURNAL).is_ok() {
        log::set_max_level(LevelFilter::Info);
    }
}

/// The last lines of the host and of the pages, in the order in which they came.
#[tauri::command]
#[specta::specta]
pub fn journal() -> Vec<JournalLine> {
    JOURNAL.lines().iter().cloned().collect()
}

/// Adds a line of a page's console.
#[tauri::command]
#[specta::specta]
pub fn log_from_page(level: Urgency, text: &str) {
    let text: String = text.chars().take(LONGEST_LINE_CHARS).collect();
    log::log!(target: PAGE, level.into(), "{text}");
}

impl Journal {
    fn lines(&self) -> std::sync::MutexGuard<'_, VecDeque<JournalLine>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Log for Journal {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= log::max_level()
    }

    fn log(&self, record: &Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        // Not `eprintln!`, which panics where stderr cannot be written.
        let _ = writeln!(io::stderr(), "{:<5} {}", record.level(), record.args());
        if record.target() == SIDECAR && record.level() > Level::Error {
            return;
        }
        let source = if record.target() == PAGE {
            Source::Page
        } else {
            Source::Host
        };
        let mut lines = self.lines();
        if lines.len() == KEPT_LINES {
            lines.pop_front();
        }
        lines.push_back(JournalLine {
            at_ms: now_ms(),
            source,
            level: record.level().into(),
            text: record.args().to_string(),
        });
    }

    fn flush(&self) {}
}

impl From<Level> for Urgency {
    fn from(level: Level) -> Self {
        match level {
            Level::Error => Self::Error,
            Level::Warn => Self::Warning,
            Level::Info => Self::Info,
            Level::Debug | Level::Trace => Self::Debug,
        }
    }
}

impl From<Urgency> for Level {
    fn from(urgency: Urgency) -> Self {
        match urgency {
            Urgency::Error => Self::Error,
            Urgency::Warning => Self::Warn,
            Urgency::Info => Self::Info,
            Urgency::Debug => Self::Debug,
        }
    }
}

fn now_ms() -> f64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap_or_default().as_secs_f64() * 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_are_kept_with_who_wrote_them() {
        install();
        log::info!(target: SIDECAR, "kept by the plugin");
        log::error!(target: SIDECAR, "it does not start");
        for number in 0..KEPT_LINES - 2 {
            log::warn!("line {number}");
        }
        log_from_page(Urgency::Info, &"é".repeat(LONGEST_LINE_CHARS + 1));
        let mine: Vec<_> = journal();
        assert_eq!(mine.len(), KEPT_LINES);
        assert_eq!(mine[0].text, "it does not start");
        assert_eq!(mine[1].level, Urgency::Warning);
        let last = &mine[KEPT_LINES - 1];
        assert_eq!(
            (last.source, last.text.chars().count()),
            (Source::Page, LONGEST_LINE_CHARS)
        );
        assert!(last.at_ms > 1.7e12);
        log::info!("one more");
        assert_eq!(journal()[0].text, "line 0");
    }
}
