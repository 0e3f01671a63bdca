//! Keeps the crate compiling where the endpoint is still to come: [`RunDirectory::create`] fails, so none of the other
//! types ever has a value.

use std::{convert::Infallible, io};

use serde::Serialize;

use crate::{Error, Result};

pub(crate) type Stream = tokio::net::TcpStream;

#[derive(Clone, Debug, Serialize)]
pub(crate) enum Address {}

impl Address {
    #[expect(clippy::unused_async, reason = "the other systems wait here")]
    pub(crate) async fn connect(&self) -> io::Result<Stream> {
        match *self {}
    }
}

#[derive(Debug)]
pub(crate) struct RunDirectory(Infallible);

impl RunDirectory {
    pub(crate) fn create() -> Result<Self> {
        Err(Error::UnsupportedPlatform)
    }

    pub(crate) fn bind_host(&self) -> Result<Listener> {
        match self.0 {}
    }

    pub(crate) fn bind_sidecar(&self) -> Result<SidecarListener> {
        match self.0 {}
    }
}

#[derive(Debug)]
pub(crate) struct Listener(Infallible);

impl Listener {
    pub(crate) fn address(&self) -> Address {
        match self.0 {}
    }

    pub(crate) fn accepting(self) -> io::Result<Accepting> {
        match self.0 {}
    }
}

pub(crate) struct Accepting(Infallible);

impl Accepting {
    #[expect(clippy::unused_async, reason = "the other systems wait here")]
    pub(crate) async fn accept(&self) -> io::Result<Stream> {
        match self.0 {}
    }
}

#[derive(Debug)]
pub(crate) struct SidecarListener(Infallible);

impl SidecarListener {
    pub(crate) fn address(&self) -> Address {
        match self.0 {}
    }
}
