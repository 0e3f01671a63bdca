//! The status of a sidecar, and which changes of it there can be.

mod cell;
#[cfg(test)]
mod tests;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    error::{Failure, Problem},
    output::Exit,
};

pub(crate) use cell::{StatusCell, ended, ready};

/// What is known of a sidecar at one moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "codegen", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Status {
    /// The sidecar's name.
    pub sidecar: String,
    /// Counts the changes of the status, from 0, over all generations: of two statuses the one with the higher number is the
    /// newer one.
    pub revision: u32,
    /// Which life of the process this is; the first is 1.
    pub generation: u32,
    /// What it does.
    pub state: State,
    /// What is wrong although it serves, such as bindings that were not made from this app; null when nothing is.
    pub warning: Option<String>,
    /// The process that stands ready as its next generation. It is as of when the status is asked for, and changes no revision;
    /// absent while there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spare: Option<Spare>,
}

/// A process that stands ready as the next generation of a sidecar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "codegen", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Spare {
    /// What it does.
    pub phase: SparePhase,
    /// Its process id; null when there is no process any more.
    pub pid: Option<u32>,
    /// How much memory it had when it began to wait, in bytes; null where the system does not tell, and before that.
    #[cfg_attr(feature = "codegen", specta(type = Option<f64>))]
    pub memory_bytes: Option<u64>,
    /// Why it cannot be used, perhaps with paths. Absent from what a page sees without the permission for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What a spare does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "codegen", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum SparePhase {
    /// It imports what it can.
    Preparing,
    /// It waits to be called.
    Waiting,
    /// It cannot be used, and has ended.
    Unfit,
}

/// What a sidecar does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "codegen", derive(specta::Type))]
#[serde(tag = "phase", rename_all = "camelCase")]
#[non_exhaustive]
pub enum State {
    /// It was started, or is looked for, and does not serve yet.
    Starting {
        /// What it says that it does until it serves; null until it says anything.
        activity: Option<Activity>,
    },
    /// It serves requests.
    Ready {
        /// Its process id; null for an attached server.
        pid: Option<u32>,
    },
    /// It lives, and its event loop does not turn: something in it blocks. Requests are still sent to it.
    Unresponsive {
        /// Its process id; null for an attached server.
        pid: Option<u32>,
    },
    /// It ended and is started again, perhaps after a pause; requests wait meanwhile.
    Restarting {
        /// Why it ended, in short; null when it was asked to.
        problem: Option<Problem>,
        /// Why it ended, with all that is known: also paths, and the last line of stderr. Absent from what a page sees without
        /// the permission for it, and when the sidecar was asked to end.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        details: Option<String>,
        /// How its process ended, if it was not asked to.
        exit: Option<Exit>,
    },
    /// It finishes the requests that it has, and takes no more.
    Stopping,
    /// It was asked to stop, and did.
    Stopped,
    /// It could not be started, never became ready, or ended by itself too often.
    Failed {
        /// Why, in short.
        problem: Problem,
        /// Why, with all that is known: also paths, and the last line of stderr. Absent from what a page sees without the
        /// permission for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        details: Option<String>,
        /// How its process ended, if there was one.
        exit: Option<Exit>,
    },
}

/// What a sidecar does until it serves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "codegen", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Activity {
    /// In a word or a few, such as `migrating`.
    pub name: String,
    /// How much of it is done, from 0 to 100.
    pub percent: Option<u8>,
}

/// What happens to a sidecar.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    /// The sidecar says what it does until it serves.
    Reported(Activity),
    /// The sidecar says that it serves.
    Announced {
        pid: Option<u32>,
        warning: Option<String>,
    },
    /// Its event loop did not answer.
    Silent,
    /// Its event loop answered again.
    Answered,
    /// The process ended or is about to end, and there will be another generation.
    Restarting {
        failure: Option<Failure>,
        exit: Option<Exit>,
    },
    /// The host asks the sidecar to stop.
    Stopping,
    /// The process ended after the host asked it to stop.
    Stopped,
    /// The process ended, and another generation would fail the same way.
    Failed {
        failure: Failure,
        exit: Option<Exit>,
    },
    /// The next generation begins.
    Started,
}

impl State {
    /// Why the sidecar has failed; `None` while it has not.
    pub(crate) fn failure(&self) -> Option<Failure> {
        let Self::Failed {
            problem, details, ..
        } = self
        else {
            return None;
        };
        Some(Failure {
            details: details.as_ref().unwrap_or(&problem.detail).clone(),
            problem: problem.clone(),
        })
    }

    /// Whether there is a process, or will be one without an order.
    const fn is_alive(&self) -> bool {
        !matches!(self, Self::Stopped | Self::Failed { .. })
    }
}

impl Status {
    /// Whether the sidecar takes requests.
    pub(crate) const fn serves(&self) -> bool {
        matches!(self.state, State::Ready { .. } | State::Unresponsive { .. })
    }

    /// The status as a page may see it: without what the sidecar wrote, and without paths.
    pub(crate) fn for_pages(mut self) -> Self {
        if let State::Restarting { details, exit, .. } | State::Failed { details, exit, .. } =
            &mut self.state
        {
            *details = None;
            if let Some(exit) = exit {
                exit.stderr.clear();
            }
        }
        if let Some(spare) = &mut self.spare {
            spare.reason = None;
        }
        self
    }

    /// The status after a change; `None` when the change comes too late or too early for the present state.
    fn after(&self, change: Change) -> Option<Self> {
        let mut next = self.changed_by(change)?;
        if next != *self {
            next.revision = self.revision.wrapping_add(1);
        }
        Some(next)
    }

    /// The same without the revision.
    fn changed_by(&self, change: Change) -> Option<Self> {
        let state = match (&self.state, change) {
            (State::Starting { .. }, Change::Reported(activity)) => State::Starting {
                activity: Some(activity),
            },
            (State::Starting { .. }, Change::Announced { pid, warning }) => {
                return Some(Self {
                    state: State::Ready { pid },
                    warning,
                    ..self.clone()
                });
            }
            (State::Ready { pid }, Change::Silent) => State::Unresponsive { pid: *pid },
            (State::Unresponsive { pid }, Change::Answered) => State::Ready { pid: *pid },
            (
                State::Starting { .. } | State::Ready { .. } | State::Unresponsive { .. },
                Change::Restarting { failure, exit },
            ) => {
                let (problem, details) = failure
                    .map(|Failure { problem, details }| (problem, details))
                    .unzip();
                State::Restarting {
                    problem,
                    details,
                    exit,
                }
            }
            (state, Change::Stopping) if state.is_alive() && *state != State::Stopping => {
                State::Stopping
            }
            (state, Change::Stopped) if state.is_alive() => State::Stopped,
            (state, Change::Failed { failure, exit }) if state.is_alive() => State::Failed {
                problem: failure.problem,
                details: Some(failure.details),
                exit,
            },
            (State::Restarting { .. } | State::Stopped | State::Failed { .. }, Change::Started) => {
                return Some(Self {
                    generation: self.generation + 1,
                    state: State::Starting { activity: None },
                    warning: None,
                    ..self.clone()
                });
            }
            _ => return None,
        };
        Some(Self {
            state,
            ..self.clone()
        })
    }
}
