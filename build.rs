//! Makes the permissions of the plugin's commands.

#[expect(dead_code, reason = "only its schema is used here")]
#[path = "src/guest/scope/entry.rs"]
mod entry;

/// The commands with a permission each. `permissions/status.toml` and `permissions/files.toml` have those of the others.
const COMMANDS: &[&str] = &[
    "cancel", "connect", "cookies", "fetch", "media", "read", "restart", "start", "stop", "write",
];

fn main() {
    tauri_plugin::Builder::new(COMMANDS)
        .global_scope_schema(schemars::schema_for!(entry::Entry))
        .build();
}
