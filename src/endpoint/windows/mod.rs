//! Named pipes that only this user can open. The host is their only server: a sidecar dials them, also to serve.

use std::{
    fmt,
    fs::OpenOptions,
    io,
    os::windows::{fs::OpenOptionsExt, io::IntoRawHandle},
};

use tokio::{net::windows::named_pipe::NamedPipeServer, task::JoinSet};
use windows::Win32::{
    Foundation::ERROR_PIPE_BUSY,
    Storage::FileSystem::{FILE_FLAG_OVERLAPPED, SECURITY_IDENTIFICATION},
};

use super::{Listener as AnyListener, Sockets};
use crate::error::{Error, Result};

mod connection_file;
mod descriptor;
mod instance;
mod peer;
mod process_group;
mod serving;

pub(crate) use connection_file::ConnectionFile;
pub(crate) use peer::Peer;
pub(crate) use process_group::ProcessGroup;
pub(crate) use serving::ServingSocket;

use instance::Instance;

/// The begin of an address as text, and its member on the wire.
pub(super) const SCHEME: &str = "pipe";

/// How many clients can dial at the same moment. Pipes have no backlog: each instance that waits takes one client. A client that
/// finds none waits for the next.
const WAITING: usize = 16;

/// Either end: to Tokio, both are handles that it reads and writes.
pub(super) type Stream = NamedPipeServer;

/// How many connections an endpoint takes at once.
pub(crate) const fn most_connections() -> usize {
    256
}

/// How many connections to one sidecar are open at once.
pub(crate) const fn most_pooled_connections() -> usize {
    64
}

/// The name of a pipe.
#[derive(Clone, Debug)]
pub(crate) struct Address(String);

impl Address {
    /// # Errors
    /// `WouldBlock` while no instance waits.
    #[expect(clippy::unused_async, reason = "the other systems wait here")]
    pub(super) async fn connect(&self) -> io::Result<Stream> {
        let opened = OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(FILE_FLAG_OVERLAPPED.0)
            .security_qos_flags(SECURITY_IDENTIFICATION.0)
            .open(&self.0);
        let busy = i32::try_from(ERROR_PIPE_BUSY.0).ok();
        match opened {
            // SAFETY: it is an end of a pipe, was opened for overlapped I/O, and is given away.
            Ok(pipe) => unsafe { Stream::from_raw_handle(pipe.into_raw_handle()) },
            Err(error) if error.raw_os_error() == busy => Err(io::ErrorKind::WouldBlock.into()),
            Err(error) => Err(error),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Pipes are in no directory, and are gone with the process that made them.
#[derive(Debug)]
pub(crate) struct Directory;

/// Makes the first instance of each pipe, so that the names are this process's before anybody hears of them.
pub(super) fn bind() -> Result<Sockets> {
    let number = random_number().map_err(Error::io("asking the operating system for a number"))?;
    let listener = |purpose: &str| -> Result<Listener> {
        let name = format!(r"\\.\pipe\sidecar-bridge-{number:032x}-{purpose}");
        match Instance::first(&name) {
            Ok(first) => Ok(Listener { name, first }),
            Err(error) => Err(Error::io(format!("listening on {name}"))(error)),
        }
    };
    let (host, lease) = (listener("host")?, listener("lease")?);
    let dialled = listener("sidecar")?;
    Ok(Sockets {
        host: AnyListener::System(host),
        lease: AnyListener::System(lease),
        serving: ServingSocket,
        dialled: Some(AnyListener::System(dialled)),
        directory: Directory,
    })
}

fn random_number() -> io::Result<u128> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(u128::from_ne_bytes(bytes))
}

/// A pipe on which the host accepts.
#[derive(Debug)]
pub(crate) struct Listener {
    name: String,
    first: Instance,
}

impl Listener {
    pub(super) fn address(&self) -> Address {
        Address(self.name.clone())
    }

    pub(super) fn accepting(self) -> io::Result<Accepting> {
        let mut accepting = Accepting {
            name: self.name,
            waiting: JoinSet::new(),
        };
        accepting.wait_with(self.first)?;
        Ok(accepting)
    }
}

/// The instances of a pipe that wait for a client.
#[derive(Debug)]
pub(crate) struct Accepting {
    name: String,
    waiting: JoinSet<io::Result<NamedPipeServer>>,
}

impl Accepting {
    pub(super) async fn accept(&mut self) -> io::Result<(Stream, Peer)> {
        loop {
            while self.waiting.len() < WAITING {
                let next = Instance::next(&self.name);
                if let Err(error) = next.and_then(|next| self.wait_with(next)) {
                    if self.waiting.is_empty() {
                        return Err(error);
                    }
                    log::debug!("fewer instances of {} wait: {error}", self.name);
                    break;
                }
            }
            let pipe = match self.waiting.join_next().await {
                Some(Ok(Ok(pipe))) => pipe,
                // Its client has gone already.
                Some(Ok(Err(error))) => {
                    log::debug!("an instance of {} has no client: {error}", self.name);
                    continue;
                }
                Some(Err(ended)) => return Err(ended.into()),
                None => continue,
            };
            // A client that is gone waits for no answer.
            let Ok(peer) = Peer::of(&pipe) else {
                continue;
            };
            return Ok((pipe, peer));
        }
    }

    fn wait_with(&mut self, instance: Instance) -> io::Result<()> {
        let pipe = instance.into_server()?;
        self.waiting.spawn(async move {
            pipe.connect().await?;
            Ok(pipe)
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests;
