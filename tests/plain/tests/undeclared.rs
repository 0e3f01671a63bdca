//! An app that declares none of its commands: what its sidecar may call, and what it is told.

#[path = "../../host/tests/support/mod.rs"]
mod support;

use http_body_util::Full;
use serde_json::json;
use support::{Host, Joined, until};
use tauri_plugin_sidecar_bridge::{ErrorCode, State};
use test_host::App;

#[tokio::test(flavor = "multi_thread")]
async fn a_command_of_the_app_is_refused_whether_it_has_it_or_not() {
    let python = Joined::start_with(json!({}), plain_host::app()).await;
    for command in ["greet", "nope"] {
        let path = format!("/v1/invoke/{command}");
        let (status, problem) = python.post(&path, r#"{"name":"Ada"}"#).await;
        assert_eq!(
            (status, &problem["code"]),
            (403, &json!("permission_denied"))
        );
        let detail = problem["detail"].as_str().expect("a text");
        let permission = format!("`allow-{command}`");
        for words in [
            "`AppManifest`",
            &permission,
            "`sidecar-bridge://python`",
            "register it",
        ] {
            assert!(detail.contains(words), "{detail}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_tauri_declares_is_granted_as_ever() {
    let python = Joined::start_with(json!({}), plain_host::app()).await;
    let path = "/v1/invoke/plugin:window%7Cis_maximized";
    assert_eq!(python.post(path, "").await, (200, json!(false)));
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_neither_emitted_nor_heard_without_a_grant() {
    let python = Joined::start_with(json!({}), plain_host::app()).await;
    let (emit, emit_to) = ("/v1/events/asked", "/v1/events/asked?target=main");
    for (method, path) in [
        ("POST", emit),
        ("POST", emit_to),
        ("GET", "/v1/events?name=asked"),
    ] {
        let request = python.request(method, path).body(Full::from("1"));
        let (status, problem) = python.json(request.expect("a request")).await;
        assert_eq!(
            (status, &problem["code"]),
            (403, &json!("permission_denied")),
            "{method} {path}"
        );
    }
}

/// In such an app Tauri asks its ACL for strangers alone, and the scheme makes the sidecar the app's own page.
#[tokio::test(flavor = "multi_thread")]
async fn a_tauri_that_does_not_judge_ends_every_sidecar_for_good() {
    let app = App {
        scheme: Some("sidecar-bridge"),
        ..plain_host::app()
    };
    let spawn = json!({ "command": ["sleep", "60"], "cwd": "/tmp" });
    let host = Host::start_with(json!({ "sidecars": { "python": { "spawn": spawn } } }), app);
    let sidecar = host.python();
    let failed = until(&sidecar, |now| matches!(now.state, State::Failed { .. })).await;
    let State::Failed { problem, .. } = failed.state else {
        unreachable!("it was waited for");
    };
    assert_eq!(problem.code, ErrorCode::Internal);
    for words in [tauri::VERSION, "self_test_", "URI scheme"] {
        assert!(problem.detail.contains(words), "{}", problem.detail);
    }
    let error = sidecar.start().await.expect_err("it has no supervisor");
    assert!(error.to_string().contains(&problem.detail), "{error}");
    let error = sidecar.restart().await.expect_err("nor now");
    assert!(error.to_string().contains(&problem.detail), "{error}");
}
