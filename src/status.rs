//! What is known of a sidecar, and the only places where that changes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::{Error, Problem, Result, config::SidecarName};

/// What is known of a sidecar at one moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "codegen", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// The sidecar's name.
    pub sidecar: String,
    /// Which life of the process this is; the first is 1.
    pub generation: u32,
    /// What it does.
    pub state: State,
}

/// What a sidecar does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "codegen", derive(specta::Type))]
#[serde(tag = "phase", rename_all = "camelCase")]
pub enum State {
    /// It was started, or is looked for, and does not serve yet.
    Starting,
    /// It serves requests.
    Ready {
        /// Its process id; null for an attached server.
        pid: Option<u32>,
    },
    /// It ended by itself and is started again after a pause; requests wait meanwhile.
    Restarting {
        /// Why it ended.
        problem: Problem,
    },
    /// The host stopped it.
    Stopped,
    /// It could not be started, never became ready, or ended by itself too often.
    Failed {
        /// Why.
        problem: Problem,
    },
}

impl State {
    /// Whether the sidecar serves, or will.
    const fn is_alive(&self) -> bool {
        matches!(
            self,
            Self::Starting | Self::Ready { .. } | Self::Restarting { .. }
        )
    }
}

/// Holds the status of one sidecar; everyone else watches.
#[derive(Debug)]
pub(crate) struct StatusCell(watch::Sender<Status>);

impl StatusCell {
    pub(crate) fn new(sidecar: &SidecarName) -> Self {
        Self(watch::Sender::new(Status {
            sidecar: sidecar.to_string(),
            generation: 1,
            state: State::Starting,
        }))
    }

    pub(crate) fn subscribe(&self) -> watch::Receiver<Status> {
        self.0.subscribe()
    }

    pub(crate) fn current(&self) -> Status {
        self.0.borrow().clone()
    }

    /// Takes the sidecar's announcement; it counts once, while the sidecar is starting.
    pub(crate) fn announce_ready(&self, pid: Option<u32>) -> bool {
        self.0.send_if_modified(|status| {
            let starting = status.state == State::Starting;
            if starting {
                status.state = State::Ready { pid };
            }
            starting
        })
    }

    /// The sidecar ended by itself, and there will be another generation.
    pub(crate) fn restarting(&self, error: &Error) {
        self.end(State::Restarting {
            problem: error.into(),
        });
    }

    /// The next generation begins.
    pub(crate) fn starting_again(&self) {
        self.0.send_if_modified(|status| {
            let restarting = matches!(status.state, State::Restarting { .. });
            if restarting {
                status.state = State::Starting;
                status.generation += 1;
            }
            restarting
        });
    }

    pub(crate) fn stopped(&self) {
        self.end(State::Stopped);
    }

    pub(crate) fn failed(&self, error: &Error) {
        self.end(State::Failed {
            problem: error.into(),
        });
    }

    /// Ends a generation; once there will be no other, the first reason is the one that counts.
    fn end(&self, state: State) {
        self.0.send_if_modified(|status| {
            let alive = status.state.is_alive();
            if alive {
                status.state = state;
            }
            alive
        });
    }
}

/// Waits until the sidecar serves, and gives its generation.
///
/// # Errors
/// `unavailable` or the sidecar's own problem as soon as it is clear that it never will.
pub(crate) async fn ready(status: &mut watch::Receiver<Status>) -> Result<u32> {
    loop {
        let Status {
            sidecar,
            state,
            generation,
        } = status.borrow_and_update().clone();
        match state {
            State::Ready { .. } => return Ok(generation),
            State::Starting | State::Restarting { .. } => {}
            State::Stopped => return Err(unavailable(sidecar)),
            State::Failed { problem } => return Err(problem.into()),
        }
        if status.changed().await.is_err() {
            return Err(unavailable(sidecar));
        }
    }
}

/// Waits until no generation of the sidecar will serve any more, and says why.
pub(crate) async fn gone(status: &mut watch::Receiver<Status>) -> Error {
    drop(status.wait_for(|status| !status.state.is_alive()).await);
    let Status { sidecar, state, .. } = status.borrow().clone();
    match state {
        State::Failed { problem } => problem.into(),
        _ => unavailable(sidecar),
    }
}

fn unavailable(sidecar: String) -> Error {
    Error::Unavailable {
        sidecar,
        reason: "it was stopped".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell() -> StatusCell {
        StatusCell::new(&SidecarName::try_from("python".to_owned()).expect("valid"))
    }

    #[test]
    fn only_the_first_announcement_counts() {
        let cell = cell();
        assert!(cell.announce_ready(Some(7)));
        assert!(!cell.announce_ready(Some(8)));
        assert_eq!(cell.current().state, State::Ready { pid: Some(7) });
    }

    #[test]
    fn a_sidecar_that_ended_cannot_become_ready() {
        let cell = cell();
        cell.stopped();
        assert!(!cell.announce_ready(None));
        cell.failed(&Error::NoWindow);
        assert_eq!(cell.current().state, State::Stopped);
    }

    #[test]
    fn each_restart_is_a_new_generation_that_announces_itself() {
        let cell = cell();
        cell.announce_ready(Some(1));
        cell.restarting(&Error::NoWindow);
        assert!(!cell.announce_ready(Some(1)), "nobody is there to announce");
        cell.starting_again();
        assert_eq!(
            (cell.current().generation, cell.current().state),
            (2, State::Starting)
        );
        assert!(cell.announce_ready(Some(2)));
        cell.starting_again();
        assert_eq!(
            cell.current().generation,
            2,
            "only an end is followed by a start"
        );
    }

    #[tokio::test]
    async fn waiting_ends_with_the_reason_of_the_failure() {
        let cell = cell();
        let mut status = cell.subscribe();
        let waiting = tokio::spawn(async move { ready(&mut status).await });
        cell.failed(&Error::UnsupportedPlatform);
        let error = waiting.await.expect("no panic").expect_err("failed");
        assert!(error.to_string().contains("does not run on"), "{error}");
    }
}
