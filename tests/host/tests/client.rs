//! HTTP from the app's own Rust code: typed JSON, streams, deadlines.
#![cfg(unix)]

mod support;

use std::{convert::Infallible, time::Duration};

use axum::{
    Json, Router,
    body::{Body, Bytes},
    http::StatusCode,
    routing::{any, get, post},
};
use futures_util::{StreamExt, stream};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use support::{Host, PATIENCE};
use tauri_plugin_sidecar_bridge::{Client, ErrorCode, Problem, SidecarBridgeExt};
use tokio::sync::mpsc;

const SHORT: Duration = Duration::from_millis(50);

/// A host with a server attached, which tells each time that an answer of `/endless` was dropped.
async fn attached() -> (Host, Client, mpsc::UnboundedReceiver<()>) {
    let (dropped, drops) = mpsc::unbounded_channel();
    let endless = move || {
        let told = Told(dropped.clone());
        let chunks = stream::repeat_with(move || {
            let _until_dropped = &told;
            Ok::<_, Infallible>(Bytes::from_static(&[7; 1000]))
        });
        async { Body::from_stream(chunks) }
    };
    let router = Router::new()
        .route("/health", get(|| async { "ok" }))
        .route("/echo", any(|body: Bytes| async { body }))
        .route(
            "/next",
            post(|Json(n): Json<u32>| async move { Json(n + 1) }),
        )
        .route("/slow", get(std::future::pending::<()>))
        .route("/endless", get(endless))
        .route(
            "/missing",
            get(|| async { (StatusCode::NOT_FOUND, Json(json!({ "detail": "no" }))) }),
        );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let attach = json!({ "url": url, "intervalMs": 5 });
    let host = Host::start(
        json!({ "sidecars": { "python": { "attach": attach } }, "maxBodyBytes": 5000 }),
    );
    let client = host
        .app
        .sidecar_bridge()
        .client("python")
        .expect("configured");
    (host, client, drops)
}

/// Tells when it is dropped.
struct Told(mpsc::UnboundedSender<()>);

impl Drop for Told {
    fn drop(&mut self) {
        let _ = self.0.send(());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn values_go_out_and_come_back_typed() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct User {
        name: String,
    }
    let (_host, python, _) = attached().await;
    let ada = User { name: "Ada".into() };
    let response = python
        .put("/echo")
        .json(&ada)
        .send()
        .await
        .expect("an answer");
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.json::<User>().await.expect("a user"), ada);
    let next: u32 = python
        .post("/next")
        .json(&1)
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("a number");
    assert_eq!(next, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_status_is_an_answer_until_a_value_is_wanted() {
    let (_host, python, _) = attached().await;
    let response = python.get("/missing").send().await.expect("an answer");
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    assert_eq!(
        response.bytes().await.expect("a body"),
        r#"{"detail":"no"}"#
    );
    let error = python
        .get("/missing")
        .send()
        .await
        .expect("an answer")
        .json::<Value>()
        .await;
    let problem = Problem::from(error.expect_err("an error status"));
    assert_eq!(
        (problem.code, problem.data),
        (ErrorCode::NotFound, Some(json!({ "detail": "no" })))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_stream_both_ways() {
    let (_host, python, _) = attached().await;
    let chunks = (0..100_u8).map(|n| Ok::<_, Infallible>(Bytes::from(vec![n; 10_000])));
    let response = python
        .post("/echo")
        .stream(stream::iter(chunks))
        .send()
        .await
        .expect("an answer");
    let mut received = response.into_stream().boxed();
    let mut whole = Vec::new();
    while let Some(chunk) = received.next().await {
        whole.extend_from_slice(&chunk.expect("bytes"));
    }
    let expected: Vec<u8> = (0..100).flat_map(|n| vec![n; 10_000]).collect();
    assert!(whole == expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_breaks_breaks_the_request() {
    let (_host, python, _) = attached().await;
    let broken = stream::iter([Ok(Bytes::from_static(b"a")), Err("the disk is gone")]);
    let error = python
        .post("/echo")
        .stream(broken)
        .send()
        .await
        .expect_err("half a body");
    assert_eq!(error.code(), ErrorCode::Cancelled, "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_read_at_once_is_limited_and_one_read_by_pieces_is_not() {
    let (_host, python, mut drops) = attached().await;
    let response = python.get("/endless").send().await.expect("an answer");
    let error = response.bytes().await.expect_err("over the limit");
    assert_eq!(error.code(), ErrorCode::ResourceExhausted, "{error}");
    drops.recv().await.expect("the sidecar sees the disconnect");

    let mut response = python.get("/endless").send().await.expect("an answer");
    let mut read = 0;
    while read < 1_000_000 {
        read += response
            .chunk()
            .await
            .expect("bytes")
            .expect("no end")
            .len();
    }
    drop(response);
    let seen = tokio::time::timeout(PATIENCE, drops.recv()).await;
    seen.expect("in time")
        .expect("the sidecar sees the disconnect");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deadline_holds_for_head_and_body() {
    let (_host, python, _) = attached().await;
    let error = python
        .get("/slow")
        .timeout(SHORT)
        .send()
        .await
        .expect_err("too late");
    assert_eq!(error.code(), ErrorCode::DeadlineExceeded);
    assert!(
        error
            .to_string()
            .contains("GET /slow was not answered within 50 ms"),
        "{error}"
    );
    let mut response = python
        .get("/endless")
        .timeout(SHORT)
        .send()
        .await
        .expect("in time");
    let error = loop {
        match response.chunk().await {
            Ok(_) => {}
            Err(error) => break error,
        }
    };
    assert_eq!(error.code(), ErrorCode::DeadlineExceeded);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_cannot_be_is_refused_before_it_is_sent() {
    let (host, python, _) = attached().await;
    for path in ["", "health", "http://example.com/", "/a b"] {
        let error = python.get(path).send().await.expect_err(path);
        assert_eq!(error.code(), ErrorCode::InvalidArgument, "{error}");
    }
    for (name, value) in [("x y", "1"), ("x", "a\nb")] {
        let error = python
            .get("/health")
            .header(name, value)
            .send()
            .await
            .expect_err(name);
        assert_eq!(error.code(), ErrorCode::InvalidArgument, "{error}");
    }
    let error = host
        .app
        .sidecar_bridge()
        .client("ruby")
        .expect_err("not configured");
    assert_eq!(error.code(), ErrorCode::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_that_is_too_long_for_the_clock_is_no_limit() {
    let (_host, client, _drops) = attached().await;
    let echo = client.post("/echo").json(&1).timeout(Duration::MAX);
    let answer: u32 = echo
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    assert_eq!(answer, 1);
}
