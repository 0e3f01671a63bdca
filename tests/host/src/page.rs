//! What a page does: it invokes a command and gets the answer.

use std::thread;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tauri::{
    AppHandle, Manager,
    http::HeaderMap,
    ipc::{CallbackFn, InvokeBody, InvokeResponseBody},
    test::{MockRuntime, get_ipc_response},
    webview::InvokeRequest,
};

/// What goes with a command, and what comes back.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Body {
    Json(Value),
    Bytes(Vec<u8>),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Answer {
    /// What the command gave.
    Page(Body),
    /// What it was rejected with.
    PageError(Value),
}

/// Invokes a command as the page of the window `main` does, and says the answer once it is there.
pub fn invoke(app: &AppHandle<MockRuntime>, command: String, body: Body, say: fn(&Answer)) {
    let window = app.get_webview_window("main").expect("the window is open");
    let body = match body {
        Body::Json(arguments) => InvokeBody::Json(arguments),
        Body::Bytes(bytes) => InvokeBody::Raw(bytes),
    };
    let url = if cfg!(windows) {
        "http://tauri.localhost"
    } else {
        "tauri://localhost"
    };
    let request = InvokeRequest {
        cmd: command,
        callback: CallbackFn(0),
        error: CallbackFn(1),
        url: url.parse().expect("a url"),
        body,
        headers: HeaderMap::new(),
        invoke_key: app.invoke_key().into(),
    };
    // It waits for the answer.
    thread::spawn(move || {
        say(&match get_ipc_response(&window, request) {
            Ok(InvokeResponseBody::Json(text)) => {
                Answer::Page(Body::Json(serde_json::from_str(&text).expect("JSON")))
            }
            Ok(InvokeResponseBody::Raw(bytes)) => Answer::Page(Body::Bytes(bytes)),
            Err(error) => Answer::PageError(error),
        });
    });
}
