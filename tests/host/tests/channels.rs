//! Commands with channels, called over the host endpoint's real socket.
#![cfg(unix)]

mod support;

use http_body_util::{BodyExt, Full};
use hyper::{Request, StatusCode, body::Incoming, client::conn::http1};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use support::{Joined, PATIENCE};
use tauri::Manager;
use test_host::{App, Page};
use tokio::{net::UnixStream, time::timeout};

const MAX_BODY_BYTES: usize = 64 * 1024;

async fn joined() -> Joined {
    Joined::start(json!({ "maxBodyBytes": MAX_BODY_BYTES })).await
}

fn request(
    python: &Joined,
    command: &str,
    channels: &str,
    body: &Value,
) -> Request<Full<hyper::body::Bytes>> {
    python
        .request("POST", &format!("/v1/invoke/{command}"))
        .header("bridge-channels", channels)
        .body(Full::from(body.to_string()))
        .expect("a request")
}

/// Calls, and gives the stream of its events.
async fn call(python: &Joined, command: &str, channels: &str, body: &Value) -> Call {
    let stream = UnixStream::connect(python.socket())
        .await
        .expect("the endpoint accepts");
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.expect("HTTP");
    tokio::spawn(connection);
    let response = sender
        .send_request(request(python, command, channels, body))
        .await
        .expect("an answer");
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let (body, text) = (response.into_body(), String::new());
    Call { body, text }
}

struct Call {
    body: Incoming,
    text: String,
}

impl Call {
    /// The next event: its name and its data, or that there is none any more.
    async fn next(&mut self) -> Option<(String, String)> {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.text = rest;
                let (name, data) = event.split_once('\n').expect("two lines");
                let name = name.strip_prefix("event: ").expect("a name").to_owned();
                let data = data.strip_prefix("data: ").expect("data").to_owned();
                return Some((name, data));
            }
            let frame = timeout(PATIENCE, self.body.frame())
                .await
                .expect("an event in time")?;
            let data = frame.expect("a frame").into_data().expect("data");
            self.text
                .push_str(std::str::from_utf8(&data).expect("UTF-8"));
        }
    }

    async fn all(mut self) -> Vec<(String, String)> {
        let mut events = Vec::new();
        while let Some(event) = self.next().await {
            events.push(event);
        }
        events
    }

    /// The problem that the call ends with, after so many messages.
    async fn problem(self, messages: usize) -> Value {
        let mut events = self.all().await;
        let (name, data) = events.pop().expect("an event");
        assert_eq!(
            (name.as_str(), events.len()),
            ("problem", messages),
            "{data}"
        );
        serde_json::from_str(&data).expect("JSON")
    }
}

fn events(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = expected
        .iter()
        .map(|(name, data)| ((*name).into(), (*data).into()));
    owned.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_come_in_order_and_then_the_result() {
    let python = joined().await;
    let body = json!({ "times": 1, "answer": { "json": [1] }, "messages": [
        { "text": { "n": 1 } }, { "bytes": 3 }, { "text": null }, { "json": "{\r\n}" }, { "bytes": 0 },
    ] });
    let told = call(&python, "tell", "onText, onBytes", &body)
        .await
        .all()
        .await;
    assert_eq!(
        told,
        events(&[
            ("channel:onText", r#"{"n":1}"#),
            ("raw:onBytes", "BwcH"),
            ("channel:onText", "null"),
            ("channel:onBytes", "{\rdata: \ndata: }"),
            ("raw:onBytes", "\ndata: "),
            ("result", "[1]"),
        ])
    );
    let body = json!({ "times": 0, "answer": { "bytes": 2 }, "messages": [] });
    let told = call(&python, "tell", "onBytes,onText", &body)
        .await
        .all()
        .await;
    assert_eq!(told, events(&[("result-raw", "Bwc=")]));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_message_before_the_answer_is_lost() {
    let python = joined().await;
    let body = json!({ "times": 20, "answer": { "json": null }, "messages": [{ "text": 1 }] });
    for _ in 0..500 {
        let told = call(&python, "tell", "onText,onBytes", &body)
            .await
            .all()
            .await;
        assert_eq!((told.len(), told[20].0.as_str()), (21, "result"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_after_the_start_is_the_last_event() {
    let python = joined().await;
    let body = json!({ "times": 1, "answer": { "error": { "kind": "tired" } }, "messages": [{ "text": 1 }] });
    let problem = call(&python, "tell", "onText,onBytes", &body)
        .await
        .problem(1)
        .await;
    assert_eq!(
        (&problem["code"], &problem["data"]),
        (&json!("failed_precondition"), &json!({ "kind": "tired" }))
    );
    let problem = call(&python, "secret", "onText", &json!({}))
        .await
        .problem(0)
        .await;
    assert_eq!(
        (&problem["code"], &problem["status"]),
        (&json!("permission_denied"), &json!(403))
    );
    let problem = call(&python, "keep", "onOther", &json!({}))
        .await
        .problem(0)
        .await;
    assert_eq!(problem["code"], "invalid_argument", "{problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_header_is_refused() {
    let python = joined().await;
    for (channels, body, detail) in [
        (
            "onText",
            json!({ "onText": 1 }),
            "argument `onText` of command `keep` is a channel and given as well",
        ),
        ("onText,onText", json!({}), "name it once"),
        ("onText", json!([]), "expected a map"),
    ] {
        let (status, problem) = python.json(request(&python, "keep", channels, &body)).await;
        let told = problem["detail"]
            .as_str()
            .is_some_and(|told| told.contains(detail));
        assert!(status == 422 && told, "{problem}");
    }
    let raw = python
        .request("POST", "/v1/invoke/keep")
        .header("bridge-channels", "onText")
        .header("content-type", "application/octet-stream")
        .body(Full::from("abc"));
    let (status, problem) = python.json(raw.expect("a request")).await;
    assert!(
        status == 422
            && problem["detail"]
                .as_str()
                .is_some_and(|told| told.contains("raw bytes")),
        "{problem}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_ends_with_the_answer_and_late_messages_go_nowhere() {
    let python = joined().await;
    let kept = call(&python, "keep", "onText", &json!({}))
        .await
        .all()
        .await;
    assert_eq!(
        kept,
        events(&[("channel:onText", "\"kept\""), ("result", "null")])
    );
    assert_eq!(
        python
            .post("/v1/invoke/tell_late", r#"{"message":1}"#)
            .await
            .0,
        200
    );
    assert_eq!(python.host.app.state::<Page>().messages(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_that_leaves_gets_nothing_more_and_nobody_else_does() {
    let python = joined().await;
    let mut held = call(&python, "hold", "onText", &json!({})).await;
    assert_eq!(
        held.next().await,
        Some(("channel:onText".into(), "\"held\"".into()))
    );
    assert_eq!(
        python
            .post("/v1/invoke/tell_late", r#"{"message":1}"#)
            .await
            .0,
        200
    );
    assert_eq!(
        held.next().await,
        Some(("channel:onText".into(), "1".into()))
    );
    drop(held);
    for _ in 0..3 {
        assert_eq!(
            python
                .post("/v1/invoke/tell_late", r#"{"message":2}"#)
                .await
                .0,
            200
        );
    }
    assert_eq!(python.host.app.state::<Page>().messages(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_is_too_slow_is_told() {
    let python = joined().await;
    let body = json!({ "times": 1000, "answer": { "json": null }, "messages": [{ "text": "x".repeat(9_936) }] });
    let mut told = call(&python, "tell", "onText,onBytes", &body)
        .await
        .all()
        .await;
    let (name, problem) = told.pop().expect("an end");
    assert_eq!(name, "problem");
    assert!(problem.contains("\"resource_exhausted\""), "{problem}");
    assert!((6..1000).contains(&told.len()), "{}", told.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_without_the_interceptor_is_told_what_it_lacks() {
    let app = App {
        intercepts: false,
        ..App::default()
    };
    let python = Joined::start_with(json!({}), app).await;
    for _ in 0..2 {
        let request = request(&python, "keep", "onText", &json!({}));
        let (status, problem) = python.json(request).await;
        assert_eq!(
            (status, &problem["code"]),
            (412, &json!("failed_precondition"))
        );
        let detail = problem["detail"].as_str().expect("a detail");
        assert!(
            detail.contains(".channel_interceptor(tauri_plugin_sidecar_bridge::channels())"),
            "{detail}"
        );
    }
}
