//! Ledger: the document's application. The page is React, the logic is FastAPI, and this is what holds them together.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod commands;
mod journal;

use tauri::{AppHandle, Manager, WindowEvent, Wry};
use tauri_specta::{Builder, ErrorHandlingMode, collect_commands, collect_events};

/// The commands and events: what the app answers to, and what TypeScript and Python are generated from.
fn builder() -> Builder<Wry> {
    Builder::new()
        .commands(collect_commands![
            commands::data_dir::<Wry>,
            commands::forget_session::<Wry>,
            commands::is_dev_mode,
            commands::measure_sidecar::<Wry>,
            commands::ping,
            commands::remember_session::<Wry>,
            commands::session,
            journal::journal,
            journal::log_from_page,
        ])
        .events(collect_events![commands::SessionChanged])
        .error_handling(ErrorHandlingMode::Throw)
        .disable_serde_phases()
}

fn main() {
    journal::install();
    let bindings = builder();
    tauri::Builder::default()
        // Before all others, so that a second copy has done nothing yet when it finds the first one.
        .plugin(tauri_plugin_single_instance::init(|app, _, _| {
            show(app);
        }))
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_fs::init()) // for the scope of the files that people choose
        .plugin(tauri_plugin_notification::init())
        .plugin(tauri_plugin_sidecar_bridge::init())
        .channel_interceptor(tauri_plugin_sidecar_bridge::channels()) // for the tray's menu, which Python makes
        .manage(commands::Session::default())
        .invoke_handler(bindings.invoke_handler())
        .on_window_event(|window, event| {
            // The report leads nowhere: without the main window there is no app.
            if window.label() == "main" && matches!(event, WindowEvent::Destroyed) {
                window.app_handle().exit(0);
            }
        })
        .setup(move |app| {
            bindings.mount_events(app);
            Ok(())
        })
        .run(tauri::generate_context!())
        .expect("Tauri starts");
}

/// Brings the main window to the front.
fn show(app: &AppHandle) {
    let Some(window) = app.get_webview_window("main") else {
        return;
    };
    let shown = window
        .show()
        .and_then(|()| window.unminimize())
        .and_then(|()| window.set_focus());
    if let Err(error) = shown {
        log::warn!("the window cannot be shown: {error}");
    }
}

#[cfg(test)]
mod tests {
    use std::{env, fs, path::Path};

    use specta_typescript::Typescript;
    use tauri_plugin_sidecar_bridge::codegen::Python;

    #[test]
    fn bindings_are_current() -> Result<(), Box<dyn std::error::Error>> {
        let (typescript, python) = ("src/bindings.ts", "sidecar/ledger/bindings.py");
        let app = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let fresh = tempfile::tempdir()?;
        let to = env::var_os("BLESS").map_or(fresh.path(), |_| &app);
        super::builder().export(Typescript::default(), to.join(typescript))?;
        let generator = Python::default().command_line("scripts/generate");
        super::builder().export(generator, to.join(python))?;
        for file in [typescript, python] {
            let read = |root: &Path| fs::read_to_string(root.join(file));
            assert!(read(to)? == read(&app)?, "{file}: run scripts/generate");
        }
        Ok(())
    }
}
