//! The error shape of every wire.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

#[cfg(doc)]
use super::Error;
use super::code::ErrorCode;

/// The only error shape on any wire: RFC 9457 `application/problem+json` with a [`code`](Self::code).
///
/// A command of this plugin rejects with it, the host endpoint answers with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "codegen", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Problem {
    /// A URI for the kind of problem; `about:blank`, since `code` says it.
    pub r#type: String,
    /// The code in words.
    pub title: String,
    /// The HTTP status, also inside the body.
    pub status: u16,
    /// What happened: the offending value and the remedy. It has no path of the host and no line that a sidecar wrote.
    pub detail: String,
    /// Names this one occurrence; the log has the details under it.
    pub instance: String,
    /// What kind of problem it is.
    pub code: ErrorCode,
    /// Whether the same request may succeed later, and has done nothing yet.
    pub retryable: bool,
    /// The error value of the app's own command, or of FastAPI's answer, whole; absent for every other problem.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "codegen", specta(type = Option<specta_typescript::Unknown>))]
    pub data: Option<Value>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.title, self.detail)
    }
}
