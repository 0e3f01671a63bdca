//! The plugin's own wire types in other languages: `scripts/generate` writes them, `tests/generated.rs` checks them, and
//! Rust, Python and TypeScript each read and write `tests/golden`.

use std::collections::BTreeSet;

use serde_json::Value;
use tauri_specta::{Builder, ErrorHandlingMode, collect_commands};

use crate::{
    commands,
    config::Config,
    error::{ErrorCode, Problem},
    guest::{
        ConnectRequest, ConnectResponse, DownloadRequest, FetchRequest, FetchResponse,
        UploadRequest, WriteRequest,
    },
    output::{Exit, OutputLine, OutputStream},
    server::openapi,
    status::{Activity, Spare, SparePhase, State, Status},
};

/// The guest's commands and types.
#[must_use]
pub fn guest<R: tauri::Runtime>() -> Builder<R> {
    Builder::new()
        .plugin_name("sidecar-bridge")
        .commands(collect_commands![
            commands::diagnose,
            commands::logs,
            commands::restart,
            commands::start,
            commands::status,
            commands::stop,
        ])
        .typ::<ConnectRequest>()
        .typ::<ConnectResponse>()
        .typ::<DownloadRequest>()
        .typ::<FetchRequest>()
        .typ::<FetchResponse>()
        .typ::<UploadRequest>()
        .typ::<WriteRequest>()
        .error_handling(ErrorHandlingMode::Throw)
        .disable_serde_phases()
}

/// Lists the types that travel between the plugin and pages or sidecars.
macro_rules! wire_types {
    ($($name:ident)*) => {
        /// Reads JSON as the type of that name, and gives what the type writes.
        ///
        /// # Errors
        /// What serde says of it; none is of another name.
        pub fn rewritten(name: &str, json: &str) -> Result<Value, String> {
            match name {
                $(stringify!($name) => {
                    let value: $name = serde_json::from_str(json).map_err(|error| error.to_string())?;
                    serde_json::to_value(value).map_err(|error| error.to_string())
                })*
                other => Err(format!("`{other}` does not travel")),
            }
        }

        /// The names of these types, and of the variants of those that have some: `Status`, `State.ready`.
        #[must_use]
        pub fn wire_names() -> BTreeSet<String> {
            let mut names = BTreeSet::new();
            $(names.extend(names_of(stringify!($name), &schemars::schema_for!($name).to_value()));)*
            names
        }
    };
}

wire_types! {
    Activity ConnectRequest ConnectResponse DownloadRequest ErrorCode Exit FetchRequest FetchResponse OutputLine OutputStream
    Problem Spare SparePhase State Status UploadRequest WriteRequest
}

/// A type's name, or those of its variants: in a schema, the string that each is or has under its tag.
fn names_of(name: &str, schema: &Value) -> Vec<String> {
    let Some(variants) = schema["oneOf"].as_array() else {
        return vec![name.to_owned()];
    };
    let wire = |variant: &Value| {
        let constant = variant
            .get("const")
            .unwrap_or(&variant["properties"]["phase"]["const"]);
        constant.as_str().map(str::to_owned)
    };
    let wire = variants.iter().filter_map(wire);
    wire.map(|wire| format!("{name}.{wire}")).collect()
}

/// The JSON Schema of the plugin's configuration.
#[must_use]
pub fn config_schema() -> Value {
    schemars::schema_for!(Config).to_value()
}

/// The OpenAPI document of the host endpoint.
#[must_use]
pub fn openapi() -> Value {
    openapi::document()
}
