//! Declares the app's commands: some for the sidecar, and those of the page.

use tauri_build::{AppManifest, Attributes};

fn main() {
    let commands = AppManifest::new().commands(&[
        "bare_bytes",
        "bare_length",
        "count",
        "exit_app",
        "hold_main_thread",
        "open_folder",
        "stalls",
        "tick",
        "time_window",
        "watch",
    ]);
    if let Err(error) = tauri_build::try_build(Attributes::new().app_manifest(commands)) {
        println!("cargo::error={error:#}");
    }
}
