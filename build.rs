//! Makes the permissions of the plugin's commands.

const COMMANDS: &[&str] = &["fetch", "logs", "restart", "start", "status", "stop"];

fn main() {
    tauri_plugin::Builder::new(COMMANDS).build();
}
