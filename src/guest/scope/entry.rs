use schemars::JsonSchema;
use serde::Deserialize;

/// What a page may ask of which sidecar, under `allow`, or may not, under `deny`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Entry {
    /// The sidecar's name. Default: every one.
    pub sidecar: Option<String>,
    /// HTTP methods in upper case; HEAD and the opening of a WebSocket count as GET. Default: every one.
    pub methods: Option<Vec<String>>,
    /// A glob for the path: `*` stands for anything but a `/`, `**` for any number of segments. `/admin/**` also stands for
    /// `/admin` itself.
    pub path: String,
}
