//! The plugin's own wire types in other languages: `scripts/generate` writes them, `tests/generated.rs` checks them.

use serde_json::Value;
use tauri_specta::{Builder, ErrorHandlingMode, collect_commands, collect_events};

use crate::{
    Config, Status, commands,
    guest::{ConnectRequest, ConnectResponse, FetchRequest, FetchResponse, WriteRequest},
};

/// The event that tells pages of each new status; the exporter wants a type of its own for it.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize, specta::Type, tauri_specta::Event)]
pub struct StatusChanged(pub Status);

/// The guest's commands, events and types.
#[must_use]
pub fn guest<R: tauri::Runtime>() -> Builder<R> {
    Builder::new()
        .plugin_name("sidecar-bridge")
        .commands(collect_commands![
            commands::logs,
            commands::restart,
            commands::start,
            commands::status,
            commands::stop,
        ])
        .events(collect_events![StatusChanged])
        .typ::<ConnectRequest>()
        .typ::<ConnectResponse>()
        .typ::<FetchRequest>()
        .typ::<FetchResponse>()
        .typ::<WriteRequest>()
        .error_handling(ErrorHandlingMode::Throw)
        .disable_serde_phases()
}

/// The JSON Schema of the plugin's configuration.
#[must_use]
pub fn config_schema() -> Value {
    schemars::schema_for!(Config).to_value()
}

/// The OpenAPI document of the host endpoint.
#[must_use]
pub fn openapi() -> Value {
    crate::server::openapi::document()
}
