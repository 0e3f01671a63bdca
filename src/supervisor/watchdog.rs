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
/// How long the thread may take to answer. A thread that takes longer never answers: it needs no lock, only a processor.
const DEAD_AFTER: Duration = Duration::from_millis(750);
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
/// A sidecar that sent no beat before it was ready sends none later, and is not watched. A sidecar that closes its lease has
/// [`EXIT`] to end, since its exit says more.
pub(super) async fn watch(lease: &mut Lease, status: &StatusCell, policy: Watchdog) -> Hang {
    let mut beats = false;
    let mut changes = status.subscribe();
    let serves = ready(&mut changes);
    tokio::pin!(serves);
    loop {
        tokio::select! {
            Ok(_) = &mut serves => break,
            Some(reply) = lease.next() => beats |= reply == Reply::Beat,
            else => return let_go().await,
        }
    }
    let limit = match policy {
        Watchdog::Report if beats => None,
        Watchdog::RestartAfterMs(limit) if beats => Some(Duration::from_millis(limit)),
        _ => {
            lease.closed().await;
            return let_go().await;
        }
    };
    let mut liveness = Liveness::new(Instant::now(), limit);
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

/// What the host has heard of a sidecar so far. Pure: time comes from outside.
#[derive(Debug)]
struct Liveness {
    /// Whether the host has asked the thread and waits for its answer.
    probed: bool,
    /// When to call [`Liveness::late`].
    deadline: Instant,
    /// Since when the host knows that the event loop does not turn.
    silent_since: Option<Instant>,
    /// How long the event loop may not turn; `None` for ever.
    limit: Option<Duration>,
}

impl Liveness {
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
mod tests;
