//! Whether and when a sidecar that ended by itself is started again. Pure: time and chance come from outside.

use std::{collections::VecDeque, time::Duration};

use tokio::time::Instant;

/// The pause before the first restart. Each further restart doubles the pause.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// The most starts within [`WINDOW`]. Then the sidecar is given up.
pub(super) const MAX_STARTS: usize = 5;
pub(super) const WINDOW: Duration = Duration::from_secs(60);
/// A sidecar that served for this long was healthy: its earlier starts no longer count.
const HEALTHY: Duration = Duration::from_secs(10);

/// The recent starts of one sidecar that still count.
#[derive(Debug, Default)]
pub(super) struct Restarts {
    starts: VecDeque<Instant>,
    pauses: u32,
}

impl Restarts {
    pub(super) fn started(&mut self, now: Instant) {
        self.starts.push_back(now);
    }

    /// The pause before the next start of a sidecar that ended after it had served for `served`, or `None` to give up.
    ///
    /// `chance`, from 0 to 1, spreads the pauses of sidecars that end together over their second half ("equal jitter",
    /// Brooker, Exponential Backoff And Jitter, AWS 2015).
    pub(super) fn ended(
        &mut self,
        now: Instant,
        served: Option<Duration>,
        chance: f64,
    ) -> Option<Duration> {
        if served.is_some_and(|served| served >= HEALTHY) {
            *self = Self::default();
        }
        self.starts
            .retain(|start| now.duration_since(*start) < WINDOW);
        if self.starts.len() >= MAX_STARTS {
            return None;
        }
        let factor = 2_u32.saturating_pow(self.pauses);
        self.pauses += 1;
        let pause = FIRST_PAUSE.saturating_mul(factor).min(LONGEST_PAUSE);
        Some(pause.mul_f64(0.5 + chance / 2.0))
    }
}

#[cfg(test)]
mod tests;
