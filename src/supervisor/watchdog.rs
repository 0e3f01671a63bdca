//! Tells a busy sidecar from a dead one.
//!
//! The event loop sends a beat every [`BEAT_MS`]. Only when a beat is late does the host ask the native thread that reads the
//! lease whether the process lives. So an idle app only sends one line on a socket at every beat.

use std::{fmt, time::Duration};

use tokio::time::{Instant, sleep_until};

use super::lease::{Lease, Reply, Word};
use crate::{
    config::Watchdog,
    status::{Change, StatusCell, ready},
};

/// The time from one beat of the event loop to the next, in ms.
pub(super) const BEAT_MS: u64 = 2250;
const BEAT: Duration = Duration::from_millis(BEAT_MS);
/// How late a beat may be. After that the host asks whether the process lives; if so, its event loop is busy.
const BUSY_AFTER: Duration = Duration::from_millis(1250);
/// How long the thread may take to answer. A thread that takes longer never answers: it needs no lock, only a processor.
const DEAD_AFTER: Duration = Duration::from_millis(750);
/// A host that wakes this much after its deadline was itself asleep, stopped or starved, and so may be the sidecar.
const OVERSLEPT: Duration = Duration::from_millis(500);

/// Why the host has to end a sidecar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hang {
    /// Nothing in the process answers: the process is stopped, or frozen in the kernel.
    Dead,
    /// The event loop has not turned for longer than the configuration allows.
    Busy(Duration),
}

impl fmt::Display for Hang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dead => write!(
                f,
                "it lived and nothing in it answered; was it stopped by a signal or a debugger?"
            ),
            Self::Busy(silent_for) => write!(
                f,
                "its event loop did not turn for {} s; move what blocks it to a thread, or raise `watchdog`",
                silent_for.as_secs_f64()
            ),
        }
    }
}

/// Watches a sidecar once it is ready, keeps its status, and ends with the reason when the host has to end the sidecar.
///
/// Never ends for a sidecar that sent no beat before it was ready: such a sidecar sends none later. Never ends when the sidecar
/// closes the lease: its exit says more.
pub(super) async fn watch(lease: &mut Lease, status: &StatusCell, policy: Watchdog) -> Hang {
    let mut beats = false;
    let mut changes = status.subscribe();
    let serves = ready(&mut changes);
    tokio::pin!(serves);
    loop {
        tokio::select! {
            Ok(_) = &mut serves => break,
            Some(reply) = lease.next() => beats |= reply == Reply::Beat,
            else => std::future::pending().await,
        }
    }
    let limit = match policy {
        Watchdog::Report if beats => None,
        Watchdog::RestartAfterMs(limit) if beats => Some(Duration::from_millis(limit)),
        _ => {
            lease.closed().await;
            return std::future::pending().await;
        }
    };
    let mut ear = Ear::new(Instant::now(), limit);
    loop {
        let act = tokio::select! {
            biased;
            reply = lease.next() => match reply {
                Some(Reply::Beat) => ear.beat(Instant::now()),
                Some(Reply::Alive) => ear.alive(Instant::now()),
                None => std::future::pending().await,
            },
            () = sleep_until(ear.deadline) => ear.late(Instant::now()),
        };
        match act {
            Act::Wait => {}
            Act::Probe => lease.say(Word::Probe),
            Act::Silent => drop(status.apply(Change::Silent)),
            Act::Answered => drop(status.apply(Change::Answered)),
            Act::End(hang) => return hang,
        }
    }
}

/// What to do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Wait,
    /// Ask the thread whether it lives.
    Probe,
    Silent,
    Answered,
    End(Hang),
}

/// What the host has heard of a sidecar so far. Pure: time comes from outside.
#[derive(Debug)]
struct Ear {
    /// Whether the host has asked the thread and waits for its answer.
    probed: bool,
    /// When to call [`Ear::late`].
    deadline: Instant,
    /// Since when the host knows that the event loop does not turn.
    silent_since: Option<Instant>,
    /// How long the event loop may not turn; `None` for ever.
    limit: Option<Duration>,
}

impl Ear {
    fn new(now: Instant, limit: Option<Duration>) -> Self {
        Self {
            probed: false,
            deadline: now + BEAT + BUSY_AFTER,
            silent_since: None,
            limit,
        }
    }

    /// The event loop turns.
    fn beat(&mut self, now: Instant) -> Act {
        self.probed = false;
        self.deadline = now + BEAT + BUSY_AFTER;
        match self.silent_since.take() {
            Some(_) => Act::Answered,
            None => Act::Wait,
        }
    }

    /// The thread answered.
    fn alive(&mut self, now: Instant) -> Act {
        if !self.probed {
            return Act::Wait;
        }
        self.probed = false;
        self.deadline = now + BEAT;
        let Some(since) = self.silent_since else {
            self.silent_since = Some(now);
            self.hurry(now);
            return Act::Silent;
        };
        let silent_for = now.duration_since(since);
        if self.limit.is_some_and(|limit| silent_for >= limit) {
            return Act::End(Hang::Busy(silent_for));
        }
        self.hurry(since);
        Act::Wait
    }

    /// The deadline has passed.
    fn late(&mut self, now: Instant) -> Act {
        if now > self.deadline + OVERSLEPT {
            self.probed = false;
            self.deadline = now + BUSY_AFTER;
            return Act::Wait;
        }
        if self.probed {
            return Act::End(Hang::Dead);
        }
        self.probed = true;
        self.deadline = now + DEAD_AFTER;
        Act::Probe
    }

    /// Moves the deadline forward to the moment at which the silence has lasted for `limit`.
    fn hurry(&mut self, since: Instant) {
        if let Some(limit) = self.limit {
            self.deadline = self.deadline.min(since + limit);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What the host does within a minute, and when, in ms. `beats` says whether the event loop sends the beat of a moment, in
    /// ms. `alive` is how long the thread takes to answer, in ms; `None` for a thread that never answers.
    fn acts(
        beats: impl Fn(u64) -> bool,
        alive: Option<u64>,
        limit: Option<Duration>,
    ) -> Vec<(u64, Act)> {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let mut ear = Ear::new(start, limit);
        let (mut next_beat, mut answer) = (millis(BEAT), None);
        let mut acts = Vec::new();
        let mut now = 0;
        while now < 60_000 {
            let deadline = millis(ear.deadline - start);
            now = next_beat.min(deadline).min(answer.unwrap_or(u64::MAX));
            let act = if now == next_beat {
                next_beat += millis(BEAT);
                if !beats(now) {
                    continue;
                }
                ear.beat(at(now))
            } else if Some(now) == answer {
                answer = None;
                ear.alive(at(now))
            } else {
                ear.late(at(now))
            };
            match act {
                Act::Wait => {}
                Act::Probe => answer = alive.map(|delay| now + delay),
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
        assert_eq!(acts(NEVER, None, None), [(4250, Act::End(Hang::Dead))]);
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
        let mut ear = Ear::new(start, None);
        assert_eq!(ear.late(ear.deadline), Act::Probe);
        assert_eq!(ear.alive(ear.deadline), Act::Silent);
        assert_eq!(ear.late(ear.deadline), Act::Probe);
        assert_eq!(ear.late(ear.deadline), Act::End(Hang::Dead));
    }

    #[test]
    fn a_host_that_was_asleep_waits_before_it_judges() {
        let start = Instant::now();
        for sleeps in [1, 60, 86_400] {
            let mut ear = Ear::new(start, Some(Duration::ZERO));
            assert_eq!(ear.late(ear.deadline), Act::Probe);
            let woken = ear.deadline + Duration::from_secs(sleeps);
            assert_eq!(ear.late(woken), Act::Wait, "{sleeps} s");
            assert_eq!(ear.deadline, woken + BUSY_AFTER);
            assert_eq!(ear.late(ear.deadline), Act::Probe);
        }
    }

    proptest! {
        #[test]
        fn whose_thread_answers_in_time_is_never_ended(alive in 0_u64..750) {
            let acts = acts(NEVER, Some(alive), None);
            prop_assert_eq!(acts, [(3500 + alive, Act::Silent)]);
        }

        #[test]
        fn whatever_happens_the_deadline_moves_on(
            steps in prop::collection::vec((0_u8..3, 0_u64..5000), 1..200),
            limit in prop::option::of(0_u64..20_000),
        ) {
            let mut now = Instant::now();
            let mut ear = Ear::new(now, limit.map(Duration::from_millis));
            for (what, wait) in steps {
                now += Duration::from_millis(wait);
                let before = ear.deadline;
                let act = match what {
                    0 => ear.beat(now),
                    1 => ear.alive(now),
                    _ => {
                        now = now.max(ear.deadline);
                        let act = ear.late(now);
                        prop_assert!(ear.deadline > before || matches!(act, Act::End(_)), "it would spin");
                        act
                    }
                };
                if let Act::End(_) = act {
                    return Ok(());
                }
            }
        }
    }
}
