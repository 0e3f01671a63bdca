//! A sidecar that does not answer any more: busy is told from dead.
#![cfg(unix)]

mod support;

use std::time::{Duration, Instant};

use rustix::process::{Signal, kill_process};
use serde_json::{Value, json};
use support::{Host, ask, ready, until};
use tauri_plugin_sidecar_bridge::{Method, State};

#[tokio::test(flavor = "multi_thread")]
async fn a_blocked_event_loop_is_unresponsive_until_it_turns_again() {
    let host = Host::serving(json!({}));
    let python = host.python();
    ready(&python, 1).await;
    let call = async |path| -> Value {
        let called = ask(&python, Method::POST, path).await;
        called.expect("its other threads serve")
    };
    call("/block").await;
    let blocked_at = Instant::now();
    until(&python, |status| {
        matches!(status.state, State::Unresponsive { .. })
    })
    .await;
    println!("unresponsive after {:?}", blocked_at.elapsed());
    call("/unblock").await;
    ready(&python, 1).await;
    assert_eq!(python.status().generation, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_process_is_dead_and_started_again() {
    let host = Host::serving(json!({}));
    let python = host.python();
    let pid = ready(&python, 1).await;
    kill_process(pid, Signal::STOP).expect("it lives");
    let stopped_at = Instant::now();
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
        problem.detail.contains("nothing in it answered"),
        "{problem}"
    );
    ready(&python, 2).await;
    println!("restarted after {:?}", stopped_at.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sidecar_that_is_blocked_for_too_long_can_be_started_again() {
    let host = Host::serving(json!({ "watchdog": { "restartAfterMs": 1 } }));
    let python = host.python();
    ready(&python, 1).await;
    let called = ask::<Value>(&python, Method::POST, "/block").await;
    called.expect("an answer");
    ready(&python, 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_looks_when_it_is_switched_off() {
    let host = Host::serving(json!({ "watchdog": "off" }));
    let python = host.python();
    let pid = ready(&python, 1).await;
    kill_process(pid, Signal::STOP).expect("it lives");
    let mut status = python.subscribe();
    let changed = tokio::time::timeout(Duration::from_secs(6), status.changed()).await;
    assert!(changed.is_err(), "{:?}", python.status());
    kill_process(pid, Signal::CONT).expect("it lives");
}
