use std::{collections::BTreeMap, time::Duration};

use serde::Deserialize;
use serde_json::Value;

use super::*;

fn transport(progress: Progress) -> Kind {
    Kind::Transport {
        sidecar: "python".into(),
        progress,
        source: "closed".into(),
    }
}

/// A row of `tests/outcomes.json`, which all languages and test kits read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Outcome {
    name: String,
    code: ErrorCode,
    retryable: bool,
    told_by: Vec<String>,
}

fn fault() -> Kind {
    Kind::OpenAcl {
        version: "2.12.0",
        answer: "with success".into(),
    }
}

fn disk_full() -> Kind {
    Kind::File {
        attempt: "the download cannot be saved",
        source: std::io::ErrorKind::StorageFull.into(),
    }
}

fn encoded() -> Kind {
    Kind::Encoded {
        request: "GET /export".into(),
        coding: "gzip".into(),
    }
}

/// The error of each outcome.
fn causes() -> BTreeMap<&'static str, Kind> {
    let text = String::new;
    let request = || "POST /orders".to_owned();
    let timeout = Duration::from_secs(1);
    let answered = |status| Kind::Answered {
        request: request(),
        status,
        data: None,
    };
    let ended = |progress| Kind::Ended {
        sidecar: text(),
        reason: "".into(),
        progress,
    };
    BTreeMap::from([
        ("never sent", transport(Progress::NotSent)),
        (
            "stopped",
            Kind::Unavailable {
                sidecar: text(),
                reason: "".into(),
            },
        ),
        ("ended before", ended(Progress::NotSent)),
        ("app ends", Kind::AppEnds),
        ("no window", Kind::NoWindow),
        (
            "never ready",
            Kind::NeverReady {
                sidecar: text(),
                reason: "".into(),
            },
        ),
        (
            "waited in vain",
            Kind::ReadyTimeout {
                sidecar: text(),
                timeout,
            },
        ),
        (
            "too many wait",
            Kind::TooManyWaiting {
                sidecar: text(),
                limit: 1,
            },
        ),
        ("broke off", transport(Progress::PerhapsCarriedOut)),
        ("ended meanwhile", ended(Progress::PerhapsCarriedOut)),
        ("broke off in the answer", transport(Progress::Answered)),
        (
            "caller's deadline",
            Kind::Deadline {
                request: request(),
                timeout,
            },
        ),
        (
            "callee's deadline",
            Kind::Expired {
                request: request(),
                timeout,
            },
        ),
        ("cancelled", Kind::Cancelled(text())),
        ("no end", Kind::Unanswered(text())),
        ("answered 503", answered(503)),
        ("answered 504", answered(504)),
        ("answered 429", answered(429)),
        (
            "command's error",
            Kind::Command {
                command: text(),
                data: Value::Null,
            },
        ),
        (
            "unreadable answer",
            Kind::Decode {
                request: request(),
                source: serde_json::from_str::<Value>("{").expect_err("it is not JSON"),
            },
        ),
        ("body too large", Kind::BodyTooLarge { limit_bytes: 1 }),
        ("disk full", disk_full()),
        ("encoded", encoded()),
        ("malformed", Kind::InvalidRequest(text())),
        ("no token", Kind::Unauthenticated),
        (
            "not granted",
            Kind::NotGranted {
                command: text(),
                principal: text(),
                window: text(),
                permission: text(),
                also: "",
            },
        ),
        ("unknown", Kind::UnknownCommand(text())),
        ("fault", fault()),
    ])
}

/// Each way in which a request can end in an error, and whether it may be sent again unasked.
#[test]
fn only_what_has_done_nothing_yet_may_be_sent_again() {
    let table = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/outcomes.json");
    let table = std::fs::read_to_string(table).expect("the table is there");
    let outcomes: Vec<Outcome> = serde_json::from_str(&table).expect("it is a table");
    let mut causes = causes();
    for outcome in outcomes {
        let ours = outcome.told_by.iter().any(|teller| teller == "rust");
        let cause = causes.remove(&*outcome.name);
        assert_eq!(cause.is_some(), ours, "{}", outcome.name);
        let Some(cause) = cause else { continue };
        let error = Error::from(cause);
        assert_eq!(error.is_retryable(), outcome.retryable, "{error:?}");
        assert_eq!(error.problem().retryable, outcome.retryable, "{error:?}");
        assert_eq!(error.code(), outcome.code, "{error:?}");
        assert_eq!(error.problem().code, outcome.code, "{error:?}");
    }
    assert!(causes.is_empty(), "no row has {:?}", causes.keys());
}

#[test]
fn what_got_no_connection_may_be_sent_again() {
    let error = Error::from(Kind::Busy {
        sidecar: "python".into(),
        most: 64,
        patience: Duration::from_secs(30),
    });
    assert!(error.is_retryable() && error.kind().progress() == Progress::NotSent);
    assert_eq!(error.code(), ErrorCode::ResourceExhausted);
}

#[test]
fn a_problem_that_came_keeps_what_it_says() {
    let mut problem = Error::from(Kind::NoWindow).problem();
    assert!(problem.retryable);
    problem.detail = "no room in the theatre".into();
    let error = Error::from(problem.clone());
    assert_eq!(error.problem(), problem);
    assert!(error.is_retryable());
}

#[test]
fn the_source_goes_to_the_log_and_not_over_the_wire() {
    let io = std::io::Error::other("/home/ada/secret is full");
    let error = Error::io("writing the file")(io);
    assert!(StdError::source(&error).is_some());
    let wire = serde_json::to_string(&error).expect("JSON");
    assert!(!wire.contains("/home/ada"), "{wire}");
}

/// Each error that has words of a sidecar or paths.
#[test]
fn no_path_and_no_line_of_a_sidecar_goes_over_a_wire() {
    const SECRETS: [&str; 3] = ["/opt/ledger", "hunter2", "Traceback"];
    let sidecar = || "python".to_owned();
    let whole = || "it exited with code 3; it last said: hunter2 Traceback /opt/ledger".to_owned();
    let reason = || Reason::new("it exited with code 3", whole());
    let error = |kind| Error::from(kind);
    let unavailable = || {
        error(Kind::Unavailable {
            sidecar: sidecar(),
            reason: reason(),
        })
    };
    let errors = [
        unavailable(),
        error(Kind::NeverReady {
            sidecar: sidecar(),
            reason: reason(),
        }),
        error(Kind::Ended {
            sidecar: sidecar(),
            reason: Reason::from(&unavailable()),
            progress: Progress::PerhapsCarriedOut,
        }),
        Failure::from(unavailable()).into(),
        error(Kind::Ended {
            sidecar: sidecar(),
            reason: Reason::from(&Error::from(Failure::from(unavailable()))),
            progress: Progress::NotSent,
        }),
        Error::io("reading /opt/ledger/main")(std::io::Error::other("/opt/ledger is hunter2")),
        error(Kind::File {
            attempt: "the download cannot be saved",
            source: std::io::Error::other("/opt/ledger is hunter2"),
        }),
        error(Kind::WrongDigest {
            program: "/opt/ledger/main".into(),
            expected: "0".into(),
            found: "1".into(),
        }),
        error(Kind::NoDirectory {
            path: "$DESKTOP/opt/ledger".into(),
            variable: "$DESKTOP",
            source: tauri::Error::UnknownPath,
        }),
    ];
    for error in errors {
        let wire = serde_json::to_string(&error).expect("JSON");
        for secret in SECRETS {
            assert!(!wire.contains(secret), "{wire}");
        }
        let said = error.to_string();
        assert!(
            said.contains("/opt/ledger"),
            "the app has all of it: {said}"
        );
    }
    let wire = unavailable().problem().detail;
    assert_eq!(
        wire,
        "sidecar `python` is unavailable: it exited with code 3"
    );
    let given_up = reason().and("; given up").to_string();
    assert!(given_up.ends_with("/opt/ledger; given up"), "{given_up}");
}
