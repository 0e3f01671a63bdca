//! An app that declares none of its commands: what its sidecar may call, and what it is told.

#[path = "../../host/tests/support/mod.rs"]
mod support;

use serde_json::json;
use support::Joined;

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
