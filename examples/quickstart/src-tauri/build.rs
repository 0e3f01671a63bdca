//! Declares the app's command, so that the ACL judges it.

use tauri_build::{AppManifest, Attributes};

fn main() {
    let commands = AppManifest::new().commands(&["greet"]);
    tauri_build::try_build(Attributes::new().app_manifest(commands)).expect("a valid app");
}
