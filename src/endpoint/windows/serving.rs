use std::io;

use crate::endpoint::{Address, Stream};

/// Windows cannot pass a listening pipe on, nor keep its name between two owners. So a sidecar dials a pipe of the host's
/// instead, and serves on what it has dialled.
#[derive(Debug)]
pub(crate) struct ServingSocket;

impl ServingSocket {
    /// No address: the host does not connect to the sidecar.
    #[expect(clippy::unused_self, reason = "the other systems have an address")]
    pub(crate) const fn address(&self) -> Option<Address> {
        None
    }

    /// Sends the hello.
    ///
    /// # Errors
    /// When the other side is gone.
    pub(crate) async fn pass(&self, lease: &Stream, hello: &[u8]) -> io::Result<()> {
        let lease = lease.of_the_system()?;
        loop {
            lease.writable().await?;
            match lease.try_write(hello) {
                Ok(written) if written == hello.len() => return Ok(()),
                Ok(_) => return Err(io::ErrorKind::WriteZero.into()),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
    }
}
