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
