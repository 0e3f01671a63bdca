//! An app without a screen: the real plugin and a real ACL from capability files, on Tauri's mock runtime.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tauri::{
    App,
    ipc::{InvokeBody, Request, Response},
    test::{MockRuntime, mock_builder},
};
use tauri_plugin_sidecar_bridge::{Builder, Config};

/// What `greet` answers.
#[derive(Debug, Serialize, Deserialize)]
pub struct Greeting {
    message: String,
}

/// Why `greet` refuses.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum GreetError {
    /// Nobody to greet.
    EmptyName,
}

#[tauri::command]
fn greet(name: String) -> Result<Greeting, GreetError> {
    if name.is_empty() {
        return Err(GreetError::EmptyName);
    }
    Ok(Greeting {
        message: format!("Hello, {name}!"),
    })
}

#[tauri::command]
async fn echo(value: Value) -> Value {
    value
}

#[tauri::command]
#[expect(
    clippy::needless_pass_by_value,
    reason = "Tauri hands over commands' arguments by value"
)]
fn reverse(request: Request<'_>) -> Result<Response, String> {
    match request.body() {
        InvokeBody::Raw(bytes) => Ok(Response::new(
            bytes.iter().rev().copied().collect::<Vec<u8>>(),
        )),
        InvokeBody::Json(_) => Err("raw bytes expected".into()),
    }
}

#[tauri::command]
fn fail() -> Result<(), String> {
    Err("it failed on purpose".into())
}

#[tauri::command]
fn secret() -> &'static str {
    "for the page alone"
}

/// The app with that configuration of the plugin, not yet running.
///
/// # Panics
/// If Tauri cannot build it.
#[must_use]
pub fn app(config: Config) -> App<MockRuntime> {
    mock_builder()
        .plugin(Builder::new().config(config).build())
        .invoke_handler(tauri::generate_handler![greet, echo, reverse, fail, secret])
        .build(tauri::generate_context!())
        .expect("the test app builds")
}
