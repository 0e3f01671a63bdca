//! The error shape of every wire.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Error, ErrorCode, Kind};

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
    /// What happened: the offending value and the remedy.
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

impl From<&Error> for Problem {
    /// What the other side must not see goes to the log, under the problem's `instance`.
    fn from(error: &Error) -> Self {
        if let Kind::Problem(problem) = error.kind() {
            return Self::clone(problem);
        }
        let code = error.code();
        let detail = error.to_string();
        let instance = format!("urn:uuid:{}", uuid::Uuid::new_v4());
        if let Some(source) = std::error::Error::source(error) {
            log::warn!("{instance} {detail} ({source:?})");
        }
        let data = match error.kind() {
            Kind::Command { data, .. } => Some(data.clone()),
            Kind::Answered { data, .. } => data.clone(),
            _ => None,
        };
        Self {
            r#type: "about:blank".into(),
            title: code.title().into(),
            status: code.status(),
            detail,
            instance,
            code,
            retryable: error.is_retryable(),
            data,
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self::from(&error)
    }
}
