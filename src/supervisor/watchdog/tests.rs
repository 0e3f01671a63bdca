use futures_util::future::join_all;
use proptest::prelude::*;
use tokio::{io::AsyncWriteExt, time::timeout};

use super::*;
use crate::{config::SidecarName, endpoint::memory};

/// The default of `deadAfterMs`.
const DEAD_AFTER: Duration = Duration::from_secs(1);

fn restarting(limit: Option<Duration>) -> Limits {
    let policy = limit.map_or(Watchdog::RestartDead, |limit| {
        Watchdog::RestartAfterMs(millis(limit))
    });
    Limits::new(policy, DEAD_AFTER)
}

/// What the host does within a minute, and when, in ms. `beats` says whether the event loop sends the beat of a moment, in
/// ms. `alive` is how long the thread takes to answer, in ms; `None` for a thread that never answers.
fn acts(
    beats: impl Fn(u64) -> bool,
    alive: Option<u64>,
    busy: Option<Duration>,
) -> Vec<(u64, Act)> {
    acts_within(restarting(busy), beats, alive)
}

fn acts_within(limits: Limits, beats: impl Fn(u64) -> bool, alive: Option<u64>) -> Vec<(u64, Act)> {
    let start = Instant::now();
    let at = |millis| start + Duration::from_millis(millis);
    let mut liveness = Liveness::new(start, limits);
    let (mut next_beat, mut answer) = (millis(BEAT), None);
    let mut acts = Vec::new();
    let mut now = 0;
    while now < 60_000 {
        let deadline = millis(liveness.deadline - start);
        now = next_beat.min(deadline).min(answer.unwrap_or(u64::MAX));
        let act = if now == next_beat {
            next_beat += millis(BEAT);
            if !beats(now) {
                continue;
            }
            liveness.beat(at(now))
        } else if Some(now) == answer {
            answer = None;
            liveness.alive(at(now))
        } else {
            liveness.late(at(now))
        };
        match act {
            Act::Wait => {}
            Act::Probe => answer = answer.or(alive.map(|delay| now + delay)),
            _ => acts.push((now, act)),
        }
        if let Act::End(_) = act {
            break;
        }
    }
    acts
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).expect("short")
}

const NEVER: fn(u64) -> bool = |_| false;

#[test]
fn a_sidecar_that_beats_is_left_alone() {
    assert_eq!(acts(|_| true, None, Some(Duration::ZERO)), []);
}

#[test]
fn a_busy_event_loop_is_told_from_a_dead_process() {
    assert_eq!(acts(NEVER, Some(1), None), [(3501, Act::Silent)]);
    assert_eq!(acts(NEVER, None, None), [(4500, Act::End(Hang::Dead))]);
    assert_eq!(
        acts(NEVER, Some(700), None),
        [(4200, Act::Silent)],
        "a thread may be slow"
    );
}

#[test]
fn an_event_loop_may_be_busy_for_as_long_as_the_configuration_says() {
    for limit in [1, 1000, 10_000] {
        let acts = acts(NEVER, Some(1), Some(Duration::from_millis(limit)));
        let [(3501, Act::Silent), (at, Act::End(Hang::Busy(silent_for)))] = acts[..] else {
            panic!("{acts:?}");
        };
        assert_eq!(at, 3501 + millis(silent_for));
        assert!((limit..limit + 5).contains(&millis(silent_for)), "{acts:?}");
    }
}

#[test]
fn a_beat_ends_the_silence() {
    let acts = acts(|at| at > 8000, Some(1), None);
    assert_eq!(acts, [(3501, Act::Silent), (9000, Act::Answered)]);
}

#[test]
fn a_process_that_dies_while_its_event_loop_is_busy_is_dead() {
    let start = Instant::now();
    let mut liveness = Liveness::new(start, restarting(None));
    assert_eq!(liveness.late(liveness.deadline), Act::Probe);
    assert_eq!(liveness.alive(liveness.deadline), Act::Silent);
    assert_eq!(liveness.late(liveness.deadline), Act::Probe);
    assert_eq!(liveness.late(liveness.deadline), Act::Probe);
    assert_eq!(liveness.late(liveness.deadline), Act::End(Hang::Dead));
}

#[test]
fn who_only_reports_ends_nothing() {
    let report = |alive| acts_within(Limits::new(Watchdog::Report, DEAD_AFTER), NEVER, alive);
    assert_eq!(report(None), [(4500, Act::Silent)]);
    assert_eq!(report(Some(1)), [(3501, Act::Silent)]);
}

#[test]
fn how_long_a_thread_may_be_silent_is_configured() {
    let patient = Limits::new(Watchdog::RestartDead, Duration::from_secs(20));
    let dead = [(23_500, Act::End(Hang::Dead))];
    assert_eq!(acts_within(patient, NEVER, None), dead);
    let at_once = Limits::new(Watchdog::RestartDead, Duration::ZERO);
    assert!(matches!(
        acts_within(at_once, NEVER, None)[..],
        [(3500..3510, Act::End(Hang::Dead))]
    ));
}

#[test]
fn a_host_that_was_asleep_waits_before_it_judges() {
    let start = Instant::now();
    for sleeps in [1, 60, 86_400] {
        let mut liveness = Liveness::new(start, restarting(Some(Duration::ZERO)));
        assert_eq!(liveness.late(liveness.deadline), Act::Probe);
        let woken = liveness.deadline + Duration::from_secs(sleeps);
        assert_eq!(liveness.late(woken), Act::Wait, "{sleeps} s");
        assert_eq!(liveness.deadline, woken + BUSY_AFTER);
        assert_eq!(liveness.late(liveness.deadline), Act::Probe);
    }
}

/// A sidecar that says its first beat and that it is ready at one moment, and nothing after that.
async fn how_a_dead_one_ends(is_ready_first: bool) -> Hang {
    let status = StatusCell::new(&SidecarName::try_from("python".to_owned()).expect("a name"));
    let (ours, mut theirs) = memory::pair();
    let mut lease = Lease::new(ours);
    let announced = || Change::Announced {
        pid: Some(1),
        warning: None,
    };
    let says = async {
        if is_ready_first {
            status.apply(announced());
            tokio::task::yield_now().await;
        }
        theirs.write_all(b"beat\n").await.expect("the host reads");
        status.apply(announced());
        std::future::pending::<()>().await;
    };
    tokio::select! {
        hang = watch(&mut lease, &status, Watchdog::RestartDead, DEAD_AFTER) => hang,
        () = says => unreachable!("it is pending"),
    }
}

#[tokio::test]
async fn a_beat_counts_whether_the_host_hears_of_it_or_of_readiness_first() {
    let ends = [true, false]
        .repeat(20)
        .into_iter()
        .map(how_a_dead_one_ends);
    let hangs = timeout(Duration::from_secs(60), join_all(ends)).await;
    assert_eq!(hangs, Ok(vec![Hang::Dead; 40]));
}

proptest! {
    #[test]
    fn whose_thread_answers_in_time_is_never_ended(alive in 0_u64..1000) {
        let acts = acts(NEVER, Some(alive), None);
        prop_assert_eq!(acts, [(3500 + alive, Act::Silent)]);
    }

    #[test]
    fn whatever_happens_the_deadline_moves_on(
        steps in prop::collection::vec((0_u8..3, 0_u64..5000), 1..200),
        limit in prop::option::of(0_u64..20_000),
    ) {
        let mut now = Instant::now();
        let mut liveness = Liveness::new(now, restarting(limit.map(Duration::from_millis)));
        for (what, wait) in steps {
            now += Duration::from_millis(wait);
            let before = liveness.deadline;
            let act = match what {
                0 => liveness.beat(now),
                1 => liveness.alive(now),
                _ => {
                    now = now.max(liveness.deadline);
                    let act = liveness.late(now);
                    prop_assert!(liveness.deadline > before || matches!(act, Act::End(_)), "it would spin");
                    act
                }
            };
            if let Act::End(_) = act {
                return Ok(());
            }
        }
    }
}
