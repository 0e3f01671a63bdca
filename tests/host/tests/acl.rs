//! What the page may do and what the sidecar may do are judged apart, each by its own capability.
#![cfg(unix)]

mod support;

use http_body_util::Full;
use serde_json::{Value, json};
use support::{Host, Joined, until};
use tauri::{
    Manager,
    ipc::{CallbackFn, InvokeBody},
    test::get_ipc_response,
    webview::InvokeRequest,
};
use tauri_plugin_sidecar_bridge::State;
use test_host::App;

/// The page's call to a command: its value, or what it was rejected with.
fn page(python: &Joined, url: &str, command: &str, arguments: Value) -> Result<Value, Value> {
    let window = python
        .host
        .app
        .get_webview_window("main")
        .expect("the window is open");
    let request = InvokeRequest {
        cmd: command.into(),
        callback: CallbackFn(0),
        error: CallbackFn(1),
        url: url.parse().expect("a url"),
        body: InvokeBody::Json(arguments),
        headers: tauri::http::HeaderMap::new(),
        invoke_key: python.host.app.invoke_key().into(),
    };
    get_ipc_response(&window, request).map(|body| body.deserialize().expect("JSON"))
}

const PAGE: &str = "tauri://localhost";

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_of_both_works_for_both() {
    let python = Joined::start(json!({})).await;
    let greeting = json!({ "message": "Hello, Ada!" });
    assert_eq!(
        page(&python, PAGE, "greet", json!({ "name": "Ada" })),
        Ok(greeting.clone())
    );
    assert_eq!(
        python.post("/v1/invoke/greet", r#"{"name":"Ada"}"#).await,
        (200, greeting)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_is_for_the_windows_that_it_names() {
    let app = App {
        windows: &["main", "second"],
        ..App::default()
    };
    let python = Joined::start_with(json!({}), app).await;
    for (window, status) in [("main", 200), ("second", 403)] {
        let request = python
            .request("POST", "/v1/invoke/greet")
            .header("bridge-window", window)
            .body(Full::from(r#"{"name":"Ada"}"#));
        let answer = python.json(request.expect("a request")).await;
        assert_eq!(answer.0, status, "{window}: {answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_grants_are_not_the_sidecars() {
    let python = Joined::start(json!({})).await;
    assert_eq!(
        page(&python, PAGE, "secret", json!({})),
        Ok(json!("for the page alone"))
    );
    assert_eq!(
        python.post("/v1/invoke/secret", "").await.1["code"],
        "permission_denied"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sidecars_grants_are_not_the_pages() {
    let python = Joined::start(json!({})).await;
    assert_eq!(
        python.post("/v1/invoke/echo", r#"{"value":1}"#).await,
        (200, json!(1))
    );
    let refusal = page(&python, PAGE, "echo", json!({ "value": 1 })).expect_err("not granted");
    assert!(
        refusal
            .as_str()
            .is_some_and(|text| text.starts_with("echo not allowed")),
        "{refusal}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn another_origin_has_no_grants_at_all() {
    let python = Joined::start(json!({})).await;
    for url in [
        "sidecar-bridge://other",
        "sidecar-bridge://python2",
        "https://python",
        "https://example.com",
    ] {
        for command in ["greet", "echo", "secret", "plugin:sidecar-bridge|status"] {
            let refusal =
                page(&python, url, command, json!({ "name": "Ada", "value": 1 })).expect_err(url);
            assert!(
                refusal
                    .as_str()
                    .is_some_and(|text| text.contains("not allowed")),
                "{url} {command}: {refusal}"
            );
        }
    }
}

/// Tauri's own rule: so an app must serve nothing of others over such a scheme.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_registered_scheme_serves_has_the_grants_of_the_apps_page() {
    let app = App {
        scheme: Some("plugins"),
        ..App::default()
    };
    let python = Joined::start_with(json!({}), app).await;
    for url in ["plugins://anything", "plugins://example.com/index.html"] {
        assert_eq!(
            page(&python, url, "secret", json!({})),
            Ok(json!("for the page alone"))
        );
        page(&python, url, "plugin:sidecar-bridge|status", json!({})).expect("as the page's");
        page(&python, url, "echo", json!({ "value": 1 })).expect_err("not the sidecar's");
    }
    page(&python, "unregistered://anything", "secret", json!({})).expect_err("another origin");
}

/// The plugin's own scheme has a name that Tauri does not find, and a host of which Tauri on Windows does not think.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_the_scheme_for_media_would_have_no_grants() {
    let python = Joined::start(json!({})).await;
    let urls = if cfg!(windows) {
        [
            "http://sidecar-media.bridge.localhost/secret/a",
            "https://sidecar-media.bridge.localhost/",
        ]
    } else {
        [
            "sidecar-media://bridge.localhost/secret/a",
            "Sidecar-Media://localhost",
        ]
    };
    for url in urls {
        for command in [
            "secret",
            "greet",
            "plugin:sidecar-bridge|status",
            "plugin:sidecar-bridge|media",
        ] {
            page(&python, url, command, json!({ "name": "Ada" })).expect_err(command);
        }
    }
    page(&python, PAGE, "plugin:sidecar-bridge|media", json!({})).expect("the app's page has them");
}

/// Tauri would take the sidecars for the app's own page, with the page's grants.
#[tokio::test(flavor = "multi_thread")]
async fn with_a_scheme_of_their_name_sidecars_end() {
    let app = App {
        scheme: Some("sidecar-bridge"),
        ..App::default()
    };
    let spawn = json!({ "command": ["sleep", "60"], "cwd": "/tmp" });
    let host = Host::start_with(json!({ "sidecars": { "python": { "spawn": spawn } } }), app);
    let python = host.python();
    let failed = until(&python, |now| matches!(now.state, State::Failed { .. })).await;
    let State::Failed { problem, .. } = failed.state else {
        unreachable!("it was waited for");
    };
    for words in ["with success", "plugin:sidecar-bridge|status", "URI scheme"] {
        assert!(problem.detail.contains(words), "{}", problem.detail);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_plugins_own_commands_are_the_pages_and_not_the_sidecars() {
    let python = Joined::start(json!({})).await;
    let status =
        page(&python, PAGE, "plugin:sidecar-bridge|status", json!({})).expect("granted by default");
    assert_eq!(
        status,
        json!({
            "sidecar": "python", "revision": 0, "generation": 1, "warning": null,
            "state": { "phase": "starting", "activity": null },
        })
    );
    let refusal = page(
        &python,
        PAGE,
        "plugin:sidecar-bridge|status",
        json!({ "sidecar": "ruby" }),
    )
    .expect_err("unknown");
    assert_eq!(
        (&refusal["code"], &refusal["status"]),
        (&json!("not_found"), &json!(404))
    );
    for command in ["diagnose", "logs", "restart", "start", "stop"] {
        let command = format!("plugin:sidecar-bridge|{command}");
        page(&python, PAGE, &command, json!({})).expect_err("not granted by default");
    }
    let all = [
        "diagnose",
        "logs",
        "next_status",
        "restart",
        "start",
        "status",
        "stop",
    ];
    for command in all {
        let path = format!("/v1/invoke/plugin:sidecar-bridge%7C{command}");
        let answer = python.post(&path, "").await;
        assert_eq!(answer.1["code"], "permission_denied");
    }
}
