//! A spare stands ready as the next generation, and has nothing of a sidecar until it is called.
#![cfg(unix)]

mod support;

use std::{path::Path, time::Duration};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use serde_json::{Value, json};
use support::{Host, PATIENCE, ask, ready, until};
use tauri_plugin_sidecar_bridge::{
    ErrorCode, Method, Sidecar, SidecarBridgeExt, Spare, SparePhase, State,
};
use tokio::time::{sleep, timeout};

/// A host whose sidecar has a spare that behaves so.
fn host(what: &str) -> Host {
    watching(what, &[])
}

/// The same, with directories whose changes begin another generation.
fn watching(what: &str, directories: &[&Path]) -> Host {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/spare.py");
    let spawn = json!({
        "command": ["python3", script, env!("CARGO_PKG_VERSION"), what],
        "cwd": "/tmp",
        // Nobody is patient for so long.
        "readyTimeoutMs": 120_000,
        "dev": { "standby": "app", "reload": directories },
    });
    Host::start(json!({ "sidecars": { "python": { "spawn": spawn } } }))
}

/// The spare, once it is so far. No change of the status tells of it.
async fn spare(python: &Sidecar, phase: SparePhase) -> Spare {
    let found = timeout(PATIENCE, async {
        loop {
            match python.status().spare {
                Some(spare) if spare.phase == phase => return spare,
                _ => sleep(Duration::from_millis(10)).await,
            }
        }
    });
    found
        .await
        .unwrap_or_else(|_| panic!("no spare is {phase:?}: {:?}", python.status()))
}

fn process(pid: u32) -> Pid {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    pid.expect("a process")
}

async fn waiting(python: &Sidecar) -> Pid {
    let spare = spare(python, SparePhase::Waiting).await;
    process(spare.pid.expect("it lives"))
}

async fn until_gone(pid: Pid) {
    let gone = timeout(PATIENCE, async {
        while test_kill_process(pid).is_ok() {
            sleep(Duration::from_millis(10)).await;
        }
    });
    gone.await.expect("it ends");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_spare_is_the_next_generation_after_a_crash_and_after_an_order() {
    let host = host("fit");
    let python = host.python();
    let mut serving = ready(&python, 1).await;
    for generation in 2..4 {
        let next = waiting(&python).await;
        if generation == 2 {
            kill_process(serving, Signal::KILL).expect("it lives");
        } else {
            python.restart().await.expect("it restarts");
        }
        serving = ready(&python, generation).await;
        assert_eq!(serving, next, "generation {generation}");
        let reply: Value = ask(&python, Method::GET, "/next").await.expect("an answer");
        assert_eq!(reply["path"], "/next");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_spare_is_the_next_generation_after_a_kill_of_the_watchdog_and_after_a_save() {
    let directory = tempfile::tempdir().expect("a directory");
    let host = watching("fit", &[directory.path()]);
    let python = host.python();
    let mut serving = ready(&python, 1).await;
    for generation in 2..4 {
        let next = waiting(&python).await;
        if generation == 2 {
            kill_process(serving, Signal::STOP).expect("it lives");
        } else {
            std::fs::write(directory.path().join("main.py"), "x = 2").expect("written");
        }
        serving = ready(&python, generation).await;
        assert_eq!(serving, next, "generation {generation}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_kills_the_spare_too_is_given_up() {
    let host = host("fit");
    let python = host.python();
    ready(&python, 1).await;
    let next = waiting(&python).await;
    let died = ask::<Value>(&python, Method::GET, "/die").await;
    let error = died.expect_err("it dies of it each time");
    assert_eq!(error.code(), ErrorCode::Unavailable);
    let said = error.to_string();
    assert!(said.contains("it crashed each of the"), "{said}");
    until_gone(next).await;
    let reply: Value = ask(&python, Method::GET, "/next").await.expect("an answer");
    assert_eq!(reply["path"], "/next");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spare_is_refused_a_token_until_it_is_called() {
    let host = host("curious");
    let python = host.python();
    ready(&python, 1).await;
    let next = waiting(&python).await;
    let held = spare(&python, SparePhase::Waiting).await;
    if cfg!(target_os = "linux") {
        assert!(
            held.memory_bytes.is_some_and(|bytes| bytes > 1_000_000),
            "{held:?}"
        );
    }
    python.restart().await.expect("it restarts");
    assert_eq!(
        ready(&python, 2).await,
        next,
        "it was refused a token, and went on"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sidecar_whose_spare_is_of_no_use_starts_anew() {
    for (what, phase) in [("unfit", SparePhase::Unfit), ("mute", SparePhase::Waiting)] {
        let host = host(what);
        let python = host.python();
        let first = ready(&python, 1).await;
        let found = spare(&python, phase).await;
        if phase == SparePhase::Unfit {
            assert_eq!(found.reason.as_deref(), Some("it opens /var/lib/ledger.db"));
        }
        kill_process(first, Signal::KILL).expect("it lives");
        let second = ready(&python, 2).await;
        assert_ne!(Some(second), found.pid.map(process), "{what}");
        if let Some(spare) = found.pid {
            until_gone(process(spare)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spare_that_was_killed_is_not_missed() {
    let host = host("fit");
    let python = host.python();
    let first = ready(&python, 1).await;
    kill_process(waiting(&python).await, Signal::KILL).expect("it lives");
    let ended = spare(&python, SparePhase::Unfit).await;
    assert!(ended.reason.expect("why").contains("signal: 9"));
    kill_process(first, Signal::KILL).expect("it lives");
    ready(&python, 2).await;
    waiting(&python).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_does_not_wait_for_a_spare_that_is_called_and_does_not_answer() {
    let host = host("stuck");
    let python = host.python();
    let first = ready(&python, 1).await;
    let next = spare(&python, SparePhase::Preparing).await.pid;
    kill_process(first, Signal::KILL).expect("it lives");
    until(&python, |status| status.generation == 2).await;
    python.stop().await.expect("it stops");
    until_gone(process(next.expect("it lives"))).await;
    assert_eq!(python.status().state, State::Stopped);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spare_ends_with_its_sidecar_and_with_the_app() {
    let mut host = host("fit");
    let python = host.python();
    ready(&python, 1).await;
    let first = waiting(&python).await;
    python.stop().await.expect("it stops");
    until_gone(first).await;
    assert_eq!(python.status().spare, None);
    python.start().await.expect("it starts");
    ready(&python, 2).await;
    let second = waiting(&python).await;
    host.stop();
    until_gone(second).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn before_an_update_the_spare_has_ended_too() {
    let host = host("heavy");
    let python = host.python();
    let first = ready(&python, 1).await;
    let next = waiting(&python).await;
    kill_process(first, Signal::KILL).expect("it lives");
    // Between two generations nothing else has to end, so nothing else is waited for.
    until(&python, |status| {
        matches!(status.state, State::Restarting { .. })
    })
    .await;
    host.app.sidecar_bridge().prepare_for_update().await;
    assert!(test_kill_process(next).is_err(), "the spare is there");
    assert_eq!(python.status().spare, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sidecar_that_crashes_again_and_again_is_given_up_all_the_same() {
    let host = host("fit");
    let python = host.python();
    for generation in 1..=5 {
        let pid = ready(&python, generation).await;
        if generation == 1 {
            waiting(&python).await;
        }
        kill_process(pid, Signal::KILL).expect("it lives");
    }
    let failed = until(&python, |status| {
        matches!(status.state, State::Failed { .. })
    })
    .await;
    assert_eq!((failed.generation, failed.spare), (5, None));
}
