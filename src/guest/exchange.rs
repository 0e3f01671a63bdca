//! The exchanges between pages and the host: a page's request to a sidecar and the answer to it, or a WebSocket.
//!
//! The page reads an answer by asking for the next piece of it, and so decides how fast it comes: a pump takes from the
//! sidecar no more than a few pieces in advance. Bytes of a request come the same way, a piece at a time.

mod link;
mod piece;
mod registry;
#[cfg(test)]
mod tests;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(super) use self::link::PageLink;
pub(crate) use self::registry::{Exchanges, Key};

/// The head of a piece that a page writes.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "codegen", derive(specta::Type))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct WriteRequest {
    /// Which exchange it belongs to.
    pub exchange: String,
    /// Whether it is the last one.
    pub last: bool,
}
