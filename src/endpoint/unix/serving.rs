//! The socket on which a sidecar serves. The host opens and keeps it: while no sidecar accepts, requests wait in its
//! backlog instead of failing.

use std::{
    io::{self, IoSlice},
    mem::MaybeUninit,
    os::fd::{AsFd, OwnedFd},
};

use rustix::{
    cmsg_space,
    net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg},
};
use tokio::io::Interest;

use crate::endpoint::{Address, Stream};

/// The listening socket that each generation of a sidecar gets with its hello.
#[derive(Debug)]
pub(crate) struct ServingSocket {
    socket: OwnedFd,
    address: super::Address,
}

impl ServingSocket {
    pub(super) const fn new(socket: OwnedFd, address: super::Address) -> Self {
        Self { socket, address }
    }

    /// Where the host connects to the sidecar. None where the sidecar dials the host instead.
    #[expect(clippy::unnecessary_wraps, reason = "Windows has none")]
    pub(crate) fn address(&self) -> Option<Address> {
        Some(Address::System(self.address.clone()))
    }

    /// Sends the hello with this socket attached to its first byte, see `SCM_RIGHTS` in unix(7).
    ///
    /// # Errors
    /// When the other side is gone, or reads so little that a few hundred bytes do not fit.
    pub(crate) async fn pass(&self, lease: &Stream, hello: &[u8]) -> io::Result<()> {
        let lease = lease.of_the_system()?;
        let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(1))];
        let sockets = [self.socket.as_fd()];
        let said = lease.async_io(Interest::WRITABLE, || {
            let mut attached = SendAncillaryBuffer::new(&mut space);
            attached.push(SendAncillaryMessage::ScmRights(&sockets));
            let line = [IoSlice::new(hello)];
            Ok(sendmsg(lease, &line, &mut attached, SendFlags::empty())?)
        });
        if said.await? == hello.len() {
            Ok(())
        } else {
            Err(io::ErrorKind::WriteZero.into())
        }
    }
}
