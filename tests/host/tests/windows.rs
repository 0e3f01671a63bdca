//! In which window a call of the sidecar runs. `main` and `tools-*` are granted, each its own.
#![cfg(unix)]

mod support;

use http_body_util::Full;
use hyper::body::Bytes;
use serde_json::{Value, json};
use support::Joined;

const WHERE: &str = "/v1/invoke/whereabouts";

#[tokio::test(flavor = "multi_thread")]
async fn main_is_chosen_whatever_else_is_open() {
    for windows in [
        &["about", "main"][..],
        &["main", "about"],
        &["tools-a", "main"],
    ] {
        let python = Joined::among(windows, json!({})).await;
        assert_eq!(python.post(WHERE, "").await, (200, json!("main")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_main_the_oldest_window_with_the_grant_is_chosen() {
    let python = Joined::among(&["about", "tools-b", "tools-a"], json!({})).await;
    assert_eq!(python.post(WHERE, "").await, (200, json!("tools-b")));
    let (status, _) = python.post("/v1/events/tick", "1").await;
    assert_eq!(status, 204);
    support::events(&python, "tick").await;
    let answer = json!({ "success": true, "message": "Window minimized" });
    let minimize = r#"{"action":"minimize"}"#;
    assert_eq!(python.post("/window", minimize).await, (200, answer));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_with_channels_runs_where_it_is_granted() {
    let python = Joined::among(&["about", "tools-a"], json!({})).await;
    let body = json!({ "messages": [{ "text": 1 }], "times": 1, "answer": { "json": 2 } });
    let request = python
        .request("POST", "/v1/invoke/tell")
        .header("bridge-channels", "onText, onBytes")
        .body(Full::from(body.to_string()));
    let (_, text) = python.send(request.expect("a request")).await;
    let wanted = "event: channel:onText\ndata: 1\n\nevent: result\ndata: 2\n\n";
    assert_eq!(std::str::from_utf8(&text), Ok(wanted));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_window_grants_is_refused() {
    let python = Joined::among(&["about", "tools-a"], json!({})).await;
    for (path, body) in [
        ("/v1/invoke/greet", r#"{"name":"Ada"}"#),
        ("/window", r#"{"action":"close"}"#),
        ("/v1/events/tick?target=about", "1"),
    ] {
        let (status, problem) = python.post(path, body).await;
        assert_eq!(
            (status, &problem["code"]),
            (403, &json!("permission_denied"))
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sidecar_may_have_another_window_of_its_own() {
    let home = json!({ "spawn": { "window": "tools-a" } });
    let python = Joined::among(&["main", "tools-b", "tools-a"], home.clone()).await;
    assert_eq!(python.post(WHERE, "").await, (200, json!("tools-a")));
    let python = Joined::among(&["tools-b", "main"], home).await;
    assert_eq!(python.post(WHERE, "").await, (200, json!("tools-b")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_that_is_named_is_the_only_one() {
    let python = Joined::among(&["main", "about", "tools-a"], json!({})).await;
    let is = |code: &str, answer: (u16, Value)| assert_eq!(answer.1["code"], code);
    let there = python.post_in("tools-a", WHERE, "").await;
    assert_eq!(there, (200, json!("tools-a")));
    is(
        "permission_denied",
        python.post_in("about", WHERE, "").await,
    );
    is("not_found", python.post_in("other", WHERE, "").await);

    let (status, _) = python.post_in("tools-a", "/v1/events/tick", "1").await;
    assert_eq!(status, 204);
    let emit = "/v1/events/tick";
    is(
        "permission_denied",
        python.post_in("about", emit, "1").await,
    );
    is("not_found", python.post_in("other", emit, "1").await);
    // `emit_to` is granted in `main` alone.
    let (status, _) = python.post("/v1/events/tick?target=about", "1").await;
    assert_eq!(status, 204);
    let targeted = python.post_in("tools-a", "/v1/events/tick?target=about", "1");
    is("permission_denied", targeted.await);

    for (window, code) in [("about", "permission_denied"), ("other", "not_found")] {
        let request = python
            .request("GET", "/v1/events?name=tick")
            .header("bridge-window", window)
            .body(Full::<Bytes>::default());
        is(code, python.json(request.expect("a request")).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_stands_in_for_windows_that_are_not_open() {
    let agent = json!({ "spawn": { "agent": true } });
    let python = Joined::among(&[], agent.clone()).await;
    let there = (200, json!("sidecar-bridge-agent"));
    let calls = (0..8).map(|_| python.post(WHERE, ""));
    assert_eq!(futures_util::future::join_all(calls).await, vec![there; 8]);
    test_host::open(&python.host.app, "tools-a").expect("it opens");
    assert_eq!(python.post(WHERE, "").await, (200, json!("tools-a")));

    let python = Joined::among(&["about"], agent).await;
    let (_, problem) = python.post(WHERE, "").await;
    assert_eq!(problem["code"], "permission_denied");
    let named = python.post_in("sidecar-bridge-agent", WHERE, "").await;
    assert_eq!(named.1["code"], "not_found");
}
