//! What pages learn of a sidecar's status: with the permission to read the log, and without it.
#![cfg(unix)]

mod support;

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use serde_json::{Value, json};
use support::{Host, PATIENCE, ready, until};
use tauri::{
    AppHandle, Listener, Manager,
    ipc::{CallbackFn, InvokeBody},
    test::{MockRuntime, get_ipc_response},
    webview::InvokeRequest,
};
use tauri_plugin_sidecar_bridge::State;
use test_host::App;
use tokio::{sync::oneshot, time::timeout};

/// What a sidecar wrote that no page should see without the permission.
const WRITTEN: [&str; 3] = ["hunter2", "Traceback", "/opt/ledger"];
const SHORT: &str = "sidecar `python` is unavailable: it exited with code 3 before it was ready";

/// The call of a window's page to a command of the plugin.
fn call(
    app: &AppHandle<MockRuntime>,
    window: &str,
    command: &str,
    body: InvokeBody,
) -> Result<Value, Value> {
    let window = app.get_webview_window(window).expect("the window is open");
    let request = InvokeRequest {
        cmd: format!("plugin:sidecar-bridge|{command}"),
        callback: CallbackFn(0),
        error: CallbackFn(1),
        url: "tauri://localhost".parse().expect("a url"),
        body,
        headers: tauri::http::HeaderMap::new(),
        invoke_key: app.invoke_key().into(),
    };
    get_ipc_response(&window, request).map(|body| body.deserialize().expect("JSON"))
}

fn ask(host: &Host, window: &str, command: &str, arguments: Value) -> Result<Value, Value> {
    call(&host.app, window, command, InvokeBody::Json(arguments))
}

/// Waits for a status after the one of that revision, as the page of `main`. A thread that nobody joins: a wait that never
/// ends fails its test and does not hold it up.
fn next(host: &Host, exchange: &str, revision: u64) -> oneshot::Receiver<Result<Value, Value>> {
    let app = host.app.clone();
    let arguments = json!({ "exchange": exchange, "sidecar": null, "revision": revision });
    let (answer, answered) = oneshot::channel();
    std::thread::spawn(move || {
        let said = call(&app, "main", "next_status", InvokeBody::Json(arguments));
        // Nobody waits after the test has failed.
        drop(answer.send(said));
    });
    answered
}

async fn within<T>(answered: oneshot::Receiver<T>) -> T {
    let done = timeout(PATIENCE, answered).await;
    done.expect("in time").expect("an answer")
}

fn assert_open(said: &Value) {
    let text = said.to_string();
    for word in WRITTEN {
        assert!(!text.contains(word), "{text}");
    }
}

/// A frame with the head of a request, see `guest::frame`.
fn frame(head: &Value) -> InvokeBody {
    let head = head.to_string().into_bytes();
    let length = u32::try_from(head.len()).expect("it is short");
    InvokeBody::Raw([&length.to_be_bytes()[..], &head].concat())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_learns_how_a_sidecar_ended_and_nothing_that_it_wrote() {
    let app = App {
        windows: &["main", "reader"],
        ..App::default()
    };
    let script = "echo 'Traceback: hunter2 in /opt/ledger' >&2; exit 3";
    let spawn = json!({ "command": ["sh", "-c", script], "cwd": "/tmp", "restart": false });
    let host = Host::start_with(json!({ "sidecars": { "python": { "spawn": spawn } } }), app);
    let python = host.python();
    let failed = until(&python, |now| matches!(now.state, State::Failed { .. })).await;

    for window in ["main", "reader"] {
        let status = ask(&host, window, "status", json!({})).expect("granted by default");
        assert_open(&status);
        let state = &status["state"];
        assert_eq!(state["phase"], "failed");
        assert_eq!(state["problem"]["detail"], SHORT);
        assert_eq!(state["problem"]["code"], "unavailable");
        assert_eq!(
            state["exit"],
            json!({ "code": 3, "signal": null, "stderr": [] })
        );
        let arguments = json!({ "exchange": "next", "sidecar": "python", "revision": 0 });
        let next = ask(&host, window, "next_status", arguments).expect("there is a later one");
        assert_eq!(next, status);

        let request = json!({
            "exchange": "1", "sidecar": null, "method": "GET", "path": "/", "headers": [], "streams": false,
            "bodyBytes": null, "cookies": false, "waitMs": null,
        });
        let refused = call(&host.app, window, "fetch", frame(&request)).expect_err("it has failed");
        assert_eq!(refused["detail"], SHORT);
        let request = json!({
            "exchange": "2", "sidecar": null, "path": "/ws", "protocols": [], "headers": [], "waitMs": null,
        });
        let refused = ask(&host, window, "connect", json!({ "request": request }));
        assert_eq!(refused.expect_err("it has failed")["detail"], SHORT);
    }

    for command in ["diagnose", "logs"] {
        let refusal = ask(&host, "main", command, json!({})).expect_err("not granted");
        assert!(refusal.to_string().contains("not allowed"), "{refusal}");
    }
    let whole = ask(&host, "reader", "diagnose", json!({})).expect("granted");
    assert_eq!(whole, serde_json::to_value(&failed).expect("JSON"));
    let line = "Traceback: hunter2 in /opt/ledger";
    assert_eq!(whole["state"]["exit"]["stderr"], json!([line]));
    let details = whole["state"]["details"].as_str().expect("text");
    assert!(details.contains(line), "{details}");

    for command in ["start", "restart"] {
        let refused = ask(&host, "reader", command, json!({})).expect_err("it fails again");
        assert_open(&refused);
        assert_eq!(refused["detail"], SHORT);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_waits_for_each_change_and_may_give_up() {
    let host = Host::serving(json!({}));
    let python = host.python();
    ready(&python, 1).await;
    let status = ask(&host, "main", "status", json!({})).expect("granted by default");
    let mut revision = status["revision"].as_u64().expect("a number");

    let waiting = next(&host, "given up", revision);
    ask(&host, "main", "cancel", json!({ "exchange": "given up" })).expect("granted by default");
    let given_up = within(waiting).await.expect_err("it was given up");
    assert_eq!(given_up["code"], "cancelled");

    let restarting = tokio::spawn(async move { python.restart().await });
    let mut phases = Vec::new();
    while phases.last().is_none_or(|(_, phase)| phase != "ready") {
        let waiting = next(&host, &format!("after {revision}"), revision);
        let status = within(waiting).await.expect("a change");
        let later = status["revision"].as_u64().expect("a number");
        assert!(later > revision, "{later} after {revision}");
        revision = later;
        let phase = status["state"]["phase"].as_str().expect("text").to_owned();
        phases.push((status["generation"].as_u64(), phase));
    }
    restarting
        .await
        .expect("no panic")
        .expect("it serves again");
    assert_eq!(phases.last(), Some(&(Some(2), "ready".to_owned())));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_event_tells_others_of_a_status() {
    let host = Host::serving(json!({}));
    let heard = Arc::new(AtomicUsize::new(0));
    let count = heard.clone();
    host.app
        .listen_any("plugin:sidecar-bridge:status-changed", move |_| {
            count.fetch_add(1, Ordering::Relaxed);
        });
    let python = host.python();
    ready(&python, 1).await;
    python.restart().await.expect("it serves again");
    assert_eq!(heard.load(Ordering::Relaxed), 0);
}
