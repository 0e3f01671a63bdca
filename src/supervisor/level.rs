//! The level of a line of a sidecar's output, as far as the line says it.

use log::Level;

use crate::output::OutputStream;

/// How many of a line's first words may be its level: a date, a time, a thread and a logger may come before.
const FIRST_WORDS: usize = 6;

/// The first line of a traceback, see `traceback` in Python's library reference.
const TRACEBACK: &str = "Traceback (most recent call last):";

/// Reads the levels of one stream, line by line.
#[derive(Debug)]
pub(super) struct Levels {
    stream: OutputStream,
    in_traceback: bool,
}

impl Levels {
    pub(super) const fn new(stream: OutputStream) -> Self {
        Self {
            stream,
            in_traceback: false,
        }
    }

    /// The level of the next line: the one that a logger wrote into it, that of an error for a traceback, and else that of the
    /// stream.
    pub(super) fn of(&mut self, line: &str) -> Level {
        if line.contains(TRACEBACK) {
            self.in_traceback = true;
            return Level::Error;
        }
        if self.in_traceback {
            // The last line of a traceback, which names the exception, is the first that is not indented.
            self.in_traceback = line.starts_with(char::is_whitespace) || line.is_empty();
            return Level::Error;
        }
        written(line).unwrap_or(match self.stream {
            OutputStream::Stdout => Level::Info,
            OutputStream::Stderr => Level::Warn,
        })
    }
}

/// The level that a logger wrote, such as in `INFO:     Started`, `2026-01-01 12:00:00,000 - app - ERROR - no`, `[WARNING] no` and
/// `2026-01-01 12:00:00 | DEBUG    | yes`. Only capital letters count, for `error` is also a word.
fn written(line: &str) -> Option<Level> {
    let words = line.split(|character: char| !character.is_ascii_alphanumeric());
    let words = words.filter(|word| word.starts_with(|first: char| first.is_ascii_alphabetic()));
    words.take(FIRST_WORDS).find_map(|word| {
        Some(match word {
            "TRACE" => Level::Trace,
            "DEBUG" => Level::Debug,
            "INFO" | "SUCCESS" | "NOTICE" => Level::Info,
            "WARN" | "WARNING" => Level::Warn,
            "ERROR" | "CRITICAL" | "FATAL" => Level::Error,
            _ => return None,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(stream: OutputStream, lines: &[&str]) -> Vec<Level> {
        let mut levels = Levels::new(stream);
        lines.iter().map(|line| levels.of(line)).collect()
    }

    #[test]
    fn the_level_that_a_logger_wrote_counts() {
        for (line, level) in [
            ("INFO:     Started server process [7]", Level::Info),
            ("WARNING:root:careful", Level::Warn),
            (
                "2026-01-01 12:00:00,000 - app.db - ERROR - no",
                Level::Error,
            ),
            (
                "2026-01-01 12:00:00.000 | DEBUG    | app:f:3 - yes",
                Level::Debug,
            ),
            (
                "[2026-01-01 12:00:00 +0000] [7] [CRITICAL] no",
                Level::Error,
            ),
            ("{\"level\": \"INFO\", \"message\": \"yes\"}", Level::Info),
        ] {
            assert_eq!(levels(OutputStream::Stderr, &[line]), [level], "{line}");
            assert_eq!(levels(OutputStream::Stdout, &[line]), [level], "{line}");
        }
    }

    #[test]
    fn a_line_without_a_level_has_that_of_its_stream() {
        for line in [
            "an error is no level",
            "the sixth word of this line INFO",
            "",
        ] {
            let line = if line.contains("INFO") {
                "one two three four five six INFO"
            } else {
                line
            };
            assert_eq!(
                levels(OutputStream::Stderr, &[line]),
                [Level::Warn],
                "{line}"
            );
            assert_eq!(
                levels(OutputStream::Stdout, &[line]),
                [Level::Info],
                "{line}"
            );
        }
    }

    #[test]
    fn a_traceback_is_an_error_to_its_last_line() {
        let lines = [
            "INFO:     before",
            "50%|###  |Traceback (most recent call last):",
            "  File \"INFO.py\", line 1, in <module>",
            "    INFO()",
            "ValueError: INFO",
            "INFO:     after",
        ];
        let seen = levels(OutputStream::Stderr, &lines);
        let (info, error) = (Level::Info, Level::Error);
        assert_eq!(seen, [info, error, error, error, error, info]);
    }
}
