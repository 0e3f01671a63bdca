//! Tells a busy sidecar from a dead one.
//!
//! Each round asks the event loop, and if that does not answer, the native thread that reads the lease. Two words on a
//! socket every [`INTERVAL`] are all that an idle app does for it.

use std::{fmt, time::Duration};

use tokio::time::{Instant, sleep_until};

use super::lease::{Lease, Reply, Word};
use crate::{
    config::Watchdog,
    status::{Change, StatusCell, ready},
};

/// From one question to the next.
const INTERVAL: Duration = Duration::from_millis(2250);
/// When the thread is asked, if the event loop has not answered.
const PROBE_AFTER: Duration = Duration::from_millis(750);
/// An event loop that has not answered by then is busy.
const BUSY_AFTER: Duration = Duration::from_millis(1250);
/// A thread that has not answered either by then never will: it needs no lock, only a processor.
const DEAD_AFTER: Duration = Duration::from_millis(1750);
/// A host that wakes so late was itself asleep, stopped or starved, and has missed the answers.
const OVERSLEPT: Duration = Duration::from_millis(500);

/// Why a sidecar has to be ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hang {
    /// Nothing in it answers: it is stopped, or frozen in the kernel.
    Dead,
    /// Its event loop has not turned for longer than the configuration allows.
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

/// Watches a sidecar from its readiness on, keeps its status, and ends with why it has to be ended.
///
/// It never ends for a sidecar that has not said `alive`: that one does not know how to answer. It is not known then
/// either when the sidecar closes the lease; its exit tells more.
pub(super) async fn watch(lease: &mut Lease, status: &StatusCell, policy: Watchdog) -> Hang {
    let mut can_answer = false;
    let mut changes = status.subscribe();
    let serves = ready(&mut changes);
    tokio::pin!(serves);
    loop {
        tokio::select! {
            Ok(_) = &mut serves => break,
            Some(reply) = lease.next() => can_answer |= reply == Reply::Alive,
            else => std::future::pending().await,
        }
    }
    let limit = match policy {
        Watchdog::Report if can_answer => None,
        Watchdog::RestartAfterMs(limit) if can_answer => Some(Duration::from_millis(limit)),
        _ => {
            lease.closed().await;
            return std::future::pending().await;
        }
    };
    let mut rounds = Rounds::new(Instant::now(), limit);
    loop {
        let act = tokio::select! {
            biased;
            reply = lease.next() => match reply {
                Some(Reply::Pong) => rounds.pong(),
                Some(Reply::Alive) => rounds.alive(Instant::now()),
                None => std::future::pending().await,
            },
            () = sleep_until(rounds.deadline) => rounds.late(Instant::now()),
        };
        match act {
            Act::Wait => {}
            Act::Say(word) => lease.say(word),
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
    Say(Word),
    Silent,
    Answered,
    End(Hang),
}

/// Questions and answers so far. Pure: time comes from outside.
#[derive(Debug)]
struct Rounds {
    phase: Phase,
    /// When the present round began.
    asked: Instant,
    /// When [`Rounds::late`] has something to do.
    deadline: Instant,
    /// Since when the event loop has not answered, once that is too long.
    silent_since: Option<Instant>,
    /// How long it may stay so; `None` for ever.
    limit: Option<Duration>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Nothing is asked.
    Resting,
    /// The event loop is asked.
    Pinged,
    /// The thread is asked too.
    Probed { thread_lives: bool },
}

impl Rounds {
    fn new(now: Instant, limit: Option<Duration>) -> Self {
        Self {
            phase: Phase::Resting,
            asked: now,
            deadline: now + INTERVAL,
            silent_since: None,
            limit,
        }
    }

    /// The event loop answered, to this round or an earlier one: it turns.
    fn pong(&mut self) -> Act {
        self.rest();
        match self.silent_since.take() {
            Some(_) => Act::Answered,
            None => Act::Wait,
        }
    }

    /// The thread answered.
    fn alive(&mut self, now: Instant) -> Act {
        if let Phase::Probed { thread_lives } = &mut self.phase {
            *thread_lives = true;
            if now >= self.asked + BUSY_AFTER {
                return self.busy(now);
            }
        }
        Act::Wait
    }

    /// The deadline has passed.
    fn late(&mut self, now: Instant) -> Act {
        if now > self.deadline + OVERSLEPT {
            return self.ask(now);
        }
        match self.phase {
            Phase::Resting => self.ask(now),
            Phase::Pinged => {
                self.phase = Phase::Probed {
                    thread_lives: false,
                };
                self.deadline = self.asked + BUSY_AFTER;
                Act::Say(Word::Probe)
            }
            Phase::Probed { thread_lives: true } => self.busy(now),
            Phase::Probed { .. } if now < self.asked + DEAD_AFTER => {
                self.deadline = self.asked + DEAD_AFTER;
                Act::Wait
            }
            Phase::Probed { .. } => Act::End(Hang::Dead),
        }
    }

    fn ask(&mut self, now: Instant) -> Act {
        self.phase = Phase::Pinged;
        self.asked = now;
        self.deadline = now + PROBE_AFTER;
        Act::Say(Word::Ping)
    }

    fn rest(&mut self) {
        self.phase = Phase::Resting;
        self.deadline = self.asked + INTERVAL;
    }

    fn busy(&mut self, now: Instant) -> Act {
        self.rest();
        let Some(since) = self.silent_since else {
            self.silent_since = Some(self.asked);
            return Act::Silent;
        };
        let silent_for = now.duration_since(since);
        match self.limit {
            Some(limit) if silent_for >= limit => Act::End(Hang::Busy(silent_for)),
            _ => Act::Wait,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A sidecar whose parts answer after that long, or never; and what its host does within a minute.
    fn acts(pong: Option<u64>, alive: Option<u64>, limit: Option<Duration>) -> Vec<(u64, Act)> {
        let start = Instant::now();
        let mut rounds = Rounds::new(start, limit);
        let mut answers: Vec<(Instant, Reply)> = Vec::new();
        let mut acts = Vec::new();
        let mut now = start;
        while now < start + Duration::from_secs(60) {
            answers.sort_by_key(|(at, _)| *at);
            let act = match answers.first() {
                Some((at, reply)) if *at <= rounds.deadline => {
                    now = *at;
                    match answers.remove(0).1 {
                        Reply::Pong => rounds.pong(),
                        Reply::Alive => rounds.alive(now),
                    }
                }
                _ => {
                    now = rounds.deadline;
                    rounds.late(now)
                }
            };
            let (reply, delay) = match act {
                Act::Say(Word::Ping) => (Reply::Pong, pong),
                Act::Say(_) => (Reply::Alive, alive),
                Act::Wait => continue,
                Act::End(_) => {
                    acts.push((millis(now - start), act));
                    break;
                }
                _ => {
                    acts.push((millis(now - start), act));
                    continue;
                }
            };
            if let Some(delay) = delay {
                answers.push((now + Duration::from_millis(delay), reply));
            }
        }
        acts
    }

    fn millis(duration: Duration) -> u64 {
        u64::try_from(duration.as_millis()).expect("short")
    }

    #[test]
    fn a_sidecar_that_answers_is_left_alone() {
        assert_eq!(acts(Some(1), Some(1), None), []);
        assert_eq!(acts(Some(1200), Some(1), None), [], "slow is not silent");
    }

    #[test]
    fn a_busy_event_loop_is_told_from_a_dead_process() {
        assert_eq!(acts(None, Some(1), None), [(3500, Act::Silent)]);
        assert_eq!(acts(None, None, None), [(4000, Act::End(Hang::Dead))]);
        assert_eq!(
            acts(None, Some(900), None),
            [(3900, Act::Silent)],
            "a thread may be slow"
        );
    }

    #[test]
    fn an_event_loop_may_be_busy_for_as_long_as_the_configuration_says() {
        let acts = acts(None, Some(1), Some(Duration::from_secs(10)));
        let [(3500, Act::Silent), (at, Act::End(Hang::Busy(silent_for)))] = acts[..] else {
            panic!("{acts:?}");
        };
        assert!(
            (10_000..12_250).contains(&millis(silent_for)),
            "{silent_for:?}"
        );
        assert_eq!(at, 2250 + millis(silent_for));
    }

    #[test]
    fn an_answer_that_comes_late_ends_the_silence() {
        let acts = acts(Some(2000), Some(1), None);
        assert_eq!(acts[..2], [(3500, Act::Silent), (4250, Act::Answered)]);
    }

    #[test]
    fn a_host_that_was_asleep_asks_again_before_it_judges() {
        let start = Instant::now();
        for sleeps in [1, 60, 86_400] {
            let mut rounds = Rounds::new(start, Some(Duration::ZERO));
            assert_eq!(rounds.late(rounds.deadline), Act::Say(Word::Ping));
            assert_eq!(rounds.late(rounds.deadline), Act::Say(Word::Probe));
            let woken = rounds.deadline + Duration::from_secs(sleeps);
            assert_eq!(rounds.late(woken), Act::Say(Word::Ping), "{sleeps} s");
            assert_eq!(rounds.asked, woken);
        }
    }

    proptest! {
        #[test]
        fn whoever_answers_in_time_is_never_ended(pong in 0_u64..1250, alive in 0_u64..1000) {
            prop_assert_eq!(acts(Some(pong), Some(alive), Some(Duration::ZERO)), []);
            let busy = acts(None, Some(alive), None);
            prop_assert!(busy.iter().all(|(_, act)| *act == Act::Silent), "{:?}", busy);
            prop_assert_eq!(busy.len(), 1);
        }

        #[test]
        fn whatever_happens_the_deadline_moves_on(
            steps in prop::collection::vec((0_u8..3, 0_u64..5000), 1..200),
        ) {
            let mut now = Instant::now();
            let mut rounds = Rounds::new(now, None);
            for (what, wait) in steps {
                now += Duration::from_millis(wait);
                let before = rounds.deadline;
                match what {
                    0 => drop(rounds.pong()),
                    1 => drop(rounds.alive(now)),
                    _ => {
                        now = now.max(rounds.deadline);
                        if let Act::End(_) = rounds.late(now) {
                            return Ok(());
                        }
                        prop_assert!(rounds.deadline > before, "it would spin");
                    }
                }
            }
        }
    }
}
