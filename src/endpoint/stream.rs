//! Connections, over sockets of the operating system or pipes in memory.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{Address, Peer, system};

/// One end of a connection between the host and a process of this user.
#[derive(Debug)]
pub(crate) enum Stream {
    System(system::Stream),
    #[cfg(test)]
    Memory(tokio::io::DuplexStream),
}

impl Address {
    /// Connects. Call this inside the runtime that drives the connection.
    ///
    /// # Errors
    /// `WouldBlock` on Linux, and `ConnectionRefused` on macOS, while the backlog is full.
    pub(crate) async fn connect(&self) -> io::Result<Stream> {
        match self {
            Self::System(address) => address.connect().await.map(Stream::System),
            #[cfg(test)]
            Self::Memory(address) => address.connect().map(Stream::Memory),
        }
    }
}

/// The inner stream, of any kind, for the two traits below.
macro_rules! each {
    ($stream:expr, $name:ident => $does:expr) => {
        match $stream.get_mut() {
            Self::System($name) => $does,
            #[cfg(test)]
            Self::Memory($name) => $does,
        }
    };
}

impl Stream {
    /// The operating system's stream: only this can carry a socket.
    ///
    /// # Errors
    /// `Unsupported` for a stream in memory.
    #[cfg_attr(
        not(test),
        expect(
            clippy::unnecessary_wraps,
            reason = "only tests have streams in memory"
        )
    )]
    pub(super) fn of_the_system(&self) -> io::Result<&system::Stream> {
        match self {
            Self::System(stream) => Ok(stream),
            #[cfg(test)]
            Self::Memory(_) => Err(io::ErrorKind::Unsupported.into()),
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        each!(self, stream => Pin::new(stream).poll_read(cx, buffer))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        each!(self, stream => Pin::new(stream).poll_write(cx, bytes))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        each!(self, stream => Pin::new(stream).poll_write_vectored(cx, pieces))
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::System(stream) => stream.is_write_vectored(),
            #[cfg(test)]
            Self::Memory(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        each!(self, stream => Pin::new(stream).poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        each!(self, stream => Pin::new(stream).poll_shutdown(cx))
    }
}

/// A connection, and the process at its other end.
#[derive(Debug)]
pub(crate) struct Accepted {
    pub stream: Stream,
    pub peer: Peer,
}

/// A socket that accepts connections.
#[derive(Debug)]
pub(crate) enum Listener {
    System(system::Listener),
    #[cfg(test)]
    Memory(super::memory::Listener),
}

impl Listener {
    pub(crate) fn address(&self) -> Address {
        match self {
            Self::System(listener) => Address::System(listener.address()),
            #[cfg(test)]
            Self::Memory(listener) => Address::Memory(listener.address()),
        }
    }

    /// Begins to accept. Call this inside the runtime that drives the connections.
    pub(crate) fn accepting(self) -> io::Result<Accepting> {
        match self {
            Self::System(listener) => listener.accepting().map(Accepting::System),
            #[cfg(test)]
            Self::Memory(listener) => Ok(Accepting::Memory(listener)),
        }
    }
}

/// A [`Listener`] that accepts.
#[derive(Debug)]
pub(crate) enum Accepting {
    System(system::Accepting),
    #[cfg(test)]
    Memory(super::memory::Listener),
}

impl Accepting {
    /// The next connection of this user. Connections of other users are closed unanswered. Dropping the future loses none.
    pub(crate) async fn accept(&mut self) -> io::Result<Accepted> {
        match self {
            Self::System(listener) => {
                let (stream, peer) = listener.accept().await?;
                Ok(Accepted {
                    stream: Stream::System(stream),
                    peer,
                })
            }
            #[cfg(test)]
            Self::Memory(listener) => listener.accept().await,
        }
    }
}
