//! Private connections between the host and one sidecar, and the token that goes with them.
//!
//! An endpoint is what this module exports: sockets to [`bind`], an [`Address`] to connect to, a [`Listener`] that accepts
//! a [`Stream`] together with its [`Peer`], and the [`ServingSocket`] on which a sidecar serves. `unix` and `windows` are such
//! sets; `memory` is another one, for unit tests. Nothing above this module asks for an operating system.

mod address;
mod connection;
mod stream;
mod token;

#[cfg(unix)]
mod unix;
#[cfg(unix)]
use unix as system;

#[cfg(windows)]
mod windows;
#[cfg(windows)]
use windows as system;

#[cfg(not(any(unix, windows)))]
compile_error!(
    "sidecar-bridge has an endpoint for Linux, macOS and Windows; build for one of them"
);

#[cfg(test)]
pub(crate) mod memory;

use crate::error::Result;

pub(crate) use address::{Address, Http, Location};
pub(crate) use stream::{Accepted, Listener, Stream};
pub(crate) use system::{
    ConnectionFile, Peer, ProcessGroup, ServingSocket, most_connections, most_pooled_connections,
};
pub(crate) use token::{CurrentToken, Generation, Token};

/// The sockets of one sidecar and its host. Their addresses stay the same through all generations.
#[derive(Debug)]
pub(crate) struct Sockets {
    /// The host accepts the sidecar's calls here.
    pub host: Listener,
    /// A process of the sidecar dials this, for its lease or for the token alone.
    pub lease: Listener,
    /// The sidecar accepts requests here.
    pub serving: ServingSocket,
    /// The sidecar dials this instead, and serves on what it has dialled, where no listening socket can be given to it.
    pub dialled: Option<Listener>,
    /// Must be dropped after the sockets.
    pub directory: system::Directory,
}

/// Opens the sockets of one sidecar. Only this user can reach them.
///
/// # Errors
/// `internal` when the system refuses.
pub(crate) fn bind() -> Result<Sockets> {
    system::bind()
}
