//! The app.

use std::env;

use log::LevelFilter;
use serde_json::json;
use tauri::{Builder, Emitter, Runtime, Wry};
use tauri_plugin_sidecar_bridge::Config;

/// What a second instance was started with.
const SECOND: &str = "second-instance";

/// Runs the app.
pub fn run() {
    let mut context = tauri::generate_context!();
    if let Ok(given) = env::var("DESKTOP_TEST_UPDATER") {
        let given = serde_json::from_str(&given).expect("the variable has a configuration");
        let plugins = &mut context.config_mut().plugins.0;
        plugins.insert("updater".into(), given);
    }
    plugins(Builder::<Wry>::default())
        .channel_interceptor(tauri_plugin_sidecar_bridge::channels())
        .plugin(
            tauri_plugin_sidecar_bridge::Builder::new()
                .config(sidecars())
                .build(),
        )
        .run(context)
        .expect("the app runs");
}

fn sidecars() -> Config {
    let given = env::var("DESKTOP_TEST_SIDECARS").expect("the variable has a configuration");
    serde_json::from_str(&given).expect("a valid configuration")
}

fn plugins<R: Runtime>(builder: Builder<R>) -> Builder<R> {
    builder
        // The first, as its documentation says.
        .plugin(tauri_plugin_single_instance::init(|app, argv, cwd| {
            app.emit(SECOND, json!({ "argv": argv, "cwd": cwd }))
                .expect("it is emitted");
        }))
        .plugin(tauri_plugin_autostart::Builder::new().build())
        .plugin(tauri_plugin_cli::init())
        .plugin(tauri_plugin_clipboard_manager::init())
        .plugin(tauri_plugin_deep_link::init())
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_fs::init())
        .plugin(tauri_plugin_global_shortcut::Builder::new().build())
        .plugin(
            tauri_plugin_log::Builder::new()
                .level(LevelFilter::Info)
                .build(),
        )
        .plugin(tauri_plugin_notification::init())
        .plugin(tauri_plugin_opener::init())
        .plugin(tauri_plugin_positioner::init())
        .plugin(tauri_plugin_process::init())
        .plugin(tauri_plugin_shell::init())
        .plugin(tauri_plugin_sql::Builder::default().build())
        .plugin(tauri_plugin_store::Builder::new().build())
        // A real app derives a key that is hard to guess, which takes long on purpose.
        .plugin(
            tauri_plugin_stronghold::Builder::new(|password| {
                let mut key = password.as_bytes().to_vec();
                key.resize(32, 0);
                key
            })
            .build(),
        )
        .plugin(tauri_plugin_updater::Builder::new().build())
        .plugin(tauri_plugin_upload::init())
        .plugin(tauri_plugin_window_state::Builder::new().build())
}
