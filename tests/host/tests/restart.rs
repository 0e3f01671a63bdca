//! A sidecar that ends by itself is started again, and nobody who calls it meanwhile is turned away.
#![cfg(unix)]

mod support;

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use support::{Host, PATIENCE, ask, ready, until};
use tauri_plugin_sidecar_bridge::{Error, ErrorCode, Method, State};
use tokio::io::{AsyncBufReadExt, BufReader};

fn host() -> Host {
    Host::serving(json!({}))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_costs_only_the_request_that_met_it() {
    let host = host();
    let python = host.python();
    let error = ask::<Value>(&python, Method::POST, "/die")
        .await
        .expect_err("it dies");
    assert_eq!(error.code(), ErrorCode::Unavailable);
    assert!(
        error
            .to_string()
            .contains("it may have carried the request out"),
        "{error}"
    );
    let reply: Value = ask(&python, Method::POST, "/next")
        .await
        .expect("the next generation answers");
    assert_eq!(reply["path"], "/next");
    assert_eq!(python.status().generation, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_end_is_told_with_its_reason() {
    let host = host();
    let python = host.python();
    let pid = ready(&python, 1).await;
    let mut status = python.subscribe();
    kill_process(pid, Signal::KILL).expect("it lives");
    let mut seen = Vec::new();
    while seen.len() < 3 {
        let changed = tokio::time::timeout(PATIENCE, status.changed()).await;
        changed.expect("in time").expect("the host lives");
        seen.push(status.borrow_and_update().clone());
    }
    let State::Restarting {
        problem: Some(problem),
        ..
    } = &seen[0].state
    else {
        panic!("not restarting: {:?}", seen[0]);
    };
    assert!(problem.detail.contains("SIGKILL"), "{problem}");
    assert_eq!(
        (seen[1].generation, &seen[1].state),
        (2, &State::Starting { activity: None })
    );
    assert!(matches!(seen[2].state, State::Ready { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn idempotent_requests_survive_kills_at_any_moment() {
    const KILLS: u32 = 4;
    let host = host();
    let python = host.python();
    ready(&python, 1).await;
    let answered: Arc<[AtomicU32; 8]> = Arc::default();
    let callers: Vec<_> = (0..8)
        .map(|caller| {
            let (python, answered) = (python.clone(), answered.clone());
            tokio::spawn(async move {
                let (mut calls, mut failed) = (0_u32, Vec::<Error>::new());
                while python.status().generation <= KILLS || calls < 50 {
                    let path = format!("/{caller}/{calls}");
                    match ask::<Value>(&python, Method::GET, &path).await {
                        Ok(reply) => assert_eq!(reply["path"], path, "somebody else's answer"),
                        Err(error) => failed.push(error),
                    }
                    calls += 1;
                    answered[caller].store(calls, Ordering::Relaxed);
                }
                (calls, failed)
            })
        })
        .collect();
    for generation in 1..=KILLS {
        let pid = ready(&python, generation).await;
        // A request that two generations died with is not sent to a third.
        let before = answered
            .each_ref()
            .map(|calls| calls.load(Ordering::Relaxed));
        let advanced = async {
            while (0..8).any(|caller| answered[caller].load(Ordering::Relaxed) == before[caller]) {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::time::timeout(PATIENCE, advanced)
            .await
            .expect("each caller is answered");
        tokio::time::sleep(Duration::from_millis(u64::from(generation) * 17)).await;
        kill_process(pid, Signal::KILL).expect("it lives");
        until(&python, |status| status.generation > generation).await;
    }
    for caller in callers {
        let (calls, failed) = tokio::time::timeout(PATIENCE, caller)
            .await
            .expect("no hang")
            .expect("no panic");
        assert!(failed.is_empty(), "{} of {calls}: {failed:?}", failed.len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sidecar_that_ends_at_once_is_started_five_times_and_then_failed() {
    let directory = tempfile::tempdir().expect("a directory");
    let log = directory.path().join("starts");
    let script = format!(
        "echo x >> {}; echo no such thing >&2; exit 3",
        log.display()
    );
    let host = Host::spawning(&["sh", "-c", &script]);
    let failed = until(&host.python(), |status| {
        matches!(status.state, State::Failed { .. })
    })
    .await;
    let State::Failed {
        details: Some(details),
        ..
    } = failed.state
    else {
        unreachable!()
    };
    assert!(
        details.contains(
            "exited with code 3 before it was ready; it last said: no such thing; given up after 5 crashes"
        ),
        "{details}"
    );
    assert_eq!(failed.generation, 5);
    assert_eq!(
        std::fs::read_to_string(log)
            .expect("it ran")
            .lines()
            .count(),
        5
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn restarts_can_be_switched_off() {
    let spawn = json!({ "command": ["false"], "cwd": "/tmp", "restart": false });
    let host = Host::start(json!({ "sidecars": { "python": { "spawn": spawn } } }));
    let failed = until(&host.python(), |status| {
        matches!(status.state, State::Failed { .. })
    })
    .await;
    assert_eq!(failed.generation, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_host_can_end_between_two_generations() {
    let mut host = Host::spawning(&["false"]);
    let python = host.python();
    until(&python, |status| {
        matches!(status.state, State::Restarting { .. })
    })
    .await;
    host.stop();
    let state = python.status().state;
    assert!(
        matches!(state, State::Stopped | State::Failed { .. }),
        "{state:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_of_a_former_generation_is_refused() {
    use http_body_util::Full;

    let directory = tempfile::tempdir().expect("a directory");
    let fifo = directory.path().join("hello");
    assert!(
        std::process::Command::new("mkfifo")
            .arg(&fifo)
            .status()
            .expect("runs")
            .success()
    );
    let pipe = tokio::net::unix::pipe::OpenOptions::new()
        .read_write(true)
        .open_receiver(&fifo)
        .expect("the fifo opens");
    let mut lines = BufReader::new(pipe).lines();
    let host = Host::spawning(&["python3", support::HAND_OVER, path(&fifo)]);

    let mut generation = async || -> (Pid, Value) {
        let pid = lines.next_line().await.expect("text").expect("a line");
        let hello = lines.next_line().await.expect("text").expect("a line");
        let pid = pid.parse().ok().and_then(Pid::from_raw).expect("a pid");
        (pid, serde_json::from_str(&hello).expect("JSON"))
    };
    let (pid, first) = generation().await;
    let health = |hello: &Value| {
        let token = format!("Bearer {}", hello["token"].as_str().expect("a token"));
        hyper::Request::get("/health")
            .header("host", "localhost")
            .header("authorization", token)
            .body(Full::default())
            .expect("a request")
    };
    let socket = first["host"]["unix"].as_str().expect("a path").to_owned();
    assert_eq!(
        support::send(Path::new(&socket), health(&first)).await.0,
        200
    );
    kill_process(pid, Signal::KILL).expect("it lives");
    let (_, second) = generation().await;
    assert_eq!(second["generation"], 2);
    assert_eq!(
        second["host"], first["host"],
        "the endpoint stays where it is"
    );
    assert_eq!(
        support::send(Path::new(&socket), health(&first)).await.0,
        401
    );
    assert_eq!(
        support::send(Path::new(&socket), health(&second)).await.0,
        200
    );
    drop(host);
}

fn path(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_launcher_that_outlives_its_python_is_ended_and_started_again() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sidecar.py");
    let shell = format!("python3 {script} {}; sleep 1000", env!("CARGO_PKG_VERSION"));
    let host = Host::spawning(&["sh", "-c", &shell]);
    let python = host.python();
    ready(&python, 1).await;
    let died: Result<Value, _> = ask(&python, Method::POST, "/die").await;
    died.expect_err("it has ended");
    let restarting = until(&python, |status| {
        matches!(status.state, State::Restarting { .. })
    })
    .await;
    let State::Restarting {
        problem: Some(problem),
        ..
    } = restarting.state
    else {
        panic!("no reason: {restarting:?}");
    };
    assert!(
        problem
            .detail
            .contains("the program that started it lives on"),
        "{problem}"
    );
    ready(&python, 2).await;
    let answer: Value = ask(&python, Method::GET, "/a").await.expect("answered");
    assert_eq!(answer["path"], "/a");
}
