//! Declares the app's commands, so that the ACL judges them.

use tauri_build::{AppManifest, Attributes};

fn main() {
    let commands = AppManifest::new().commands(&[
        "data_dir",
        "forget_session",
        "is_dev_mode",
        "journal",
        "log_from_page",
        "measure_sidecar",
        "ping",
        "remember_session",
        "session",
    ]);
    tauri_build::try_build(Attributes::new().app_manifest(commands)).expect("a valid app");
}
