//! Commands with arguments that Tauri fills in, and commands that emit events.

use std::sync::atomic::{AtomicU64, Ordering};

use tauri::{AppHandle, Manager, Runtime, State, Webview, WebviewWindow, Window};
use tauri_specta::Event;

use crate::events::{
    Counted, FileChanged, Finished, MessageReceived, PointerMoved, Progress, ThemeChanged,
};

/// How many calls there were: what the app has to manage.
#[derive(Debug, Default)]
pub struct Calls(AtomicU64);

#[tauri::command]
#[specta::specta]
pub(crate) fn ping() {}

#[tauri::command]
#[specta::specta]
pub(crate) async fn ping_later() {}

#[tauri::command]
#[specta::specta]
pub(crate) fn app_name<R: Runtime>(app: AppHandle<R>) -> String {
    app.package_info().name.clone()
}

/// Gives the label of the window that calls.
#[tauri::command]
#[specta::specta]
pub(crate) fn window_label<R: Runtime>(window: WebviewWindow<R>, prefix: String) -> String {
    prefix + window.label()
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn labels<R: Runtime>(window: Window<R>, webview: Webview<R>) -> (String, String) {
    (window.label().to_owned(), webview.label().to_owned())
}

/// Counts its own calls.
#[tauri::command]
#[specta::specta]
pub(crate) fn count_call(calls: State<'_, Calls>, by: Option<u32>) -> u64 {
    let by = by.map_or(1, u64::from);
    calls.0.fetch_add(by, Ordering::Relaxed) + by
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn calls_so_far<R: Runtime>(
    app: AppHandle<R>,
    calls: State<'_, Calls>,
) -> Result<u64, String> {
    match app.try_state::<Calls>() {
        Some(_) => Ok(calls.0.load(Ordering::Relaxed)),
        None => Err("nobody counts".into()),
    }
}

/// A command for each event, which emits what it is given.
macro_rules! emit {
    ($($name:ident: $event:ty,)*) => {$(
        #[tauri::command]
        #[specta::specta]
        pub(crate) fn $name<R: Runtime>(app: AppHandle<R>, event: $event) -> Result<(), String> {
            event.emit(&app).map_err(|error| error.to_string())
        }
    )*};
}

emit! {
    emit_file_changed: FileChanged,
    emit_message: MessageReceived,
    emit_counted: Counted,
    emit_theme: ThemeChanged,
    emit_pointer: PointerMoved,
}

/// Emits how far it is.
#[tauri::command]
#[specta::specta]
pub(crate) fn emit_progress<R: Runtime>(
    app: AppHandle<R>,
    progress: Progress,
) -> Result<(), String> {
    progress.emit(&app).map_err(|error| error.to_string())
}

#[tauri::command]
#[specta::specta]
pub(crate) fn emit_finished<R: Runtime>(app: AppHandle<R>) -> Result<(), String> {
    Finished.emit(&app).map_err(|error| error.to_string())
}
