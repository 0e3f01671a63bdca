//! Where connections come from.

use std::io;

use tokio::{net::TcpStream, runtime::Handle};
use tokio_util::task::AbortOnDropHandle;

use super::traffic::{Counted, Duplex, Place};
use crate::{
    config::LoopbackUrl,
    endpoint::{Address, Stream},
};

/// Who makes the connections: the host when it needs one, or the sidecar, for which the host waits.
#[derive(Clone, Debug)]
pub(super) enum Source {
    /// The sidecar's listening socket, which the host has bound and keeps.
    Endpoint(Address),
    /// An attached server.
    Attached(LoopbackUrl),
    /// The sidecar dials the host and serves on what it has dialled, see `Pool::dialled`.
    Dialled,
}

/// A connection that could not be made.
pub(super) struct Refused {
    pub error: io::Error,
    /// The place of the attempt. None when the runtime ends.
    pub place: Option<Place>,
}

impl Source {
    /// The `Host` that the sidecar sees as its own.
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

    /// Tries once to make a connection, on the runtime whose reactor will have the socket. The socket holds the place, so
    /// that the place stays taken until a socket that nobody waits for any more is closed.
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
                // Nagle's algorithm would let the end of a request wait for the acknowledgement of its beginning.
                stream.set_nodelay(true).ok();
                Ok(Box::new(stream))
            }
            Self::Dialled => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    /// Whether the same attempt may succeed a moment later.
    pub(super) fn may_pass(&self, error: &io::Error) -> bool {
        lacks_descriptors(error) || matches!(self, Self::Endpoint(_)) && is_full(error)
    }
}

/// Whether a backlog is full. Linux answers with EAGAIN, see connect(2). macOS refuses the connection, as if nobody listened;
/// but the host keeps the socket listening for as long as there is a pool.
fn is_full(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::WouldBlock
        || cfg!(any(target_os = "macos", sidecar_bridge_portable))
            && error.kind() == io::ErrorKind::ConnectionRefused
}

/// Whether the process, or the system, has no descriptor left.
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
