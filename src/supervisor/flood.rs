//! Keeps a flood of output out of the app's log.

use std::time::Duration;

use tokio::time::Instant;

/// How many lines of one sidecar go into the app's log within [`WINDOW`]. `logs()` has the others.
const MOST_LINES: u32 = 200;
const WINDOW: Duration = Duration::from_secs(1);

/// Counts the lines of one window. Pure: time comes from outside.
#[derive(Debug)]
pub(super) struct Flood {
    since: Instant,
    lines: u32,
}

/// What to do with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    /// How many lines were left out before this one, if a new window begins and any were.
    pub left_out: Option<u32>,
    /// Whether this line goes into the app's log.
    pub is_logged: bool,
}

impl Flood {
    pub(super) const fn new(now: Instant) -> Self {
        Self {
            since: now,
            lines: 0,
        }
    }

    /// Counts a line.
    pub(super) fn line(&mut self, now: Instant) -> Verdict {
        let left_out = if now.duration_since(self.since) >= WINDOW {
            self.end(now)
        } else {
            None
        };
        self.lines = self.lines.saturating_add(1);
        Verdict {
            left_out,
            is_logged: self.lines <= MOST_LINES,
        }
    }

    /// When the window ends, if lines were left out in it.
    pub(super) fn ends_at(&self) -> Option<Instant> {
        self.left_out().map(|_| self.since + WINDOW)
    }

    /// Begins another window, and gives how many lines were left out in this one, if any.
    pub(super) fn end(&mut self, now: Instant) -> Option<u32> {
        let left_out = self.left_out();
        *self = Self::new(now);
        left_out
    }

    /// How many lines were left out since the window began, if any.
    pub(super) fn left_out(&self) -> Option<u32> {
        self.lines
            .checked_sub(MOST_LINES)
            .filter(|lines| *lines > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_lines_of_a_window_are_logged_and_the_next_window_says_what_is_missing() {
        let now = Instant::now();
        let mut flood = Flood::new(now);
        let logged = (0..1000).filter(|_| flood.line(now).is_logged).count();
        assert_eq!(logged, 200);
        assert_eq!(flood.left_out(), Some(800));
        assert_eq!(flood.ends_at(), Some(now + WINDOW));
        let later = flood.line(now + WINDOW);
        let expected = Verdict {
            left_out: Some(800),
            is_logged: true,
        };
        assert_eq!(later, expected);
        assert_eq!(flood.left_out(), None);
    }

    #[test]
    fn a_steady_sidecar_loses_nothing() {
        let mut now = Instant::now();
        let mut flood = Flood::new(now);
        for _ in 0..1000 {
            now += Duration::from_millis(10);
            let verdict = flood.line(now);
            assert_eq!((verdict.left_out, verdict.is_logged), (None, true));
        }
    }
}
