use std::fmt;

use serde::{Serialize, Serializer, ser::SerializeMap};

use super::system;
use crate::config::LoopbackUrl;

/// The address of a socket.
#[derive(Clone, Debug)]
pub(crate) enum Address {
    System(system::Address),
    #[cfg(test)]
    Memory(super::memory::Address),
}

impl Address {
    /// The socket at that path, for unit tests.
    #[cfg(all(test, unix))]
    pub(crate) fn unix(path: std::path::PathBuf) -> Self {
        Self::System(system::Address::new(path))
    }
}

impl fmt::Display for Address {
    /// The form of the environment variable `SIDECAR_BRIDGE`: `unix:/run/user/1000/…/lease.sock`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System(address) => write!(f, "{}:{address}", system::SCHEME),
            #[cfg(test)]
            Self::Memory(_) => f.write_str("memory:"),
        }
    }
}

impl Serialize for Address {
    /// The form on the wire: `{"unix": "/run/user/1000/…/host.sock"}`.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        match self {
            Self::System(address) => map.serialize_entry(system::SCHEME, &address.to_string())?,
            #[cfg(test)]
            Self::Memory(_) => map.serialize_entry("memory", "")?,
        }
        map.end()
    }
}

/// Where one sidecar of the app is met, as the connection file says it.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Location {
    /// A sidecar of the host's own.
    Spawned {
        /// Where a sidecar that was started by hand asks for its lease.
        join: Address,
        /// Where the sidecar serves. None where the sidecar dials the host, to serve.
        #[serde(skip_serializing_if = "Option::is_none")]
        listen: Option<Address>,
    },
    /// A server that somebody else runs.
    Attached {
        /// Where the server serves.
        listen: Http,
    },
}

/// A server on loopback.
#[derive(Debug, Serialize)]
pub(crate) struct Http {
    pub http: LoopbackUrl,
}
