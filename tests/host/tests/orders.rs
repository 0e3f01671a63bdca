//! A sidecar can be stopped, started and restarted, in an orderly way: nobody who calls it meanwhile loses anything.
#![cfg(unix)]

mod support;

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use serde_json::{Value, json};
use support::{Host, PATIENCE, ask, ready, until};
use tauri_plugin_sidecar_bridge::{ErrorCode, Method, Sidecar, SidecarBridgeExt, State};

fn host() -> Host {
    Host::serving(json!({}))
}

async fn post(python: &Sidecar, path: &str) -> tauri_plugin_sidecar_bridge::Result<Value> {
    ask(python, Method::POST, path).await
}

#[tokio::test(flavor = "multi_thread")]
async fn stopped_it_stays_stopped_until_it_is_started() {
    let host = host();
    let python = host.python();
    let first = ready(&python, 1).await;
    python.stop().await.expect("it stops");
    assert_eq!(python.status().state, State::Stopped);
    assert!(!Path::new(&format!("/proc/{first}")).exists());
    let error = post(&python, "/").await.expect_err("nobody serves");
    assert_eq!(error.code(), ErrorCode::Unavailable);
    python.stop().await.expect("it is stopped already");

    python.start().await.expect("it starts");
    assert_eq!(python.status().generation, 2);
    post(&python, "/").await.expect("it serves");
    python.start().await.expect("it is there already");
    assert_eq!(python.status().generation, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_sidecar_can_be_started_again_and_counts_anew() {
    let host = Host::spawning(&["false"]);
    let python = host.python();
    until(&python, |status| {
        matches!(status.state, State::Failed { .. })
    })
    .await;
    python.start().await.expect_err("it fails as before");
    assert_eq!(python.status().generation, 10, "five more tries");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sidecar_whose_ground_could_not_be_laid_starts_once_that_can_be() {
    let directory = tempfile::tempdir().expect("a directory");
    let watched = directory.path().join("watched");
    // Watched in development alone, as tests are.
    let host = Host::serving(json!({ "dev": { "reload": [watched] } }));
    let python = host.python();
    let State::Failed { problem, .. } = python.status().state else {
        panic!("{:?}", python.status());
    };
    assert_eq!(problem.code, ErrorCode::InvalidArgument, "{problem}");
    let error = python.start().await.expect_err("there is nothing to watch");
    assert_eq!(error.code(), ErrorCode::InvalidArgument, "{error}");
    python.stop().await.expect("nothing is to be stopped");
    std::fs::create_dir(&watched).expect("a directory");
    python.start().await.expect("it starts");
    post(&python, "/").await.expect("it serves");
    std::fs::write(watched.join("main.py"), "").expect("a file");
    until(&python, |status| {
        status.generation > 3 && matches!(status.state, State::Ready { .. })
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_on_its_way_is_finished_before_a_stop() {
    let host = host();
    let python = host.python();
    ready(&python, 1).await;
    let (slow, stopped) = tokio::join!(biased; post(&python, "/slow"), python.stop());
    stopped.expect("it stops");
    slow.expect("the whole answer");
}

#[tokio::test(flavor = "multi_thread")]
async fn restarts_cost_no_request_whatever_its_method() {
    const RESTARTS: u32 = 4;
    let host = host();
    let python = host.python();
    ready(&python, 1).await;
    let over = Arc::new(AtomicBool::new(false));
    let callers: Vec<_> = (0..8)
        .map(|caller| {
            let (python, over) = (python.clone(), over.clone());
            tokio::spawn(async move {
                let mut calls = 0_u32;
                while !over.load(Ordering::Relaxed) {
                    let path = format!("/{caller}/{calls}");
                    let reply = post(&python, &path).await.expect("an answer");
                    assert_eq!(reply["path"], path, "somebody else's answer");
                    calls += 1;
                }
                calls
            })
        })
        .collect();
    for restart in 1..=RESTARTS {
        python.restart().await.expect("it restarts");
        assert_eq!(python.status().generation, 1 + restart);
    }
    over.store(true, Ordering::Relaxed);
    for caller in callers {
        let calls = tokio::time::timeout(PATIENCE, caller).await;
        assert!(calls.expect("no hang").expect("no failure") > 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn before_an_update_everything_has_ended_and_stays_so() {
    let host = host();
    let python = host.python();
    let pid = ready(&python, 1).await;
    host.app.sidecar_bridge().prepare_for_update().await;
    assert!(!Path::new(&format!("/proc/{pid}")).exists());
    assert_eq!(python.status().state, State::Stopped);
    python
        .start()
        .await
        .expect_err("the app is to be restarted");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_its_files_is_a_new_generation() {
    let directory = tempfile::tempdir().expect("a directory");
    let source = directory.path().join("main.py");
    std::fs::write(&source, "x = 1").expect("written");
    let host = Host::serving(json!({ "dev": { "reload": [directory.path()] } }));
    let python = host.python();
    let first = ready(&python, 1).await;
    std::fs::write(directory.path().join("notes.txt"), "no source").expect("written");
    std::fs::write(&source, "x = 2").expect("written");
    let second = ready(&python, 2).await;
    assert_ne!(first, second);
    assert_eq!(python.status().generation, 2);
    python.stop().await.expect("it stops");
    std::fs::write(&source, "x = 3").expect("written");
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert_eq!(python.status().state, State::Stopped, "somebody wanted it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_that_cannot_be_watched_is_named() {
    let host = Host::serving(json!({ "dev": { "reload": ["/no/such/directory"] } }));
    let error = post(&host.python(), "/").await.expect_err("it failed");
    assert!(
        error
            .to_string()
            .contains("`/no/such/directory` cannot be watched"),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn several_sidecars_live_side_by_side_each_for_itself() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sidecar.py");
    let spawn = json!({ "spawn": {
        "command": ["python3", script, env!("CARGO_PKG_VERSION")], "cwd": "/tmp",
    } });
    let host = Host::start(json!({ "sidecars": { "python": spawn, "worker": spawn } }));
    let (python, worker) = (
        host.python(),
        host.app
            .sidecar_bridge()
            .sidecar("worker")
            .expect("configured"),
    );
    let (first, second) = (ready(&python, 1).await, ready(&worker, 1).await);
    assert_ne!(first, second);
    post(&python, "/die").await.expect_err("it dies");
    ready(&python, 2).await;
    assert_eq!(worker.status().generation, 1);
    worker.stop().await.expect("it stops");
    post(&python, "/").await.expect("the other serves");
    let path = PathBuf::from(format!("/proc/{first}"));
    assert!(!path.exists());
}
