//! Where connections come from.

use std::io;

use tokio::{net::TcpStream, runtime::Handle};
use tokio_util::task::AbortOnDropHandle;

use super::traffic::{Counted, Duplex, Place};
use crate::{
    config::LoopbackUrl,
    endpoint::{Address, Stream},
};

/// The host makes a connection when it needs one, or the sidecar does and the host waits for it.
#[derive(Clone, Debug)]
pub(super) enum Source {
    /// The sidecar's listening socket, which the host has bound and keeps.
    Endpoint(Address),
    /// Somebody else's server.
    Attached(LoopbackUrl),
    /// The sidecar dials the host and serves on what it has dialled, see `Pool::dialled`.
    Dialled,
}

/// A connection that could not be made.
pub(super) struct Refused {
    pub error: io::Error,
    /// None when the runtime ends.
    pub place: Option<Place>,
}

impl Source {
    /// What the sidecar takes for its own host.
    pub(super) fn authority(&self) -> &str {
        match self {
            Self::Endpoint(_) | Self::Dialled => "localhost",
            Self::Attached(url) => url.authority(),
        }
    }

    /// Whether the host makes its connections itself.
    pub(super) const fn makes(&self) -> bool {
        matches!(self, Self::Endpoint(_) | Self::Attached(_))
    }

    /// Tries once to make a connection, on the runtime whose reactor will have the socket. The place goes along, so that it
    /// outlives a socket that nobody waits for any more.
    pub(super) async fn connect(&self, runtime: &Handle, place: Place) -> Result<Counted, Refused> {
        let source = self.clone();
        let connecting = AbortOnDropHandle::new(runtime.spawn(async move {
            match source.stream().await {
                Ok(stream) => Ok(Counted::new(stream, place)),
                Err(error) => Err(Refused {
                    error,
                    place: Some(place),
                }),
            }
        }));
        connecting.await.unwrap_or_else(|ended| {
            Err(Refused {
                error: io::Error::other(ended),
                place: None,
            })
        })
    }

    async fn stream(&self) -> io::Result<Box<dyn Duplex>> {
        match self {
            Self::Endpoint(address) => {
                let stream: Stream = address.connect().await?;
                Ok(Box::new(stream))
            }
            Self::Attached(url) => {
                let stream = TcpStream::connect(url.socket_address()).await?;
                // Otherwise the end of a request may wait for the acknowledgement of its beginning.
                stream.set_nodelay(true).ok();
                Ok(Box::new(stream))
            }
            Self::Dialled => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    /// Whether the same attempt may well succeed a moment later.
    pub(super) fn may_pass(&self, error: &io::Error) -> bool {
        lacks_descriptors(error) || matches!(self, Self::Endpoint(_)) && is_full(error)
    }
}

/// Whether a backlog has no room. Linux says so with EAGAIN, see connect(2). macOS refuses the connection, as if nobody
/// listened; but on a socket that the host has bound somebody does for as long as there is a pool.
fn is_full(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::WouldBlock
        || cfg!(target_os = "macos") && error.kind() == io::ErrorKind::ConnectionRefused
}

/// Whether the process, or the system, has as many open files as it may.
#[cfg(unix)]
fn lacks_descriptors(error: &io::Error) -> bool {
    use rustix::io::Errno;

    matches!(
        Errno::from_io_error(error),
        Some(Errno::MFILE | Errno::NFILE)
    )
}

#[cfg(not(unix))]
const fn lacks_descriptors(_: &io::Error) -> bool {
    false
}
