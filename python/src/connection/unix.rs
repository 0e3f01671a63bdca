//! A connection over a Unix socket.

use std::{
    io::{self, ErrorKind, IoSlice},
    mem::MaybeUninit,
    net::Shutdown,
    os::{
        fd::{AsFd, AsRawFd, OwnedFd, RawFd},
        unix::net::UnixStream,
    },
    thread,
    time::{Duration, Instant},
};

use rustix::{
    buffer::Buffer,
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
    net::{RecvFlags, SendAncillaryBuffer, SendFlags, recv, send, sendmsg},
};
use socket2::{Domain, SockAddr, Socket, Type};

use super::{Failure, LOOK, next_wait};
use crate::{
    address::Address,
    backlog::{FULL_PAUSE, may_be_full},
    dial::{LEAST, NO_SIGNAL},
};

#[derive(Debug)]
pub(super) struct Stream {
    socket: UnixStream,
    /// Whether a call may wait.
    waits: bool,
}

impl Stream {
    pub(super) fn open(address: &Address, deadline: Option<Instant>) -> Result<Self, Failure> {
        let began = Instant::now();
        loop {
            // Another one each time: what one that was refused is good for is not specified, see connect(3p).
            let socket = unconnected().map_err(Failure::Broken)?;
            // On Linux the one to write is connect(2)'s timeout as well, see socket(7).
            let connected = socket
                .set_write_timeout(Some(next_wait(deadline)?.max(LEAST)))
                .and_then(|()| socket.set_read_timeout(Some(LOOK)))
                .and_then(|()| socket.connect(&SockAddr::unix(&address.path)?));
            match connected {
                Ok(()) => return Ok(Self::new(socket, true)),
                Err(error) if may_be_full(&error, began.elapsed()) => {
                    thread::sleep(FULL_PAUSE.min(next_wait(deadline)?));
                }
                Err(error) => return Err(failure(error)),
            }
        }
    }

    pub(super) fn open_nonblocking(address: &Address) -> io::Result<Self> {
        let socket = unconnected()?;
        socket.set_nonblocking(true)?;
        socket.connect(&SockAddr::unix(&address.path)?)?;
        Ok(Self::new(socket, false))
    }

    fn new(socket: Socket, waits: bool) -> Self {
        Self {
            socket: UnixStream::from(OwnedFd::from(socket)),
            waits,
        }
    }

    /// Sends what the socket takes of these parts, and says how much that was.
    ///
    /// A call that waits would do so until it has sent everything: its timeout begins anew whenever the host reads a little.
    pub(super) fn write(
        &self,
        parts: [&[u8]; 2],
        deadline: Option<Instant>,
    ) -> Result<usize, Failure> {
        loop {
            let left = next_wait(deadline)?;
            let flags = NO_SIGNAL | SendFlags::DONTWAIT;
            let sent = if parts[1].is_empty() {
                send(&self.socket, parts[0], flags)
            } else {
                let parts = parts.map(IoSlice::new);
                sendmsg(
                    &self.socket,
                    &parts,
                    &mut SendAncillaryBuffer::default(),
                    flags,
                )
            };
            match sent {
                Err(Errno::WOULDBLOCK) if self.waits => self.wait(PollFlags::OUT, left)?,
                sent => return sent.map_err(|error| failure(error.into())),
            }
        }
    }

    pub(super) fn read(
        &self,
        buffer: &mut [u8],
        deadline: Option<Instant>,
    ) -> Result<usize, Failure> {
        self.receive(buffer, deadline)
    }

    pub(super) fn read_into(
        &self,
        buffer: &mut [MaybeUninit<u8>],
        deadline: Option<Instant>,
    ) -> Result<usize, Failure> {
        self.receive(buffer, deadline)
    }

    fn receive<T: Buffer<u8>>(
        &self,
        buffer: T,
        deadline: Option<Instant>,
    ) -> Result<usize, Failure> {
        let may_wait = self.may_wait_to_read(deadline)?;
        let mut flags = RecvFlags::empty();
        flags.set(RecvFlags::DONTWAIT, !may_wait);
        let (_, count) =
            recv(&self.socket, buffer, flags).map_err(|error| failure(error.into()))?;
        Ok(count)
    }

    pub(super) fn is_quiet(&self) -> bool {
        // Nothing to read is the only good news: an end, an error or unasked-for bytes are not.
        recv(
            &self.socket,
            &mut [0_u8; 1],
            RecvFlags::PEEK | RecvFlags::DONTWAIT,
        ) == Err(Errno::WOULDBLOCK)
    }

    pub(super) fn close(&self) {
        // A socket that the host has shut down already is as closed as it can be.
        drop(self.socket.shutdown(Shutdown::Both));
    }

    pub(super) fn descriptor(&self) -> RawFd {
        self.socket.as_raw_fd()
    }

    /// Whether recv(2) may wait by itself, as long as the socket's timeout says. It is set once: macOS refuses to set it when
    /// the other side has closed, and an answer may still lie there to be read. So this waits if less than [`LOOK`] is left.
    fn may_wait_to_read(&self, deadline: Option<Instant>) -> Result<bool, Failure> {
        let left = next_wait(deadline)?;
        if left == LOOK || !self.waits {
            return Ok(self.waits);
        }
        self.wait(PollFlags::IN, left)?;
        Ok(false)
    }

    fn wait(&self, ready: PollFlags, left: Duration) -> Result<(), Failure> {
        let timeout = Timespec::try_from(left).map_err(|_| Failure::Deadline)?;
        let polled = PollFd::from_borrowed_fd(self.socket.as_fd(), ready);
        match poll(&mut [polled], Some(&timeout)) {
            Ok(0) => Err(Failure::Interrupted),
            Ok(_) => Ok(()),
            Err(error) => Err(failure(error.into())),
        }
    }
}

/// Whether an error of recv(2) says that the other end was closed with bytes in it that nobody had read: on Linux that is all that
/// `ECONNRESET` means, see `unix_release_sock` in its net/unix/af_unix.c. Other systems do not tell.
pub(super) fn was_unread(error: &io::Error) -> bool {
    cfg!(target_os = "linux") && error.kind() == ErrorKind::ConnectionReset
}

/// A socket that no child inherits and whose other end may close without a signal.
pub(crate) fn unconnected() -> io::Result<Socket> {
    Socket::new(Domain::UNIX, Type::STREAM, None)
}

/// A timeout of connect(2) shows as `EAGAIN`; the next call tells whether the deadline was behind it.
fn failure(error: io::Error) -> Failure {
    match error.kind() {
        ErrorKind::Interrupted | ErrorKind::WouldBlock | ErrorKind::TimedOut => {
            Failure::Interrupted
        }
        _ => Failure::Broken(error),
    }
}

#[cfg(test)]
mod tests;
