use super::*;

fn transport(progress: Progress) -> Kind {
    Kind::Transport {
        sidecar: "python".into(),
        progress,
        source: "closed".into(),
    }
}

/// Each way in which a request can end in an error, and whether it may be sent again unasked.
#[test]
fn only_what_has_done_nothing_yet_may_be_sent_again() {
    let text = String::new;
    let request = || "POST /orders".to_owned();
    let timeout = std::time::Duration::from_secs(1);
    let table = [
        (
            Kind::Unavailable {
                sidecar: text(),
                reason: text(),
            },
            true,
        ),
        (Kind::AppEnds, true),
        (Kind::NoWindow, true),
        (
            Kind::TooManyWaiting {
                sidecar: text(),
                limit: 1,
            },
            true,
        ),
        (
            Kind::ReadyTimeout {
                sidecar: text(),
                timeout,
            },
            true,
        ),
        (
            Kind::NeverReady {
                sidecar: text(),
                reason: text(),
            },
            true,
        ),
        (transport(Progress::NotSent), true),
        (transport(Progress::PerhapsCarriedOut), false),
        (transport(Progress::Answered), false),
        (
            Kind::Ended {
                sidecar: text(),
                reason: text(),
                progress: Progress::NotSent,
            },
            true,
        ),
        (
            Kind::Ended {
                sidecar: text(),
                reason: text(),
                progress: Progress::PerhapsCarriedOut,
            },
            false,
        ),
        (
            Kind::Deadline {
                request: request(),
                timeout,
            },
            false,
        ),
        (
            Kind::Expired {
                request: request(),
                timeout,
            },
            false,
        ),
        (Kind::Cancelled(text()), false),
        (Kind::Unanswered(text()), false),
        (
            Kind::Answered {
                request: request(),
                status: 503,
                data: None,
            },
            false,
        ),
        (
            Kind::Answered {
                request: request(),
                status: 504,
                data: None,
            },
            false,
        ),
        (Kind::BodyTooLarge { limit_bytes: 1 }, false),
        (Kind::InvalidRequest(text()), false),
        (Kind::Unauthenticated, false),
        (Kind::UnknownCommand(text()), false),
    ];
    for (kind, retryable) in table {
        let error = Error::from(kind);
        assert_eq!(error.is_retryable(), retryable, "{error:?}");
        assert_eq!(error.problem().retryable, retryable, "{error:?}");
        assert_eq!(error.problem().code, error.code());
    }
}

#[test]
fn what_got_no_connection_may_be_sent_again() {
    let error = Error::from(Kind::Busy {
        sidecar: "python".into(),
        most: 64,
        patience: std::time::Duration::from_secs(30),
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
    assert!(wire.contains("writing the file"), "{wire}");
}
