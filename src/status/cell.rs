use std::{
    collections::VecDeque,
    pin::pin,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::{
    sync::{Notify, watch},
    time::Instant,
};

use super::{Change, Spare, State, Status};
use crate::{
    config::SidecarName,
    error::{Error, Kind, Result},
};

/// How many of the last generations that crashed are remembered.
const REMEMBERED: usize = 64;

/// How many of the last statuses are remembered, for pages that ask for one after the other.
const STATUSES: usize = 32;

/// Holds the status of one sidecar. All others only watch it.
#[derive(Debug)]
pub(crate) struct StatusCell {
    status: watch::Sender<Status>,
    past: Mutex<Past>,
    /// Wakes when another generation crashed.
    noted: Notify,
}

/// What is known beside the status.
#[derive(Debug, Default)]
struct Past {
    /// The last statuses, the present one last.
    statuses: VecDeque<Status>,
    /// The generations that crashed, the latest last.
    crashed: VecDeque<u32>,
    /// When a request may start the sidecar again that has failed; `None` when only an order may.
    heals_at: Option<Instant>,
}

impl StatusCell {
    pub(crate) fn new(sidecar: &SidecarName) -> Self {
        let status = watch::Sender::new(Status {
            sidecar: sidecar.to_string(),
            revision: 0,
            generation: 1,
            state: State::Starting { activity: None },
            warning: None,
            spare: None,
        });
        Self {
            status,
            past: Mutex::default(),
            noted: Notify::new(),
        }
    }

    pub(crate) fn subscribe(&self) -> watch::Receiver<Status> {
        self.status.subscribe()
    }

    pub(crate) fn current(&self) -> Status {
        self.status.borrow().clone()
    }

    /// Applies a change, and tells whether the present state allowed the change.
    pub(crate) fn apply(&self, change: Change) -> bool {
        self.status.send_if_modified(|status| {
            let next = status.after(change);
            let applies = next.is_some();
            if let Some(next) = next {
                self.remember(status, &next);
                *status = next;
            }
            applies
        })
    }

    /// Notes what the spare does. Nobody is woken: a page shows what the sidecar does.
    pub(crate) fn set_spare(&self, spare: Option<Spare>) {
        self.status.send_if_modified(|status| {
            status.spare = spare;
            false
        });
    }

    fn remember(&self, before: &Status, next: &Status) {
        if before.revision == next.revision {
            return;
        }
        let statuses = &mut self.past().statuses;
        statuses.push_back(next.clone());
        if statuses.len() > STATUSES {
            statuses.pop_front();
        }
    }

    /// Waits for the first status that is newer than the one of that revision, of those that are remembered.
    pub(crate) async fn after(&self, revision: u32) -> Status {
        let mut changes = self.subscribe();
        loop {
            let newer = {
                let past = self.past();
                let mut statuses = past.statuses.iter();
                statuses.find(|status| status.revision > revision).cloned()
            };
            if let Some(newer) = newer {
                return newer;
            }
            // The sender lives as long as `self`.
            drop(changes.changed().await);
        }
    }

    /// Notes that a generation crashed, before the status says that the generation is gone.
    pub(crate) fn note_crash(&self, generation: u32) {
        let mut past = self.past();
        past.crashed.push_back(generation);
        if past.crashed.len() > REMEMBERED {
            past.crashed.pop_front();
        }
        drop(past);
        self.noted.notify_waiters();
    }

    /// Waits until a generation that serves is over, and tells whether it crashed.
    pub(crate) async fn outcome(&self, generation: u32) -> bool {
        let mut status = self.subscribe();
        loop {
            let mut noted = pin!(self.noted.notified());
            noted.as_mut().enable();
            if self.crashed(generation) {
                return true;
            }
            let now = status.borrow_and_update().clone();
            if !now.serves() || now.generation != generation {
                // The note of a crash comes before the change of the status.
                return self.crashed(generation);
            }
            tokio::select! {
                () = noted => {}
                changed = status.changed() => if changed.is_err() {
                    return false;
                },
            }
        }
    }

    fn crashed(&self, generation: u32) -> bool {
        self.past().crashed.contains(&generation)
    }

    /// Sets when a request may start the sidecar again that is about to fail; `None` when only an order may.
    pub(crate) fn heal_at(&self, at: Option<Instant>) {
        self.past().heals_at = at;
    }

    /// Whether a request may start the sidecar again now, which has failed.
    pub(crate) fn may_heal(&self, now: Instant) -> bool {
        let is_over = self.past().heals_at.is_some_and(|at| at <= now);
        is_over && matches!(self.current().state, State::Failed { .. })
    }

    fn past(&self) -> MutexGuard<'_, Past> {
        self.past.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes the sidecar `failed`: another generation would fail the same way.
    pub(crate) fn failed(&self, error: &Error) {
        self.apply(Change::Failed {
            failure: error.into(),
            exit: None,
        });
    }
}

/// Waits until the sidecar serves, and gives its generation. A sidecar that is stopping does not serve.
///
/// # Errors
/// `unavailable` or the sidecar's own problem, as soon as the sidecar will not serve without an order.
pub(crate) async fn ready(status: &mut watch::Receiver<Status>) -> Result<u32> {
    loop {
        let now = status.borrow_and_update().clone();
        match now.state {
            State::Ready { .. } | State::Unresponsive { .. } => return Ok(now.generation),
            State::Starting { .. } | State::Restarting { .. } => {}
            State::Stopping | State::Stopped | State::Failed { .. } => return Err(refusal(now)),
        }
        if status.changed().await.is_err() {
            return Err(refusal(now));
        }
    }
}

/// Waits until no generation of the sidecar will serve without an order, and says why.
pub(crate) async fn ended(status: &mut watch::Receiver<Status>) -> Error {
    drop(status.wait_for(|status| !status.state.is_alive()).await);
    let now = status.borrow().clone();
    refusal(now)
}

fn refusal(status: Status) -> Error {
    if let Some(failure) = status.state.failure() {
        return failure.into();
    }
    let reason = match status.state {
        State::Stopping => "it is being stopped",
        _ => "it was stopped",
    };
    Kind::Unavailable {
        sidecar: status.sidecar,
        reason: reason.into(),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn announced(pid: Option<u32>) -> Change {
        Change::Announced { pid, warning: None }
    }

    fn cell() -> StatusCell {
        StatusCell::new(&SidecarName::try_from("python".to_owned()).expect("valid"))
    }

    #[test]
    fn only_the_first_announcement_counts() {
        let cell = cell();
        assert!(cell.apply(announced(Some(7))));
        assert!(!cell.apply(announced(Some(8))));
        assert_eq!(cell.current().state, State::Ready { pid: Some(7) });
    }

    #[tokio::test]
    async fn waiting_ends_with_the_reason_of_the_failure() {
        let cell = cell();
        let mut status = cell.subscribe();
        let waiting = tokio::spawn(async move { ready(&mut status).await });
        cell.failed(&Kind::NoWindow.into());
        let error = waiting.await.expect("no panic").expect_err("failed");
        assert!(error.to_string().contains("no window is open"), "{error}");
    }

    #[tokio::test]
    async fn who_asks_for_one_status_after_the_other_misses_none() {
        let cell = cell();
        let waiting = cell.after(0);
        let changing = async {
            cell.apply(announced(Some(7)));
            cell.apply(Change::Silent);
            cell.apply(Change::Answered);
        };
        let (mut status, ()) = tokio::join!(waiting, changing);
        let mut seen = vec![status.state.clone()];
        while seen.len() < 3 {
            status = cell.after(status.revision).await;
            seen.push(status.state.clone());
        }
        let pid = Some(7);
        let all = [
            State::Ready { pid },
            State::Unresponsive { pid },
            State::Ready { pid },
        ];
        assert_eq!(seen, all);
        assert_eq!(status, cell.current());
        for _ in 0..STATUSES {
            cell.apply(Change::Silent);
            cell.apply(Change::Answered);
        }
        assert_eq!(cell.past().statuses.len(), STATUSES);
        let oldest = cell.after(0).await.revision;
        assert_eq!(cell.current().revision - oldest, 31);
    }

    #[tokio::test]
    async fn what_is_stopping_takes_no_more_and_finishes_what_it_has() {
        let cell = cell();
        cell.apply(announced(None));
        cell.apply(Change::Stopping);
        let error = ready(&mut cell.subscribe()).await.expect_err("no intake");
        assert!(error.to_string().contains("being stopped"), "{error}");
        let mut status = cell.subscribe();
        tokio::select! {
            biased;
            error = ended(&mut status) => panic!("a request in flight was cut off: {error}"),
            () = std::future::ready(()) => {}
        }
        cell.apply(Change::Stopped);
        ended(&mut status).await;
    }
}
