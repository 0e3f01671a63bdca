//! Declares the commands of the test app, so that the ACL judges them.

use tauri_build::{AppManifest, Attributes};

fn main() {
    let commands = AppManifest::new().commands(&[
        "greet",
        "echo",
        "reverse",
        "take_bytes",
        "give_bytes",
        "fail",
        "secret",
        "missing",
        "whereabouts",
        "tell",
        "hold",
        "keep",
        "tell_late",
        "tell_from_thread",
        "header",
        "make_at_gate",
        "note",
    ]);
    if let Err(error) = tauri_build::try_build(Attributes::new().app_manifest(commands)) {
        println!("cargo::error={error:#}");
    }
}
