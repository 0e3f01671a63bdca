//! The host endpoint over its real socket.
#![cfg(unix)]

mod support;

use http_body_util::Full;
use hyper::Request;
use serde_json::{Value, json};
use support::Joined;
use tauri_plugin_sidecar_bridge::State;

async fn joined() -> Joined {
    Joined::start(json!({ "maxBodyBytes": 4096 })).await
}

#[track_caller]
fn assert_problem((status, problem): &(u16, Value), code: &str, detail: &str) {
    assert_eq!(problem["code"], code, "{problem}");
    assert_eq!(problem["status"], *status, "{problem}");
    assert!(
        problem["detail"]
            .as_str()
            .is_some_and(|text| text.contains(detail)),
        "{problem}"
    );
    assert!(
        problem["instance"]
            .as_str()
            .is_some_and(|text| text.starts_with("urn:uuid:")),
        "{problem}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_answers_with_json_or_bytes() {
    let python = joined().await;
    assert_eq!(
        python.post("/v1/invoke/greet", r#"{"name":"Ada"}"#).await,
        (200, json!({ "message": "Hello, Ada!" }))
    );
    assert_eq!(
        python
            .post("/v1/invoke/echo", r#"{"value":[1,null,"é"]}"#)
            .await,
        (200, json!([1, null, "é"]))
    );
    let request = python
        .request("POST", "/v1/invoke/reverse")
        .header("content-type", "application/octet-stream");
    let (status, body) = python
        .send(request.body(Full::from("abc")).expect("a request"))
        .await;
    assert_eq!((status.as_u16(), &body[..]), (200, &b"cba"[..]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_gets_an_argument_under_a_second_name() {
    let python = joined().await;
    for (query, body, answer) in [
        ("value:other,given:value", r#"{"given":1}"#, json!(1)),
        ("given:value", r#"{"given":1,"value":2}"#, json!(2)),
        ("gr%C3%B6%C3%9Fe:value", r#"{"größe":[3]}"#, json!([3])),
    ] {
        let path = format!("/v1/invoke/echo?alias={query}");
        assert_eq!(python.post(&path, body).await, (200, answer), "{query}");
    }
    for query in ["value", "given:value,", "", "value:one,value:other"] {
        let path = format!("/v1/invoke/echo?alias={query}");
        let answer = python.post(&path, r#"{"value":1}"#).await;
        assert_problem(&answer, "invalid_argument", "such as `taskId:task_id`");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_commands_own_error_is_kept_whole() {
    let python = joined().await;
    let answer = python.post("/v1/invoke/greet", r#"{"name":""}"#).await;
    assert_problem(&answer, "failed_precondition", "`greet`");
    assert_eq!(answer.1["data"], json!({ "kind": "emptyName" }));
    assert_eq!(
        python.post("/v1/invoke/fail", "").await.1["data"],
        "it failed on purpose"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_calls_get_the_right_problem() {
    let python = joined().await;
    for (path, body, code, detail) in [
        ("/v1/invoke/missing", "", "not_found", "`missing`"),
        (
            "/v1/invoke/plugin:nope%7Cgo",
            "",
            "permission_denied",
            "add its plugin",
        ),
        (
            "/v1/invoke/nope",
            "",
            "permission_denied",
            "register it first",
        ),
        (
            "/v1/invoke/secret",
            "",
            "permission_denied",
            "grant `allow-secret`",
        ),
        (
            "/v1/invoke/plugin:window%7Cclose",
            "",
            "permission_denied",
            "grant `core:window:allow-close`",
        ),
        ("/v1/invoke/greet", "{\"name\"", "invalid_argument", "EOF"),
        (
            "/v1/invoke/greet",
            "[1]",
            "invalid_argument",
            "expected a map",
        ),
        (
            "/v1/invoke/greet",
            "{\"name\":1}",
            "invalid_argument",
            "argument `name`: invalid type: integer `1`",
        ),
        (
            "/v1/invoke/greet",
            "{}",
            "invalid_argument",
            "argument `name`",
        ),
        ("/v1/invoke/%ff", "{}", "invalid_argument", "path"),
        (
            "/window",
            r#"{"action":"toggle"}"#,
            "permission_denied",
            "core:window:allow-toggle-maximize",
        ),
        (
            "/window",
            r#"{"action":"explode"}"#,
            "invalid_argument",
            "`explode`",
        ),
        (
            "/window",
            r#"{"action":"show","label":"other"}"#,
            "not_found",
            "no window `other`; open: `main`",
        ),
        ("/v1/events/a%20b", "1", "invalid_argument", "alphanumeric"),
        ("/v1/ready", "{}", "invalid_argument", "`pid`"),
        ("/nowhere", "", "not_found", "POST /nowhere"),
    ] {
        assert_problem(&python.post(path, body).await, code, detail);
    }
    let request = python
        .request("POST", "/v1/invoke/greet")
        .header("bridge-window", "other");
    let answer = python
        .json(
            request
                .body(Full::from(r#"{"name":"Ada"}"#))
                .expect("a request"),
        )
        .await;
    assert_problem(&answer, "not_found", "no window `other`");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_caller_does_not_wait_for_any_more_is_given_up() {
    let python = joined().await;
    let hold = |timeout: &str| {
        python
            .request("POST", "/v1/invoke/hold")
            .header("bridge-timeout-ms", timeout)
            .body(Full::from(r#"{"onText":"__CHANNEL__:7"}"#))
            .expect("a request")
    };
    let answer = python.json(hold("50")).await;
    assert_problem(&answer, "deadline_exceeded", "POST /v1/invoke/hold");
    let answer = python.json(hold("soon")).await;
    assert_problem(&answer, "invalid_argument", "`soon`");
}

#[tokio::test(flavor = "multi_thread")]
async fn json_that_would_be_changed_is_refused_with_its_path() {
    let python = joined().await;
    for (path, body, detail) in [
        (
            "/v1/invoke/echo",
            r#"{"value":[0,{"a":1,"a":2}]}"#,
            "`$.value[1].a`: the same key twice",
        ),
        (
            "/v1/invoke/echo",
            r#"{"value":18446744073709551616}"#,
            "`$.value`: an integer beyond 64 bits",
        ),
        (
            "/v1/events/tick",
            "[0.5,-9223372036854775809]",
            "`$[1]`: an integer beyond 64 bits",
        ),
        (
            "/v1/invoke/echo",
            r#"{"value":1e400}"#,
            "`$.value`: number out of range",
        ),
        (
            "/v1/invoke/echo",
            r#"{"value":NaN}"#,
            "`$.value`: expected value",
        ),
        (
            "/v1/invoke/echo",
            r#"{"value":"\ud800"}"#,
            "`$.value`: unexpected end of hex escape",
        ),
        ("/v1/events/tick", "1 2", "`$`: trailing characters"),
        (
            "/window",
            r#"{"action":"show","action":"hide"}"#,
            "`$.action`: the same key twice",
        ),
    ] {
        assert_problem(&python.post(path, body).await, "invalid_argument", detail);
    }
    let deep = python.post("/v1/events/tick", "[".repeat(129)).await;
    assert_problem(&deep, "invalid_argument", "nested over 128 deep");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_over_the_limit_is_refused_and_answered() {
    let python = joined().await;
    for length in [4097, 12_000, 1_000_000] {
        let answer = python.post("/v1/invoke/echo", vec![b' '; length]).await;
        assert_problem(&answer, "resource_exhausted", "4096 bytes");
    }
    assert_eq!(
        python.post("/v1/invoke/greet", r#"{"name":"Ada"}"#).await.0,
        200
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_sidecar_of_this_generation_gets_in() {
    let python = joined().await;
    let token = python.token();
    let wrong = format!("{}x", &token[..token.len() - 1]);
    let requests: [(&[(&str, &str)], &str); 9] = [
        (&[("host", "localhost")], "unauthenticated"),
        (
            &[("host", "localhost"), ("authorization", "Bearer ")],
            "unauthenticated",
        ),
        (
            &[("host", "localhost"), ("authorization", &wrong)],
            "unauthenticated",
        ),
        (
            &[("host", "localhost"), ("authorization", &token[7..])],
            "unauthenticated",
        ),
        (
            &[
                ("host", "localhost"),
                ("authorization", &token),
                ("origin", "null"),
            ],
            "permission_denied",
        ),
        (
            &[
                ("host", "localhost"),
                ("authorization", &token),
                ("sec-fetch-site", "none"),
            ],
            "permission_denied",
        ),
        (
            &[("host", "example.com"), ("authorization", &token)],
            "permission_denied",
        ),
        (
            &[("host", "localhost:80"), ("authorization", &token)],
            "permission_denied",
        ),
        (&[("authorization", &token)], "permission_denied"),
    ];
    for (headers, code) in requests {
        let request = Request::post("/v1/ready");
        let request = headers.iter().fold(request, |request, (name, value)| {
            request.header(*name, *value)
        });
        let body = format!(r#"{{"pid":1,"version":"{}"}}"#, env!("CARGO_PKG_VERSION"));
        let answer = python
            .json(request.body(Full::from(body)).expect("a request"))
            .await;
        assert_eq!(answer.1["code"], code, "{headers:?}: {answer:?}");
    }
    assert_eq!(
        python.host.python().status().state,
        State::Starting { activity: None },
        "a refused request changed something"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn events_go_out_and_come_in() {
    let python = joined().await;
    let mut listening = support::events(&python, "tick").await;
    assert_eq!(python.post("/v1/events/tick", r#"{"n":1}"#).await.0, 204);
    assert_eq!(python.post("/v1/events/tick?target=main", "2").await.0, 204);
    assert_eq!(python.post("/v1/events/other", "3").await.0, 204);
    tauri::Emitter::emit(&python.host.app, "tick", "from Rust").expect("emits");
    let seen = [
        listening.next().await,
        listening.next().await,
        listening.next().await,
    ];
    assert_eq!(seen, [json!({ "n": 1 }), json!(2), json!("from Rust")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn readiness_is_announced_once() {
    let python = joined().await;
    let body = format!(r#"{{"pid":42,"version":"{}"}}"#, env!("CARGO_PKG_VERSION"));
    assert_eq!(python.post("/v1/ready", body.clone()).await.0, 204);
    assert_eq!(
        python.host.python().status().state,
        State::Ready { pid: Some(42) }
    );
    assert_problem(
        &python.post("/v1/ready", body).await,
        "failed_precondition",
        "once in each generation",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn health_and_the_description_of_the_api_are_served() {
    let python = joined().await;
    let get = |path| {
        python
            .request("GET", path)
            .body(Full::default())
            .expect("a request")
    };
    let (status, health) = python.json(get("/health")).await;
    assert_eq!(
        (status, &health["status"], &health["sidecar"]),
        (200, &json!("ok"), &json!("python"))
    );
    let (status, document) = python.json(get("/openapi.json")).await;
    assert_eq!((status, &document["openapi"]), (200, &json!("3.1.0")));
    assert_eq!(document["paths"].as_object().expect("paths").len(), 12);
}
