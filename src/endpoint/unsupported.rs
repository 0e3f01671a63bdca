//! Keeps the crate compiling where the endpoint is still to come. The plugin's setup refuses to run there, so nothing
//! here is ever called.

use std::{collections::BTreeMap, io, process::Stdio};

use serde::Serialize;

use super::Meeting;
use crate::{
    config::SidecarName,
    error::{Error, Kind, Result},
};

pub(crate) type Stream = tokio::net::TcpStream;

pub(crate) const fn most_connections() -> usize {
    256
}

pub(crate) const fn most_pooled_connections() -> usize {
    64
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Address;

impl Address {
    #[expect(clippy::unused_async, reason = "the other systems wait here")]
    pub(crate) async fn connect(&self) -> io::Result<Stream> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

#[derive(Debug)]
pub(crate) struct RunDirectory;

impl RunDirectory {
    pub(crate) fn create() -> Result<Self> {
        Err(Kind::UnsupportedPlatform.into())
    }

    pub(crate) fn bind_host(&self) -> Result<Listener> {
        Err(Kind::UnsupportedPlatform.into())
    }

    pub(crate) fn bind_join(&self) -> Result<Listener> {
        Err(Kind::UnsupportedPlatform.into())
    }

    pub(crate) fn bind_sidecar(&self) -> Result<SidecarListener> {
        Err(Kind::UnsupportedPlatform.into())
    }
}

#[derive(Debug)]
pub(crate) struct Listener;

impl Listener {
    pub(crate) fn address(&self) -> Address {
        Address
    }

    pub(crate) fn accepting(self) -> io::Result<Accepting> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

pub(crate) struct Accepting;

impl Accepting {
    #[expect(clippy::unused_async, reason = "the other systems wait here")]
    pub(crate) async fn accept(&self) -> io::Result<Stream> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

#[derive(Debug)]
pub(crate) struct SidecarListener;

impl SidecarListener {
    pub(crate) fn address(&self) -> Address {
        Address
    }

    #[expect(clippy::unused_async, reason = "the other systems wait here")]
    pub(crate) async fn pass(&self, _: &Stream, _: &[u8]) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

pub(crate) fn lease_pair() -> io::Result<(Stream, Stdio)> {
    Err(io::ErrorKind::Unsupported.into())
}

#[derive(Debug)]
pub(crate) struct ConnectionFile;

impl ConnectionFile {
    pub(crate) fn publish(_: &str, _: &BTreeMap<SidecarName, Meeting>) -> Result<Self> {
        Err(Kind::UnsupportedPlatform.into())
    }
}
