//! Channels with a life of their own, over the host endpoint's real socket.
#![cfg(unix)]

mod support;

use http_body_util::{BodyExt, Full};
use hyper::{StatusCode, body::Incoming, client::conn::http1};
use hyper_util::rt::TokioIo;
use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::{Value, json};
use support::{Joined, PATIENCE};
use tauri::{Emitter, EventTarget, Manager};
use test_host::Page;
use tokio::{net::UnixStream, time::timeout};

async fn joined() -> Joined {
    Joined::among(&["main", "tools-1"], json!({})).await
}

/// A channel that is open.
struct Opened {
    id: u64,
    body: Incoming,
    text: String,
}

async fn open(python: &Joined, window: &str) -> Result<Opened, Value> {
    open_with(python, window, "").await
}

async fn open_with(python: &Joined, window: &str, query: &str) -> Result<Opened, Value> {
    let stream = UnixStream::connect(python.socket()).await.expect("accepts");
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.expect("HTTP");
    tokio::spawn(connection);
    let request = python
        .request("GET", &format!("/v1/channel{query}"))
        .header("bridge-window", window)
        .body(Full::<hyper::body::Bytes>::default());
    let response = sender
        .send_request(request.expect("a request"))
        .await
        .expect("an answer");
    if response.status() != StatusCode::OK {
        let body = response.into_body().collect().await.expect("a body");
        return Err(serde_json::from_slice(&body.to_bytes()).expect("JSON"));
    }
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut opened = Opened {
        id: 0,
        body: response.into_body(),
        text: String::new(),
    };
    let (name, data) = opened.next().await.expect("it begins");
    let opening: Value = serde_json::from_str(&data).expect("JSON");
    opened.id = opening["id"].as_u64().expect("a number");
    assert_eq!(
        (name.as_str(), opening),
        ("open", json!({ "id": opened.id, "window": window }))
    );
    Ok(opened)
}

impl Opened {
    fn argument(&self) -> String {
        format!("__CHANNEL__:{}", self.id)
    }

    /// The next event: its name and its data.
    async fn next(&mut self) -> Option<(String, String)> {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.text = rest;
                let (name, data) = event.split_once("data: ").expect("data");
                let name = name.trim_end().trim_start_matches("event: ").to_owned();
                return Some((name, data.to_owned()));
            }
            let frame = timeout(PATIENCE, self.body.frame())
                .await
                .expect("an event in time")?;
            let data = frame.expect("a frame").into_data().expect("data");
            self.text
                .push_str(std::str::from_utf8(&data).expect("UTF-8"));
        }
    }

    async fn messages(&mut self, count: usize) -> Vec<String> {
        let mut messages = Vec::new();
        for _ in 0..count {
            let (name, data) = self.next().await.expect("a message");
            assert_eq!(name, "");
            messages.push(data);
        }
        messages
    }
}

async fn tell(python: &Joined, window: &str, channel: &Opened, count: u32) {
    let body = json!({
        "options": { "handler": channel.argument() }, "count": count, "perSecond": 1_000_000,
    });
    let request = python
        .request("POST", "/v1/invoke/tell_from_thread")
        .header("bridge-window", window)
        .body(Full::from(body.to_string()));
    let (status, answer) = python.json(request.expect("a request")).await;
    assert_eq!(status, 200, "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_come_after_the_answers_of_several_calls_and_none_reaches_the_page() {
    let python = joined().await;
    let mut channel = open(&python, "main").await.expect("it opens");
    tell(&python, "main", &channel, 3).await;
    assert_eq!(channel.messages(3).await, ["0", "1", "2"]);
    tell(&python, "main", &channel, 2).await;
    assert_eq!(channel.messages(2).await, ["0", "1"]);
    assert_eq!(python.host.app.state::<Page>().messages(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_ends_the_channels_that_were_opened_in_it() {
    let python = joined().await;
    let mut channel = open(&python, "tools-1").await.expect("it opens");
    let mut other = open(&python, "main").await.expect("it opens");
    tell(&python, "tools-1", &channel, 1).await;
    assert_eq!(channel.messages(1).await, ["0"]);
    let window = python.host.app.get_webview_window("tools-1");
    // The mock runtime closes a webview at once, and its window when the loop runs, at the end of the app.
    let window = window.expect("open");
    window.as_ref().close().expect("it closes");
    window.destroy().expect("it closes");
    let end = (
        "end".to_owned(),
        json!({ "reason": "windowClosed" }).to_string(),
    );
    assert_eq!(channel.next().await, Some(end));
    assert_eq!(channel.next().await, None);
    tell(&python, "main", &other, 1).await;
    assert_eq!(other.messages(1).await, ["0"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_generation_ends_its_channels() {
    let python = joined().await;
    let mut channel = open(&python, "main").await.expect("it opens");
    let group = python.hello["processGroup"].as_i64().expect("a group");
    let group = i32::try_from(group).ok().and_then(Pid::from_raw);
    kill_process_group(group.expect("a pid"), Signal::KILL).expect("it lives");
    let end = (
        "end".to_owned(),
        json!({ "reason": "generationEnded" }).to_string(),
    );
    assert_eq!(channel.next().await, Some(end));
    assert_eq!(channel.next().await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_whose_reader_has_left_is_refused_and_its_messages_are_dropped() {
    let python = joined().await;
    let channel = open(&python, "main").await.expect("it opens");
    let argument = channel.argument();
    let body = json!({ "onText": argument }).to_string();
    assert_eq!(python.post("/v1/invoke/keep", body.clone()).await.0, 200);
    drop(channel);
    let problem = async {
        loop {
            let (status, problem) = python.post("/v1/invoke/keep", body.clone()).await;
            if status != 200 {
                return problem;
            }
        }
    };
    let problem = timeout(PATIENCE, problem).await.expect("it ends");
    assert_eq!(problem["code"], "failed_precondition", "{problem}");
    let late = r#"{"message":"late"}"#;
    assert_eq!(python.post("/v1/invoke/tell_late", late).await.0, 200);
    assert_eq!(python.host.app.state::<Page>().messages(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_with_a_channel_runs_in_the_window_of_the_channel() {
    let python = joined().await;
    let mut channel = open(&python, "tools-1").await.expect("it opens");
    let body = json!({
        "options": { "handler": channel.argument() }, "count": 1, "perSecond": 1,
    });
    let path = "/v1/invoke/tell_from_thread";
    let (status, answer) = python.post(path, body.to_string()).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(channel.messages(1).await, ["0"]);
    let body: &'static str = body.to_string().leak();
    let (status, problem) = python.post_in("main", path, body).await;
    assert_eq!(
        (status, &problem["code"]),
        (422, &json!("invalid_argument"))
    );
    let detail = problem["detail"].as_str().expect("text");
    assert!(
        detail.contains("`tools-1`") && detail.contains("`main`"),
        "{detail}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn channels_have_places_with_the_subscriptions_and_give_them_back() {
    let python = joined().await;
    for _ in 0..2 {
        let mut open_ones = Vec::new();
        let refused = loop {
            match open(&python, "main").await {
                Ok(channel) => open_ones.push(channel),
                Err(problem) => break problem,
            }
        };
        assert_eq!(refused["code"], "resource_exhausted", "{refused}");
        assert!(open_ones.len() > 1);
        drop(open_ones);
        // A place is free once the host has seen that a reader has left.
        let free = async { while open(&python, "main").await.is_err() {} };
        timeout(PATIENCE, free)
            .await
            .expect("places are given back");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_brings_the_events_of_its_window_and_those_for_all() {
    let python = joined().await;
    let query = "?events=tauri://resize,news";
    let mut channel = open_with(&python, "main", query).await.expect("it opens");
    let app = &python.host.app;
    for (label, width) in [("tools-1", 1), ("main", 2)] {
        app.emit_to(
            EventTarget::webview_window(label),
            "tauri://resize",
            json!({ "width": width }),
        )
        .expect("it is emitted");
    }
    app.emit("other", ()).expect("it is emitted");
    app.emit("news", ()).expect("it is emitted");
    assert_eq!(
        channel.messages(2).await,
        [
            r#"{"event":"tauri://resize","payload":{"width":2}}"#,
            r#"{"event":"news","payload":null}"#
        ]
    );
    drop(channel);
}

#[tokio::test(flavor = "multi_thread")]
async fn events_need_their_permission_and_their_form() {
    let python = Joined::among(&["main", "settings"], json!({})).await;
    for query in ["?events=news", "?closingMs=5"] {
        let refused = open_with(&python, "settings", query).await.err();
        let problem = refused.expect("it is not granted there");
        assert_eq!(problem["code"], "permission_denied", "{problem}");
    }
    for query in ["?events=", "?events=a%20b", "?closingMs=-1", "?closing=1"] {
        let problem = open_with(&python, "main", query).await.err().expect(query);
        assert_eq!(problem["code"], "invalid_argument", "{problem}");
    }
}
