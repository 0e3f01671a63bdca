//! An endpoint without an operating system, for unit tests: connections are pipes in this process's memory.

use std::io;

use tokio::{
    io::{DuplexStream, duplex},
    sync::mpsc,
};

use super::{Accepted, Peer, Stream};

/// How many unread bytes a connection holds.
const BUFFER_BYTES: usize = 64 * 1024;

/// The address of a [`Listener`].
#[derive(Clone, Debug)]
pub(crate) struct Address(mpsc::UnboundedSender<DuplexStream>);

impl Address {
    pub(crate) fn connect(&self) -> io::Result<DuplexStream> {
        let (ours, theirs) = duplex(BUFFER_BYTES);
        let refused = |_| io::Error::from(io::ErrorKind::ConnectionRefused);
        self.0.send(theirs).map_err(refused)?;
        Ok(ours)
    }
}

/// A listening socket; connections wait until they are accepted.
#[derive(Debug)]
pub(crate) struct Listener {
    address: Address,
    waiting: mpsc::UnboundedReceiver<DuplexStream>,
}

impl Listener {
    pub(crate) fn address(&self) -> Address {
        self.address.clone()
    }

    pub(crate) async fn accept(&mut self) -> io::Result<Accepted> {
        match self.waiting.recv().await {
            Some(stream) => Ok(Accepted {
                stream: Stream::Memory(stream),
                peer: Peer::this_process(),
            }),
            None => Err(io::ErrorKind::NotConnected.into()),
        }
    }
}

/// Opens a socket that only this process can reach.
pub(crate) fn listen() -> super::Listener {
    let (address, waiting) = mpsc::unbounded_channel();
    super::Listener::Memory(Listener {
        address: Address(address),
        waiting,
    })
}

/// Both ends of a connection.
pub(crate) fn pair() -> (Stream, Stream) {
    pair_of(BUFFER_BYTES)
}

/// Both ends of a connection that holds so many unread bytes.
pub(crate) fn pair_of(bytes: usize) -> (Stream, Stream) {
    let (ours, theirs) = duplex(bytes);
    (Stream::Memory(ours), Stream::Memory(theirs))
}
