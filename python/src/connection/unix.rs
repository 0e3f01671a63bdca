//! A connection over a Unix socket.

use std::{
    io::{self, ErrorKind, IoSlice, Read, Write},
    mem::MaybeUninit,
    net::Shutdown,
    os::{
        fd::{AsRawFd, OwnedFd, RawFd},
        unix::net::UnixStream,
    },
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use rustix::net::{RecvFlags, recv};
use socket2::{Domain, SockAddr, Socket, Type};

use super::{Failure, LOOK, next_wait};
use crate::address::Address;

#[derive(Debug)]
pub(super) struct Stream {
    socket: UnixStream,
    /// The socket's timeouts, in nanoseconds. The lock of the exchange is held while they change.
    timeout_ns: AtomicU64,
}

impl Stream {
    pub(super) fn open(address: &Address, deadline: Option<Instant>) -> Result<Self, Failure> {
        let socket = unconnected().map_err(Failure::Broken)?;
        let timeout = next_wait(deadline)?;
        // On Linux it is connect(2)'s timeout as well, see socket(7).
        socket
            .set_write_timeout(Some(timeout))
            .and_then(|()| socket.set_read_timeout(Some(timeout)))
            .and_then(|()| socket.connect(&SockAddr::unix(&address.path)?))
            .map_err(failure)?;
        Ok(Self::new(socket, timeout))
    }

    pub(super) fn open_nonblocking(address: &Address) -> io::Result<Self> {
        let socket = unconnected()?;
        socket.set_nonblocking(true)?;
        socket.connect(&SockAddr::unix(&address.path)?)?;
        Ok(Self::new(socket, LOOK))
    }

    fn new(socket: Socket, timeout: Duration) -> Self {
        Self {
            socket: UnixStream::from(OwnedFd::from(socket)),
            timeout_ns: AtomicU64::new(nanoseconds(timeout)),
        }
    }

    /// Sends what the socket takes of these parts, and says how much that was.
    pub(super) fn write(
        &self,
        parts: [&[u8]; 2],
        deadline: Option<Instant>,
    ) -> Result<usize, Failure> {
        self.apply(deadline)?;
        (&self.socket)
            .write_vectored(&parts.map(IoSlice::new))
            .map_err(failure)
    }

    pub(super) fn read(
        &self,
        buffer: &mut [u8],
        deadline: Option<Instant>,
    ) -> Result<usize, Failure> {
        self.apply(deadline)?;
        (&self.socket).read(buffer).map_err(failure)
    }

    pub(super) fn read_into(
        &self,
        buffer: &mut [MaybeUninit<u8>],
        deadline: Option<Instant>,
    ) -> Result<usize, Failure> {
        self.apply(deadline)?;
        let ((read, _), _) = recv(&self.socket, buffer, RecvFlags::empty())
            .map_err(|error| failure(error.into()))?;
        Ok(read.len())
    }

    pub(super) fn is_quiet(&self) -> bool {
        // Nothing to read is the only good news: an end, an error or unasked-for bytes are not.
        recv(
            &self.socket,
            &mut [0_u8; 1],
            RecvFlags::PEEK | RecvFlags::DONTWAIT,
        ) == Err(rustix::io::Errno::WOULDBLOCK)
    }

    pub(super) fn close(&self) {
        // A socket that the host has shut down already is as closed as it can be.
        drop(self.socket.shutdown(Shutdown::Both));
    }

    pub(super) fn descriptor(&self) -> RawFd {
        self.socket.as_raw_fd()
    }

    /// Sets the socket's timeouts to what is left of the deadline, if that is less than [`LOOK`].
    fn apply(&self, deadline: Option<Instant>) -> Result<(), Failure> {
        let timeout = next_wait(deadline)?;
        if nanoseconds(timeout) != self.timeout_ns.load(Ordering::Relaxed) {
            self.socket
                .set_read_timeout(Some(timeout))
                .map_err(Failure::Broken)?;
            self.socket
                .set_write_timeout(Some(timeout))
                .map_err(Failure::Broken)?;
            self.timeout_ns
                .store(nanoseconds(timeout), Ordering::Relaxed);
        }
        Ok(())
    }
}

/// Of a wait, which is never longer than [`LOOK`].
fn nanoseconds(wait: Duration) -> u64 {
    u64::try_from(wait.as_nanos()).unwrap_or(u64::MAX)
}

/// A socket that no child inherits and whose other end may close without a signal.
pub(crate) fn unconnected() -> io::Result<Socket> {
    Socket::new(Domain::UNIX, Type::STREAM, None)
}

/// The timeouts of socket(7) show as `EAGAIN`; `apply` tells whether the deadline was behind one.
fn failure(error: io::Error) -> Failure {
    match error.kind() {
        ErrorKind::Interrupted | ErrorKind::WouldBlock | ErrorKind::TimedOut => {
            Failure::Interrupted
        }
        _ => Failure::Broken(error),
    }
}
