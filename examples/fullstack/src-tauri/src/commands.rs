//! What the pages and Python can ask of the app.

use std::{
    fs, io,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};
use specta::Type;
use tauri::{AppHandle, Manager, Runtime, State};
use tauri_plugin_sidecar_bridge::{Result as BridgeResult, SidecarBridgeExt};
use tauri_specta::Event;

/// What the host emits when somebody has logged in or out.
#[derive(Clone, Debug, Deserialize, Serialize, Type, Event)]
#[serde(rename_all = "camelCase")]
pub struct SessionChanged {
    signed_in: bool,
}

/// What Python emits while it imports.
#[derive(Clone, Debug, Deserialize, Serialize, Type, Event)]
#[serde(rename_all = "camelCase")]
pub struct ImportProgress {
    id: u32,
    /// `running`, or how it ended.
    state: String,
    rows: u32,
    /// How much of the file is done, from 0 to 1.
    fraction: Option<f64>,
}

/// The token of who is logged in. It is kept here, where no script of a page and no other program finds it: not on the
/// disk, and not in a page's storage. Both windows share it, and it ends with the app.
#[derive(Debug, Default)]
pub struct Session(Mutex<Option<String>>);

impl Session {
    fn replace(&self, token: Option<String>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = token;
    }

    fn token(&self) -> Option<String> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// Whether this is a development build.
#[tauri::command]
#[specta::specta]
pub fn is_dev_mode() -> bool {
    tauri::is_dev()
}

/// Where the app keeps what it has to keep; the directory is there.
#[tauri::command]
#[specta::specta]
pub fn data_dir(app: AppHandle) -> Result<String, String> {
    let directory = app.path().app_data_dir().map_err(|e| e.to_string())?;
    create_private(&directory)
        .map_err(|error| format!("{} cannot be made: {error}", directory.display()))?;
    Ok(directory.to_string_lossy().into_owned())
}

/// Answers; for measuring how long that takes.
#[tauri::command]
#[specta::specta]
pub fn ping() {}

/// The token of who is logged in.
#[tauri::command]
#[specta::specta]
pub fn session(session: State<'_, Session>) -> Option<String> {
    session.token()
}

/// Keeps the token of who has logged in, in memory, for all windows.
#[tauri::command]
#[specta::specta]
pub fn remember_session(
    app: AppHandle,
    session: State<'_, Session>,
    token: String,
) -> Result<(), String> {
    session.replace(Some(token));
    announce(&app, true)
}

/// Forgets the token.
#[tauri::command]
#[specta::specta]
pub fn forget_session(app: AppHandle, session: State<'_, Session>) -> Result<(), String> {
    session.replace(None);
    announce(&app, false)
}

/// How long a request from Rust to FastAPI takes, in ms.
#[tauri::command]
#[specta::specta]
pub async fn measure_sidecar(app: AppHandle) -> BridgeResult<f64> {
    let python = app.sidecar_bridge().sidecar("python")?;
    let begun = Instant::now();
    let health = python.client().get("/health");
    let answer = health.timeout(Duration::from_secs(5)).send();
    answer.await?.success().await?.bytes().await?;
    Ok(begun.elapsed().as_secs_f64() * 1000.0)
}

fn announce<R: Runtime>(app: &AppHandle<R>, signed_in: bool) -> Result<(), String> {
    SessionChanged { signed_in }
        .emit(app)
        .map_err(|error| error.to_string())
}

/// Makes a directory that is for this user alone: there are password hashes in it.
fn create_private(directory: &std::path::Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(directory)
}
