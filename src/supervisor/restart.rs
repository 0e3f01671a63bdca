//! Whether and when a sidecar that ended by itself is started again. Pure: time and chance come from outside.

use std::{collections::VecDeque, time::Duration};

use tokio::time::Instant;

/// The pause before the first restart of a sidecar that was not healthy. Each further restart doubles the pause.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// The most crashes within [`WINDOW`]. Then the sidecar is given up.
pub(super) const MAX_CRASHES: usize = 5;
pub(super) const WINDOW: Duration = Duration::from_secs(60);
/// A sidecar that served for this long was healthy: its earlier crashes no longer count, and it is started again at once. A pause
/// is for what fails again and again, and somebody may wait for the answer.
const HEALTHY: Duration = Duration::from_secs(10);
/// How long a sidecar that was given up stays so before a request starts it again. Each further time doubles that.
const FIRST_COOL_DOWN: Duration = Duration::from_secs(10);
const LONGEST_COOL_DOWN: Duration = Duration::from_secs(5 * 60);

/// The recent crashes of one sidecar that still count.
#[derive(Debug, Default)]
pub(super) struct Restarts {
    crashes: VecDeque<Instant>,
    pauses: u32,
    cool_downs: u32,
}

impl Restarts {
    /// Begins again after a cool-down.
    pub(super) fn heal(&mut self) {
        self.crashes.clear();
        self.pauses = 0;
    }

    /// How long a sidecar that is given up now stays so before a request starts it again.
    pub(super) fn cool_down(&mut self) -> Duration {
        let factor = 2_u32.saturating_pow(self.cool_downs);
        self.cool_downs += 1;
        FIRST_COOL_DOWN
            .saturating_mul(factor)
            .min(LONGEST_COOL_DOWN)
    }

    /// The pause before the next start of a sidecar that ended after it had served for `served`, or `None` to give up. An end
    /// with exit code 0 after the sidecar had served is no crash.
    ///
    /// `chance`, from 0 to 1, spreads the pauses of sidecars that end together over their second half ("equal jitter",
    /// Brooker, Exponential Backoff And Jitter, AWS 2015).
    pub(super) fn ended(
        &mut self,
        now: Instant,
        served: Option<Duration>,
        crashed: bool,
        chance: f64,
    ) -> Option<Duration> {
        let was_healthy = served.is_some_and(|served| served >= HEALTHY);
        if was_healthy {
            *self = Self::default();
        }
        if crashed {
            self.crashes.push_back(now);
        }
        self.crashes
            .retain(|crash| now.duration_since(*crash) < WINDOW);
        if self.crashes.len() >= MAX_CRASHES {
            return None;
        }
        if was_healthy {
            return Some(Duration::ZERO);
        }
        let factor = 2_u32.saturating_pow(self.pauses);
        self.pauses += 1;
        let pause = FIRST_PAUSE.saturating_mul(factor).min(LONGEST_PAUSE);
        Some(pause.mul_f64(0.5 + chance / 2.0))
    }
}

#[cfg(test)]
mod tests;
