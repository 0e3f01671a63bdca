//! What is known of a sidecar, and which changes of it there can be.

mod cell;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{error::Problem, output::Exit};

pub(crate) use cell::{StatusCell, gone, ready};

/// What is known of a sidecar at one moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "codegen", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Status {
    /// The sidecar's name.
    pub sidecar: String,
    /// Which life of the process this is; the first is 1.
    pub generation: u32,
    /// What it does.
    pub state: State,
    /// What is wrong although it serves, such as bindings that were not made from this app; null when nothing is.
    pub warning: Option<String>,
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
        /// Why it ended; null when it was asked to.
        problem: Option<Problem>,
        /// How its process ended, if it was not asked to.
        exit: Option<Exit>,
    },
    /// It finishes the requests that it has, and takes no more.
    Stopping,
    /// It was asked to stop, and did.
    Stopped,
    /// It could not be started, never became ready, or ended by itself too often.
    Failed {
        /// Why.
        problem: Problem,
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
    /// It says what it does until it serves.
    Reported(Activity),
    /// It says that it serves.
    Announced {
        pid: Option<u32>,
        warning: Option<String>,
    },
    /// Its event loop did not answer.
    Silent,
    /// Its event loop answered again.
    Answered,
    /// It ended or is about to, and there will be another generation.
    Restarting {
        problem: Option<Problem>,
        exit: Option<Exit>,
    },
    /// It is asked to stop.
    Stopping,
    /// It ended as it was asked to.
    Stopped,
    /// It ended, and another one would do no better.
    Failed {
        problem: Problem,
        exit: Option<Exit>,
    },
    /// The next generation begins.
    Started,
}

impl State {
    /// Whether there is a process, or will be one without being asked for.
    const fn is_alive(&self) -> bool {
        !matches!(self, Self::Stopped | Self::Failed { .. })
    }
}

impl Status {
    /// The status after a change; `None` when the change comes too late or too early to mean anything.
    fn after(&self, change: Change) -> Option<Self> {
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
                Change::Restarting { problem, exit },
            ) => State::Restarting { problem, exit },
            (state, Change::Stopping) if state.is_alive() && *state != State::Stopping => {
                State::Stopping
            }
            (state, Change::Stopped) if state.is_alive() => State::Stopped,
            (state, Change::Failed { problem, exit }) if state.is_alive() => {
                State::Failed { problem, exit }
            }
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::error::{Error, Kind};

    fn changes() -> impl Strategy<Value = Change> {
        let problem = || Error::from(Kind::NoWindow).problem();
        let activity = Activity {
            name: "loading".into(),
            percent: Some(40),
        };
        prop_oneof![
            Just(Change::Reported(activity)),
            any::<u32>().prop_map(|pid| Change::Announced {
                pid: Some(pid),
                warning: None
            }),
            Just(Change::Silent),
            Just(Change::Answered),
            Just(Change::Restarting {
                problem: None,
                exit: None
            }),
            Just(Change::Stopping),
            Just(Change::Stopped),
            Just(Change::Failed {
                problem: problem(),
                exit: None
            }),
            Just(Change::Started),
        ]
    }

    fn first() -> Status {
        Status {
            sidecar: "python".into(),
            generation: 1,
            state: State::Starting { activity: None },
            warning: None,
        }
    }

    proptest! {
        #[test]
        fn whatever_happens_in_whatever_order(changes in prop::collection::vec(changes(), 0..40)) {
            let mut status = first();
            for change in changes {
                let started = matches!(change, Change::Started);
                let reported = matches!(change, Change::Reported(_));
                let announced = matches!(change, Change::Announced { .. });
                let answered = matches!(change, Change::Answered);
                let Some(next) = status.after(change) else { continue };
                prop_assert_eq!(next.generation, status.generation + u32::from(started));
                prop_assert!(reported || next != status, "a change that changes nothing would wake everybody");
                match (&status.state, &next.state) {
                    (State::Starting { .. }, State::Ready { .. }) => prop_assert!(announced),
                    (State::Unresponsive { .. }, State::Ready { .. }) => prop_assert!(answered),
                    (_, State::Ready { .. }) => prop_assert!(false, "ready out of nowhere"),
                    (State::Ready { .. }, State::Unresponsive { .. }) => {}
                    (_, State::Unresponsive { .. }) => prop_assert!(false, "silent before it was ready"),
                    _ => {}
                }
                if !status.state.is_alive() {
                    prop_assert!(started, "only a start follows an end");
                }
                if status.state == State::Stopping {
                    prop_assert!(!next.state.is_alive(), "what stops does not come back by itself");
                }
                status = next;
            }
        }

        #[test]
        fn every_sidecar_can_be_stopped_and_started_again(changes in prop::collection::vec(changes(), 0..40)) {
            let mut status = first();
            for change in changes {
                status = status.after(change).unwrap_or(status);
            }
            let stopped = status.after(Change::Stopped).unwrap_or(status);
            prop_assert!(!stopped.state.is_alive());
            let again = stopped.after(Change::Started).expect("it can start");
            prop_assert_eq!(again.state, State::Starting { activity: None });
        }
    }

    #[test]
    fn a_report_repeated_is_no_news() {
        let activity = Activity {
            name: "importing".into(),
            percent: None,
        };
        let report = || Change::Reported(activity.clone());
        let reported = first().after(report()).expect("it is starting");
        assert_eq!(reported.after(report()).expect("it still is"), reported);
    }
}
