//! Declares no command, so that Tauri's ACL knows none of the app's.

fn main() {
    if let Err(error) = tauri_build::try_build(tauri_build::Attributes::new()) {
        println!("cargo::error={error:#}");
    }
}
