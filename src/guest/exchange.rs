//! The exchanges between pages and the host: a page's request to a sidecar and the answer to it, or a WebSocket.
//!
//! The page reads an answer by asking for one piece after the other, and so decides how fast it comes: a pump takes no more
//! than a few chunks from the sidecar in advance. The page writes the bytes of a request in pieces, too.

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
