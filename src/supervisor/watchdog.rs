//! Tells a busy sidecar from a dead one.
//!
//! The event loop sends a beat every [`BEAT_MS`]. Only when a beat is late does the host ask the native thread that reads the
//! lease whether the process lives. So an idle app only sends one line on a socket at every beat.

use std::{fmt, time::Duration};

use tokio::time::{Instant, sleep, sleep_until};

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
/// How many probes in a row the thread may leave unanswered. It needs no lock, only a processor.
const PROBES: u32 = 2;
/// A host that wakes this much after its deadline was itself asleep, stopped or starved, and so may be the sidecar.
const OVERSLEPT: Duration = Duration::from_millis(500);

/// How long a process may take to end once its lease has. A one-file program of PyInstaller removes its files meanwhile.
const EXIT: Duration = Duration::from_secs(3);

/// Why the host has to end a sidecar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hang {
    /// Nothing in the process answers: the process is stopped, or frozen in the kernel.
    Dead,
    /// The event loop has not turned for longer than the configuration allows.
    Busy(Duration),
    /// The process that serves has ended, and the process that the host started lives on.
    LetGo,
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
            Self::LetGo => write!(
                f,
                "the process that serves has ended, and the program that started it lives on; let that program end with \
                 Python, such as with `exec` in a shell"
            ),
        }
    }
}

/// Watches a sidecar once it is ready, keeps its status, and ends with the reason when the host has to end the sidecar.
///
/// A sidecar is watched from its first beat on, which it sends before it is ready: the host may hear of the two in any order,
/// since they come over two connections. A sidecar that closes its lease has [`EXIT`] to end, since its exit says more.
pub(super) async fn watch(
    lease: &mut Lease,
    status: &StatusCell,
    policy: Watchdog,
    dead_after: Duration,
) -> Hang {
    let (mut beats, mut serves) = (false, false);
    let mut changes = status.subscribe();
    let is_ready = ready(&mut changes);
    tokio::pin!(is_ready);
    while !(beats && serves) {
        tokio::select! {
            ready = &mut is_ready, if !serves => {
                if ready.is_err() {
                    lease.closed().await;
                    return let_go().await;
                }
                serves = true;
            }
            Some(reply) = lease.next() => beats |= reply == Reply::Beat,
            else => return let_go().await,
        }
    }
    if policy == Watchdog::Off {
        lease.closed().await;
        return let_go().await;
    }
    let mut liveness = Liveness::new(Instant::now(), Limits::new(policy, dead_after));
    loop {
        let act = tokio::select! {
            biased;
            reply = lease.next() => match reply {
                Some(Reply::Beat) => liveness.beat(Instant::now()),
                Some(Reply::Alive) => liveness.alive(Instant::now()),
                None => return let_go().await,
            },
            () = sleep_until(liveness.deadline) => liveness.late(Instant::now()),
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

/// Gives a process that holds its lease no more the time to end.
async fn let_go() -> Hang {
    sleep(EXIT).await;
    Hang::LetGo
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

/// What the host puts up with.
#[derive(Clone, Copy, Debug)]
struct Limits {
    /// How long the event loop may not turn; `None` for ever.
    busy: Option<Duration>,
    /// How long the thread may take to answer one probe.
    answer: Duration,
    /// Whether a sidecar is ended whose thread does not answer.
    ends_dead: bool,
}

impl Limits {
    fn new(policy: Watchdog, dead_after: Duration) -> Self {
        let busy = match policy {
            Watchdog::RestartAfterMs(limit) => Some(Duration::from_millis(limit)),
            _ => None,
        };
        Self {
            busy,
            answer: dead_after / PROBES,
            ends_dead: policy != Watchdog::Report,
        }
    }
}

/// What the host has heard of a sidecar so far. Pure: time comes from outside.
#[derive(Debug)]
struct Liveness {
    /// How many probes in a row the thread has not answered.
    unanswered: u32,
    /// When to call [`Liveness::late`].
    deadline: Instant,
    /// Since when the host knows that the event loop does not turn.
    silent_since: Option<Instant>,
    limits: Limits,
}

impl Liveness {
    fn new(now: Instant, limits: Limits) -> Self {
        Self {
            unanswered: 0,
            deadline: now + BEAT + BUSY_AFTER,
            silent_since: None,
            limits,
        }
    }

    /// The event loop turns.
    fn beat(&mut self, now: Instant) -> Act {
        self.unanswered = 0;
        self.deadline = now + BEAT + BUSY_AFTER;
        match self.silent_since.take() {
            Some(_) => Act::Answered,
            None => Act::Wait,
        }
    }

    /// The thread answered.
    fn alive(&mut self, now: Instant) -> Act {
        if self.unanswered == 0 {
            return Act::Wait;
        }
        self.unanswered = 0;
        self.deadline = now + BEAT;
        let Some(since) = self.silent_since else {
            self.silent_since = Some(now);
            self.hurry(now);
            return Act::Silent;
        };
        let silent_for = now.duration_since(since);
        if self.limits.busy.is_some_and(|limit| silent_for >= limit) {
            return Act::End(Hang::Busy(silent_for));
        }
        self.hurry(since);
        Act::Wait
    }

    /// The deadline has passed.
    fn late(&mut self, now: Instant) -> Act {
        if now > self.deadline + OVERSLEPT {
            self.unanswered = 0;
            self.deadline = now + BUSY_AFTER;
            return Act::Wait;
        }
        self.deadline = now + self.limits.answer.max(Duration::from_millis(1));
        if self.unanswered < PROBES {
            self.unanswered += 1;
            return Act::Probe;
        }
        if self.limits.ends_dead {
            return Act::End(Hang::Dead);
        }
        // Only a beat says that the process lives again; until then the host asks now and then.
        self.unanswered = 0;
        self.deadline = now + BEAT;
        if self.silent_since.is_some() {
            return Act::Wait;
        }
        self.silent_since = Some(now);
        Act::Silent
    }

    /// Moves the deadline forward to the moment at which the silence has lasted for `limit`.
    fn hurry(&mut self, since: Instant) {
        if let Some(limit) = self.limits.busy {
            self.deadline = self.deadline.min(since + limit);
        }
    }
}

#[cfg(test)]
mod tests;
