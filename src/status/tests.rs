use proptest::prelude::*;

use super::*;
use crate::error::{Error, Kind, Reason};

fn changes() -> impl Strategy<Value = Change> {
    let failure = || Failure::from(Error::from(Kind::NoWindow));
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
            failure: None,
            exit: None
        }),
        Just(Change::Stopping),
        Just(Change::Stopped),
        Just(Change::Failed {
            failure: failure(),
            exit: None
        }),
        Just(Change::Started),
    ]
}

fn first() -> Status {
    Status {
        sidecar: "python".into(),
        revision: 0,
        generation: 1,
        state: State::Starting { activity: None },
        warning: None,
        spare: None,
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
            prop_assert_eq!(next.revision, status.revision + u32::from(next != status));
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

#[test]
fn a_page_sees_no_line_of_stderr_and_no_details() {
    let error = Error::from(Kind::Unavailable {
        sidecar: "python".into(),
        reason: Reason::new("it exited with code 3", "hunter2 in /opt/ledger".into()),
    });
    let exit = Exit {
        code: Some(3),
        signal: None,
        stderr: vec!["hunter2".into(), "in /opt/ledger".into()],
    };
    let changes = [
        Change::Restarting {
            failure: Some((&error).into()),
            exit: Some(exit.clone()),
        },
        Change::Failed {
            failure: (&error).into(),
            exit: Some(exit),
        },
    ];
    for change in changes {
        let status = first().after(change).expect("it was starting");
        let whole = serde_json::to_string(&status).expect("JSON");
        assert!(
            whole.contains("unavailable: hunter2 in /opt/ledger"),
            "{whole}"
        );
        let seen = serde_json::to_value(status.for_pages()).expect("JSON");
        let text = seen.to_string();
        assert!(
            !text.contains("hunter2") && !text.contains("/opt/ledger"),
            "{text}"
        );
        let state = &seen["state"];
        assert_eq!(
            state["problem"]["detail"],
            "sidecar `python` is unavailable: it exited with code 3"
        );
        assert_eq!(
            (&state["exit"]["code"], state.get("details")),
            (&3.into(), None)
        );
    }
}

#[test]
fn a_page_does_not_hear_why_a_spare_is_unfit() {
    let mut status = first();
    status.spare = Some(Spare {
        phase: SparePhase::Unfit,
        pid: None,
        memory_bytes: None,
        reason: Some("it opens /home/ada/ledger.log to write to it".into()),
    });
    let seen = serde_json::to_value(status.for_pages()).expect("JSON");
    assert_eq!(seen["spare"]["phase"], "unfit");
    assert!(!seen.to_string().contains("/home/ada"), "{seen}");
}

#[test]
fn a_spare_is_seen_in_the_status_and_wakes_nobody() {
    let name = crate::config::SidecarName::try_from("python".to_owned()).expect("valid");
    let cell = StatusCell::new(&name);
    let seen = cell.subscribe();
    cell.set_spare(Some(Spare {
        phase: SparePhase::Preparing,
        pid: Some(7),
        memory_bytes: None,
        reason: None,
    }));
    let status = cell.current();
    assert_eq!(
        (status.revision, status.spare.and_then(|spare| spare.pid)),
        (0, Some(7))
    );
    assert!(!seen.has_changed().expect("the cell lives"));
}
