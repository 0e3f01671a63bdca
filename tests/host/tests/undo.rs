//! What a sidecar's calls made is undone, over the host endpoint's real socket.
#![cfg(unix)]

mod support;

use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::{Request, body::Bytes, client::conn::http1};
use hyper_util::rt::TokioIo;
use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::{Value, json};
use support::{Joined, PATIENCE, until};
use tauri::Manager;
use test_host::{Gate, Noted};
use tokio::{net::UnixStream, time::timeout};

const CLOSE: &str = r#"{"command":"plugin:resources|close","answer":{"rid":""}}"#;
const CLOSE_FIRST: &str = r#"{"command":"plugin:resources|close","answer":{"rid":"/0"}}"#;

async fn joined() -> Joined {
    Joined::among(&["main", "tools-1"], json!({})).await
}

fn request(
    python: &Joined,
    window: &str,
    command: &str,
    undo: &str,
    body: &Value,
) -> Request<Full<Bytes>> {
    python
        .request("POST", &format!("/v1/invoke/{command}"))
        .header("bridge-window", window)
        .header("bridge-undo", undo)
        .body(Full::from(body.to_string()))
        .expect("a request")
}

/// Makes something, and gives its answer and what the reply says of how it is undone.
async fn make(
    python: &Joined,
    window: &str,
    command: &str,
    undo: &str,
    body: Value,
) -> (Value, Option<String>) {
    let stream = UnixStream::connect(python.socket()).await.expect("accepts");
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.expect("HTTP");
    tokio::spawn(connection);
    let sent = sender.send_request(request(python, window, command, undo, &body));
    let response = timeout(PATIENCE, sent)
        .await
        .expect("in time")
        .expect("an answer");
    let undo = response.headers().get("bridge-undo").cloned();
    let body = response
        .into_body()
        .collect()
        .await
        .expect("a body")
        .to_bytes();
    let undo = undo.map(|undo| undo.to_str().expect("ASCII").to_owned());
    (serde_json::from_slice(&body).expect("JSON"), undo)
}

fn pixel() -> Value {
    json!({ "rgba": [0, 0, 0, 0], "width": 1, "height": 1 })
}

/// How many resources the app and each of its webviews have.
fn resources(python: &Joined) -> Vec<usize> {
    let app = &python.host.app;
    let mut counts = vec![app.resources_table().names().count()];
    for label in ["main", "tools-1"] {
        let window = app.get_webview_window(label);
        counts.extend(window.map(|window| window.as_ref().resources_table().names().count()));
    }
    counts
}

/// Kills the sidecar's process group, and waits for the end of the generation.
async fn kill(python: &Joined) {
    let group = python.hello["processGroup"].as_i64().expect("a group");
    let group = i32::try_from(group).ok().and_then(Pid::from_raw);
    kill_process_group(group.expect("a pid"), Signal::KILL).expect("it lives");
    until(&python.host.python(), |status| {
        status.generation > 1
            || !matches!(
                status.state,
                tauri_plugin_sidecar_bridge::State::Starting { .. }
            )
    })
    .await;
}

async fn back_to(python: &Joined, counts: &[usize]) {
    let back = async {
        while resources(python) != counts {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(PATIENCE, back).await.expect("it is undone");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_sidecar_leaves_as_many_resources_as_there_were() {
    let python = joined().await;
    let before = resources(&python);
    // The scope takes no folder whose name begins with a dot.
    let directory = tempfile::Builder::new().prefix("undo").tempdir_in("/tmp");
    let directory = directory.expect("a directory");
    let path = directory.path().join("f");
    std::fs::write(&path, "x").expect("it writes");
    for _ in 0..3 {
        make(&python, "main", "plugin:image%7Cnew", CLOSE, pixel()).await;
        make(&python, "tools-1", "plugin:image%7Cnew", CLOSE, pixel()).await;
        let file = json!({ "path": path });
        let (rid, undo) = make(&python, "main", "plugin:fs%7Copen", CLOSE, file).await;
        assert!(rid.is_u64() && undo.is_some(), "{rid}");
        let item =
            json!({ "kind": "MenuItem", "options": { "text": "a" }, "handler": "__CHANNEL__:1" });
        let (item, undo) = make(&python, "main", "plugin:menu%7Cnew", CLOSE_FIRST, item).await;
        assert!(item[0].is_u64() && undo.is_some(), "{item}");
    }
    let added: Vec<usize> = [0, 9, 3].iter().zip(&before).map(|(a, b)| a + b).collect();
    assert_eq!(resources(&python), added);
    kill(&python).await;
    assert_eq!(resources(&python), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_made_after_the_end_of_its_generation_is_undone_at_once() {
    let python = joined().await;
    let before = resources(&python);
    let stream = UnixStream::connect(python.socket()).await.expect("accepts");
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.expect("HTTP");
    tokio::spawn(connection);
    let sent = sender.send_request(request(&python, "main", "make_at_gate", CLOSE, &json!({})));
    let making = tokio::spawn(sent);
    let gate = python.host.app.state::<Gate>();
    gate.come.acquire().await.expect("it comes").forget();
    kill(&python).await;
    gate.open.add_permits(1);
    let answer = timeout(PATIENCE, making).await.expect("in time");
    let answer = answer.expect("no panic").expect("an answer");
    assert!(!answer.headers().contains_key("bridge-undo"));
    back_to(&python, &before).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_made_for_a_caller_that_has_left_is_undone() {
    let python = joined().await;
    let before = resources(&python);
    let gate = python.host.app.state::<Gate>();
    let stream = UnixStream::connect(python.socket()).await.expect("accepts");
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.expect("HTTP");
    let connection = tokio::spawn(connection);
    let sent = sender.send_request(request(&python, "main", "make_at_gate", CLOSE, &json!({})));
    let making = tokio::spawn(sent);
    gate.come.acquire().await.expect("it comes").forget();
    connection.abort();
    drop(making.await);
    // The host sees the end of the connection before it sees another call.
    python.post("/v1/invoke/greet", r#"{"name":"Ada"}"#).await;
    gate.open.add_permits(1);
    let told = async {
        // The gate is passed, and what came through it is gone again.
        while gate.open.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, told).await.expect("it goes on");
    back_to(&python, &before).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_number_undoes_once_and_delete_forgets() {
    let python = joined().await;
    let before = resources(&python);
    let (_, undo) = make(&python, "main", "plugin:image%7Cnew", CLOSE, pixel()).await;
    let undo = undo.expect("a number");
    let (number, window) = undo.split_once("; window=").expect("its window");
    assert_eq!(window, "main");
    let path = format!("/v1/undo/{number}");
    let delete = |path: &str| {
        let request = python.request("DELETE", path).body(Full::default());
        request.expect("a request")
    };
    assert_eq!(python.post(&path, "").await, (204, Value::Null));
    assert_eq!(resources(&python), before);
    for (status, problem) in [
        python.post(&path, "").await,
        python.json(delete(&path)).await,
        python.post("/v1/undo/x", "").await,
    ] {
        assert_eq!((status, &problem["code"]), (404, &json!("not_found")));
    }
    let (_, undo) = make(&python, "main", "plugin:image%7Cnew", CLOSE, pixel()).await;
    let undo = undo.expect("a number");
    let (number, _) = undo.split_once(';').expect("its window");
    let forgotten = python.json(delete(&format!("/v1/undo/{number}"))).await;
    assert_eq!(forgotten, (204, Value::Null));
    let made = resources(&python);
    kill(&python).await;
    assert_eq!(resources(&python), made, "it stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_is_undone_first_and_a_refusal_stops_nothing() {
    let python = joined().await;
    for text in ["a", "b", "c"] {
        let undo = format!(r#"{{"command":"note","args":{{"text":"undo {text}"}}}}"#);
        make(&python, "main", "note", &undo, json!({ "text": text })).await;
        make(
            &python,
            "main",
            "note",
            r#"{"command":"secret"}"#,
            json!({ "text": "-" }),
        )
        .await;
    }
    kill(&python).await;
    let noted = python.host.app.state::<Noted>().all();
    let undone: Vec<_> = noted
        .iter()
        .filter(|text| text.starts_with("undo"))
        .collect();
    assert_eq!(undone, ["undo c", "undo b", "undo a"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_takes_along_what_was_made_in_it() {
    let python = joined().await;
    let undo = r#"{"command":"note","args":{"text":"undone"}}"#;
    let (_, number) = make(&python, "tools-1", "note", undo, json!({ "text": "made" })).await;
    let window = python.host.app.get_webview_window("tools-1");
    // The mock runtime closes a webview at once, and its window when the loop runs, at the end of the app.
    let window = window.expect("open");
    window.as_ref().close().expect("it closes");
    window.destroy().expect("it closes");
    let number = number.expect("a number");
    let path = format!("/v1/undo/{}", number.split_once(';').expect("its window").0);
    let closed = async {
        while python.host.app.get_webview_window("tools-1").is_some() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(PATIENCE, closed).await.expect("it closes");
    assert_eq!(python.post(&path, "").await.0, 404);
    kill(&python).await;
    assert_eq!(python.host.app.state::<Noted>().all(), ["made"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_the_apps_is_undone_in_another_window() {
    let python = joined().await;
    let mut numbers = Vec::new();
    for text in ["asked", "at the end"] {
        let undo =
            format!(r#"{{"command":"note","args":{{"text":"undo, {text}"}},"anywhere":true}}"#);
        let (_, number) = make(&python, "tools-1", "note", &undo, json!({ "text": "made" })).await;
        numbers.push(number.expect("a number"));
    }
    let window = python.host.app.get_webview_window("tools-1");
    let window = window.expect("open");
    window.as_ref().close().expect("it closes");
    window.destroy().expect("it closes");
    let closed = async {
        while python.host.app.get_webview_window("tools-1").is_some() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(PATIENCE, closed).await.expect("it closes");
    let (number, _) = numbers[0].split_once(';').expect("its window");
    assert_eq!(python.post(&format!("/v1/undo/{number}"), "").await.0, 204);
    kill(&python).await;
    let noted = python.host.app.state::<Noted>().all();
    assert_eq!(noted, ["made", "made", "undo, asked", "undo, at the end"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_more_than_may_be_left_is_refused_before_it_runs() {
    let python = joined().await;
    let undo = r#"{"command":"note","args":{"text":"undone"}}"#;
    for _ in 0..4096 {
        make(&python, "main", "note", undo, json!({ "text": "" })).await;
    }
    let (problem, none) = make(&python, "main", "note", undo, json!({ "text": "more" })).await;
    assert_eq!(
        (&problem["code"], none),
        (&json!("resource_exhausted"), None)
    );
    let noted = python.host.app.state::<Noted>().all();
    assert!(!noted.contains(&"more".to_owned()));
    // Nothing is asked of a call that wants nothing undone.
    let (status, _) = python.post("/v1/invoke/note", r#"{"text":"plain"}"#).await;
    assert_eq!(status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_does_not_fit_is_refused_before_the_command_runs() {
    let python = joined().await;
    for order in [
        "x",
        r#"{"command":1}"#,
        r#"{"command":"note","answer":{"text":"0"}}"#,
    ] {
        let (problem, _) = make(&python, "main", "note", order, json!({ "text": "x" })).await;
        assert_eq!(problem["code"], "invalid_argument", "{problem}");
    }
    let with_channels = python
        .request("POST", "/v1/invoke/keep")
        .header("bridge-undo", CLOSE)
        .header("bridge-channels", "onText")
        .body(Full::default())
        .expect("a request");
    let (status, problem) = python.json(with_channels).await;
    assert_eq!(
        (status, &problem["code"]),
        (422, &json!("invalid_argument"))
    );
    assert!(python.host.app.state::<Noted>().all().is_empty());
}
