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
