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
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Starts and ends a sidecar until it is given up, each life as long as `life` says, and counts the starts.
    fn starts_until_given_up(life: Duration, served: Option<Duration>) -> usize {
        let (mut restarts, mut now) = (Restarts::default(), Instant::now());
        for start in 1..=100 {
            restarts.started(now);
            now += life;
            match restarts.ended(now, served, 1.0) {
                Some(pause) => now += pause,
                None => return start,
            }
        }
        100
    }

    #[test]
    fn a_sidecar_that_ends_at_once_is_started_five_times() {
        assert_eq!(starts_until_given_up(Duration::ZERO, None), MAX_STARTS);
    }

    #[test]
    fn a_sidecar_that_is_healthy_in_between_is_never_given_up() {
        let life = Duration::from_secs(11);
        assert_eq!(starts_until_given_up(life, Some(life)), 100);
    }

    #[test]
    fn pauses_double_up_to_the_longest() {
        let (mut restarts, now) = (Restarts::default(), Instant::now());
        let pauses: Vec<_> = (0..9)
            .filter_map(|_| restarts.ended(now, None, 1.0))
            .collect();
        let millis: Vec<_> = pauses.iter().map(Duration::as_millis).collect();
        assert_eq!(
            millis,
            [100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]
        );
    }

    proptest! {
        #[test]
        fn whatever_happens_starts_are_bounded_and_pauses_are_in_range(
            lives in prop::collection::vec((0_u64..30_000, prop::option::of(0_u64..30_000), 0.0..=1.0), 1..60),
        ) {
            let (mut restarts, mut now) = (Restarts::default(), Instant::now());
            let mut unhealthy_starts = VecDeque::new();
            for (life, served, chance) in lives {
                restarts.started(now);
                unhealthy_starts.push_back(now);
                now += Duration::from_millis(life);
                let served = served.map(Duration::from_millis);
                if served.is_some_and(|served| served >= HEALTHY) {
                    unhealthy_starts.clear();
                }
                unhealthy_starts.retain(|start| now.duration_since(*start) < WINDOW);
                prop_assert!(unhealthy_starts.len() <= MAX_STARTS);
                let Some(pause) = restarts.ended(now, served, chance) else {
                    prop_assert_eq!(unhealthy_starts.len(), MAX_STARTS);
                    return Ok(());
                };
                prop_assert!(pause >= FIRST_PAUSE / 2 && pause <= LONGEST_PAUSE);
                now += pause;
            }
        }
    }
}
