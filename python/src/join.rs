//! How a sidecar that was started by hand gets its lease: it connects, and the hello comes with the listening socket.

use std::{
    io::{self, IoSliceMut},
    mem::MaybeUninit,
    os::{
        fd::{AsFd, OwnedFd},
        unix::net::UnixStream,
    },
    path::Path,
    time::{Duration, Instant},
};

use rustix::{
    cmsg_space,
    io::{FdFlags, fcntl_setfd},
    net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, recvmsg},
};

use crate::lease::{Lease, NoLease, first_line, wait_readable};

/// A lease that was asked for.
#[derive(Debug)]
pub struct Joined {
    /// The lease, after its hello.
    pub lease: Lease,
    /// The first line without the line end.
    pub hello: Vec<u8>,
    /// The socket to serve on.
    pub listener: OwnedFd,
}

/// Asks the host at that socket for a lease.
///
/// # Errors
/// When nobody listens there, when no hello comes within `timeout`, or it comes without a socket.
pub fn join(path: &Path, timeout: Duration) -> Result<Joined, NoLease> {
    let mut stream = UnixStream::connect(path)?;
    let deadline = Instant::now() + timeout;
    wait_readable(stream.as_fd(), deadline, timeout)?;
    // The socket is attached to the first byte; what follows the hello belongs to the lease.
    let mut first = [0];
    let listener = receive(&stream, &mut first)?;
    let rest = first_line(&mut stream, deadline, timeout)?;
    let listener = listener.ok_or_else(|| io::Error::other("no socket came with the hello"))?;
    Ok(Joined {
        lease: Lease::from(stream),
        hello: [&first, rest.as_slice()].concat(),
        listener,
    })
}

/// Reads one byte and the descriptor that is attached to it, if there is one; others are closed.
fn receive(stream: &UnixStream, byte: &mut [u8; 1]) -> Result<Option<OwnedFd>, NoLease> {
    let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(1))];
    let mut attached = RecvAncillaryBuffer::new(&mut space);
    let mut into = [IoSliceMut::new(byte)];
    let received = recvmsg(stream, &mut into, &mut attached, RecvFlags::empty());
    if received.map_err(io::Error::from)?.bytes == 0 {
        return Err(NoLease::Ended);
    }
    let descriptors = attached.drain().filter_map(|message| match message {
        RecvAncillaryMessage::ScmRights(descriptors) => Some(descriptors),
        _ => None,
    });
    let descriptor = descriptors.flatten().next();
    if let Some(descriptor) = &descriptor {
        // Not in one step with the reading, which macOS cannot do; nothing has been started yet.
        fcntl_setfd(descriptor, FdFlags::CLOEXEC).map_err(io::Error::from)?;
    }
    Ok(descriptor)
}
