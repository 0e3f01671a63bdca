use proptest::prelude::*;

use super::*;

/// Starts and ends a sidecar until it is given up, each life as long as `life` says, and counts the starts.
fn starts_until_given_up(life: Duration, served: Option<Duration>) -> usize {
    let (mut restarts, mut now) = (Restarts::default(), Instant::now());
    for start in 1..=100 {
        now += life;
        match restarts.ended(now, served, true, 1.0) {
            Some(pause) => now += pause,
            None => return start,
        }
    }
    100
}

#[test]
fn a_sidecar_that_ends_at_once_is_started_five_times() {
    assert_eq!(starts_until_given_up(Duration::ZERO, None), MAX_CRASHES);
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
        .filter_map(|_| restarts.ended(now, None, false, 1.0))
        .collect();
    let millis: Vec<_> = pauses.iter().map(Duration::as_millis).collect();
    assert_eq!(
        millis,
        [100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]
    );
}

#[test]
fn a_sidecar_that_was_healthy_is_started_again_at_once_and_pauses_only_if_that_fails() {
    let (mut restarts, now) = (Restarts::default(), Instant::now());
    for served in [HEALTHY, HEALTHY] {
        assert_eq!(
            restarts.ended(now, Some(served), true, 1.0),
            Some(Duration::ZERO)
        );
    }
    let soon = Some(Duration::from_secs(1));
    assert_eq!(restarts.ended(now, soon, true, 1.0), Some(FIRST_PAUSE));
    assert_eq!(restarts.ended(now, None, true, 1.0), Some(2 * FIRST_PAUSE));
}

proptest! {
    #[test]
    fn whatever_happens_crashes_are_bounded_and_pauses_are_in_range(
        lives in prop::collection::vec(
            (0_u64..30_000, prop::option::of(0_u64..30_000), any::<bool>(), 0.0..=1.0), 1..60,
        ),
    ) {
        let (mut restarts, mut now) = (Restarts::default(), Instant::now());
        let mut crashes = VecDeque::new();
        for (life, served, crashed, chance) in lives {
            now += Duration::from_millis(life);
            let served = served.map(Duration::from_millis);
            let was_healthy = served.is_some_and(|served| served >= HEALTHY);
            if was_healthy {
                crashes.clear();
            }
            if crashed {
                crashes.push_back(now);
            }
            crashes.retain(|crash| now.duration_since(*crash) < WINDOW);
            let Some(pause) = restarts.ended(now, served, crashed, chance) else {
                prop_assert_eq!(crashes.len(), MAX_CRASHES);
                return Ok(());
            };
            prop_assert!(crashes.len() < MAX_CRASHES);
            let shortest = if was_healthy { Duration::ZERO } else { FIRST_PAUSE / 2 };
            prop_assert!(pause >= shortest && pause <= LONGEST_PAUSE);
            prop_assert!(!was_healthy || pause.is_zero());
            now += pause;
        }
    }
}

#[test]
fn a_sidecar_that_finishes_by_itself_is_never_given_up() {
    let (mut restarts, now) = (Restarts::default(), Instant::now());
    for _ in 0..100 {
        let pause = restarts.ended(now, Some(Duration::from_secs(1)), false, 1.0);
        assert!(pause.is_some());
    }
}

#[test]
fn a_cool_down_doubles_until_the_sidecar_is_healthy() {
    let mut restarts = Restarts::default();
    let mut seconds = Vec::new();
    for _ in 0..7 {
        seconds.push(restarts.cool_down().as_secs());
        restarts.heal();
    }
    assert_eq!(seconds, [10, 20, 40, 80, 160, 300, 300]);
    restarts.ended(Instant::now(), Some(HEALTHY), true, 1.0);
    assert_eq!(restarts.cool_down(), FIRST_COOL_DOWN);
}
