//! Lets the crate compile for operating systems without an endpoint. The plugin's setup refuses to run there, so this code
//! never runs.

use std::{collections::BTreeMap, convert::Infallible, fmt, io};

use super::{Location, Sockets};
use crate::{
    config::SidecarName,
    error::{Kind, Result},
};

pub(super) const SCHEME: &str = "none";

pub(super) type Stream = tokio::net::TcpStream;

pub(crate) const fn most_connections() -> usize {
    256
}

pub(crate) const fn most_pooled_connections() -> usize {
    64
}

pub(super) fn bind() -> Result<Sockets> {
    Err(Kind::UnsupportedPlatform.into())
}

/// A type without values.
#[derive(Clone, Debug)]
pub(crate) struct Address(Infallible);

impl Address {
    #[expect(clippy::unused_async, reason = "the other systems wait here")]
    pub(super) async fn connect(&self) -> io::Result<Stream> {
        match self.0 {}
    }
}

impl fmt::Display for Address {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {}
    }
}

#[derive(Debug)]
pub(crate) struct Directory(Infallible);

#[derive(Debug)]
pub(crate) struct Listener(Infallible);

impl Listener {
    pub(super) fn address(&self) -> Address {
        match self.0 {}
    }

    pub(super) fn accepting(self) -> io::Result<Accepting> {
        match self.0 {}
    }
}

#[derive(Debug)]
pub(crate) struct Accepting(Infallible);

impl Accepting {
    #[expect(clippy::unused_async, reason = "the other systems wait here")]
    pub(super) async fn accept(&self) -> io::Result<(Stream, Peer)> {
        match self.0 {}
    }
}

#[derive(Debug)]
pub(crate) struct ServingSocket(Infallible);

impl ServingSocket {
    pub(crate) fn address(&self) -> super::Address {
        match self.0 {}
    }

    #[expect(clippy::unused_async, reason = "the other systems wait here")]
    pub(crate) async fn pass(&self, _: &super::Stream, _: &[u8]) -> io::Result<()> {
        match self.0 {}
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ProcessGroup(u32);

impl ProcessGroup {
    pub(crate) const fn from_leader(pid: u32) -> Option<Self> {
        Some(Self(pid))
    }

    pub(crate) const fn id(self) -> u32 {
        self.0
    }
}

#[derive(Debug)]
pub(crate) struct Peer(Infallible);

impl Peer {
    pub(crate) fn process_group(&self) -> Option<ProcessGroup> {
        match self.0 {}
    }

    pub(crate) fn check(&self, _: ProcessGroup) -> std::result::Result<(), String> {
        match self.0 {}
    }

    #[cfg(test)]
    pub(crate) fn this_process() -> Self {
        unimplemented!("no test runs here")
    }
}

#[derive(Debug)]
pub(crate) struct ConnectionFile(Infallible);

impl ConnectionFile {
    pub(crate) fn publish(_: &str, _: &BTreeMap<SidecarName, Location>) -> Result<Self> {
        Err(Kind::UnsupportedPlatform.into())
    }
}
