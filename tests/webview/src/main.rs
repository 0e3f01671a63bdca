//! A window for tests: its page has the guest package, its sidecar is there twice, on the bridge and on a port.

mod bare;
mod calls;
mod stalls;

use std::path::PathBuf;

use tauri::{AppHandle, RunEvent, WebviewWindowBuilder, ipc::Channel};
use tauri_plugin_fs::FsExt;

/// Counts over a channel, for the sidecar.
#[tauri::command]
async fn count(up_to: u32, on_number: Channel<u32>) -> Result<(), String> {
    let mut numbers = 0..up_to;
    numbers
        .try_for_each(|number| on_number.send(number))
        .map_err(|error| error.to_string())
}

/// Ends the app from a thread of Tauri's runtime.
#[tauri::command]
async fn exit_app(app: AppHandle) {
    app.exit(0);
}

/// Lets the page name the files of a folder, as an app does for a folder of its own.
#[tauri::command]
async fn open_folder(app: AppHandle, folder: PathBuf) -> Result<(), String> {
    let allowed = app.fs_scope().allow_directory(folder, false);
    allowed.map_err(|error| error.to_string())
}

fn main() {
    let mut builder = tauri::Builder::default()
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_fs::init());
    // Without it the app shows what the plugin costs.
    if std::env::var_os("WEBVIEW_TEST_WITHOUT_PLUGIN").is_none() {
        builder = builder
            .channel_interceptor(tauri_plugin_sidecar_bridge::channels())
            .plugin(tauri_plugin_sidecar_bridge::init());
    }
    builder
        .manage(calls::Ticks::default())
        .manage(stalls::Stalls::default())
        .invoke_handler(tauri::generate_handler![
            bare::bare_bytes,
            bare::bare_length,
            count,
            exit_app,
            open_folder,
            calls::hold_main_thread,
            calls::tick,
            calls::time_window,
            stalls::watch,
            stalls::stalls
        ])
        .setup(|app| {
            // The sidecar opens windows then.
            if std::env::var_os("WEBVIEW_TEST_OPENED").is_none() {
                let window = &app.config().app.windows[0];
                WebviewWindowBuilder::from_config(app.handle(), window)?.build()?;
            }
            Ok(())
        })
        .build(tauri::generate_context!())
        .expect("Tauri starts")
        .run(|_, event| {
            // As an app that lives on in the tray.
            if let RunEvent::ExitRequested { api, .. } = event
                && std::env::var_os("WEBVIEW_TEST_STAYS").is_some()
            {
                api.prevent_exit();
            }
        });
}
