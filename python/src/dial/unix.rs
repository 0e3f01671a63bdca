//! The host's Unix socket.

use std::{
    io::{self, ErrorKind, IoSliceMut, Read},
    mem::MaybeUninit,
    os::{
        fd::{AsFd, OwnedFd},
        unix::net::UnixStream,
    },
    path::Path,
    thread,
    time::{Duration, Instant},
};

use rustix::{
    cmsg_space,
    event::{PollFd, PollFlags, Timespec, poll},
    net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendFlags, recvmsg, send},
};
use socket2::SockAddr;

use super::{Limit, NoAnswer};
use crate::{
    backlog::{FULL_PAUSE, may_be_full},
    connection::unconnected,
};

/// The connection to the host.
pub type Line = UnixStream;

/// A socket to serve on.
pub type Listener = OwnedFd;

pub(super) const KIND: &str = "socket";

/// Without `SIGPIPE`, which ends a program that has set it back to its default. On macOS that is an option of the socket,
/// which [`unconnected`] sets.
#[cfg(target_vendor = "apple")]
pub(crate) const NO_SIGNAL: SendFlags = SendFlags::empty();
#[cfg(not(target_vendor = "apple"))]
pub(crate) const NO_SIGNAL: SendFlags = SendFlags::NOSIGNAL;

/// Closed to children from the start, where the system can do that.
#[cfg(target_vendor = "apple")]
const CLOSED_TO_CHILDREN: RecvFlags = RecvFlags::empty();
#[cfg(not(target_vendor = "apple"))]
const CLOSED_TO_CHILDREN: RecvFlags = RecvFlags::CMSG_CLOEXEC;

/// A timeout below what the socket can count in would be none at all.
pub(crate) const LEAST: Duration = Duration::from_millis(1);

pub(super) fn connect(path: &Path, limit: &Limit) -> Result<UnixStream, NoAnswer> {
    let address = SockAddr::unix(path).map_err(|error| NoAnswer::NoPath(path.to_owned(), error))?;
    let began = Instant::now();
    loop {
        let socket = unconnected()?;
        // On Linux it is connect(2)'s timeout as well, see socket(7). Elsewhere a full backlog refuses at once.
        socket.set_write_timeout(Some(limit.left()?.max(LEAST)))?;
        match socket.connect(&address) {
            Ok(()) => return Ok(UnixStream::from(OwnedFd::from(socket))),
            Err(error) => match error.kind() {
                ErrorKind::Interrupted | ErrorKind::WouldBlock => {}
                _ if may_be_full(&error, began.elapsed()) && limit.has(FULL_PAUSE) => {
                    thread::sleep(FULL_PAUSE);
                }
                _ => return Err(NoAnswer::NoHost(path.to_owned(), error)),
            },
        }
    }
}

pub(super) fn say(stream: &mut UnixStream, line: &[u8], _: &Limit) -> Result<(), NoAnswer> {
    match send(&*stream, line, NO_SIGNAL) {
        // A host that takes no more has perhaps said why.
        Ok(_) | Err(rustix::io::Errno::PIPE) => Ok(()),
        Err(error) => Err(NoAnswer::Io(error.into())),
    }
}

/// Reads one byte and the descriptor that is attached to it, if there is one; others are closed.
pub(super) fn receive(
    stream: &mut UnixStream,
    byte: &mut [u8; 1],
    limit: &Limit,
) -> Result<Option<OwnedFd>, NoAnswer> {
    let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(1))];
    let mut attached = RecvAncillaryBuffer::new(&mut space);
    loop {
        wait_readable(stream, limit)?;
        let mut into = [IoSliceMut::new(byte)];
        match recvmsg(&*stream, &mut into, &mut attached, CLOSED_TO_CHILDREN) {
            Ok(received) if received.bytes == 0 => return Err(NoAnswer::Ended),
            Ok(_) => break,
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(io::Error::from(error).into()),
        }
    }
    let descriptors = attached.drain().filter_map(|message| match message {
        RecvAncillaryMessage::ScmRights(descriptors) => Some(descriptors),
        _ => None,
    });
    let descriptor = descriptors.flatten().next();
    #[cfg(target_vendor = "apple")]
    if let Some(descriptor) = &descriptor {
        // What another thread starts between these two calls inherits it: macOS has no way to do both in one step.
        rustix::io::fcntl_setfd(descriptor, rustix::io::FdFlags::CLOEXEC)
            .map_err(io::Error::from)?;
    }
    Ok(descriptor)
}

pub(super) fn read_byte(stream: &mut UnixStream, limit: &Limit) -> Result<u8, NoAnswer> {
    let mut byte = [0];
    loop {
        wait_readable(stream, limit)?;
        match stream.read(&mut byte) {
            Ok(0) => return Err(NoAnswer::Ended),
            Ok(_) => return Ok(byte[0]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
}

fn wait_readable(stream: &UnixStream, limit: &Limit) -> Result<(), NoAnswer> {
    loop {
        let left = Timespec::try_from(limit.left()?).map_err(|_| NoAnswer::Late(limit.timeout))?;
        let readable = PollFd::from_borrowed_fd(stream.as_fd(), PollFlags::IN);
        match poll(&mut [readable], Some(&left)) {
            // A clock that is a little ahead of ours may end it early.
            Ok(0) | Err(rustix::io::Errno::INTR) => {}
            Ok(_) => return Ok(()),
            Err(error) => return Err(NoAnswer::Io(error.into())),
        }
    }
}

#[cfg(test)]
mod tests;
