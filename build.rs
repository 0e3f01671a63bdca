//! Makes the permissions of the plugin's commands.

const COMMANDS: &[&str] = &["fetch", "status"];

fn main() {
    tauri_plugin::Builder::new(COMMANDS).build();
}
