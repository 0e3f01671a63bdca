//! Unix sockets in a directory that only this user can enter.

use std::{
    fmt,
    fs::{self, Permissions},
    io,
    os::{fd::OwnedFd, unix::fs::PermissionsExt},
    path::{Path, PathBuf},
};

use rustix::process::{Resource, geteuid, getrlimit};
use socket2::{Domain, SockAddr, Socket, Type};
use tokio::net::{UnixListener, UnixStream};

use super::{Listener as AnyListener, Sockets};
use crate::error::{Error, Result};

mod connection_file;
mod peer;
mod run_directory;
mod serving;

pub(crate) use connection_file::ConnectionFile;
pub(crate) use peer::{Peer, ProcessGroup};
pub(crate) use run_directory::RunDirectory as Directory;
pub(crate) use serving::ServingSocket;

/// The begin of an address as text, and its member on the wire.
pub(super) const SCHEME: &str = "unix";

/// How many connections may wait until the other side accepts them. Linux cuts this to `net.core.somaxconn`, see listen(2).
const BACKLOG: i32 = 1024;

/// How many connections an endpoint takes at once. With few descriptors, a quarter of those that this process may have.
const MOST_CONNECTIONS: u64 = 256;

/// How many connections to one sidecar are open at once. With few descriptors, an eighth of those that this process may have.
const MOST_POOLED_CONNECTIONS: u64 = 64;

pub(crate) fn most_connections() -> usize {
    share(4, MOST_CONNECTIONS)
}

pub(crate) fn most_pooled_connections() -> usize {
    share(8, MOST_POOLED_CONNECTIONS)
}

/// The descriptors that this process may have, divided by `parts`, but no more than `most`.
fn share(parts: u64, most: u64) -> usize {
    let descriptors = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    usize::try_from((descriptors / parts).clamp(1, most)).unwrap_or(1)
}

pub(super) type Stream = UnixStream;

/// The path of a socket.
#[derive(Clone, Debug)]
pub(crate) struct Address(PathBuf);

impl Address {
    #[cfg(test)]
    pub(super) const fn new(path: PathBuf) -> Self {
        Self(path)
    }

    pub(super) async fn connect(&self) -> io::Result<Stream> {
        UnixStream::connect(&self.0).await
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.display().fmt(f)
    }
}

pub(super) fn bind() -> Result<Sockets> {
    Directory::create()?.bind()
}

impl Directory {
    fn bind(self) -> Result<Sockets> {
        let listener = |name: &str| -> Result<AnyListener> {
            let (socket, path) = self.socket(name)?;
            let attempt = format!("listening on {}", path.display());
            socket.set_nonblocking(true).map_err(Error::io(&attempt))?;
            Ok(AnyListener::System(Listener {
                socket: socket.into(),
                path,
            }))
        };
        let (host, lease) = (listener("host.sock")?, listener("lease.sock")?);
        let (socket, path) = self.socket("sidecar.sock")?;
        Ok(Sockets {
            host,
            lease,
            serving: ServingSocket::new(socket.into(), Address(path)),
            dialled: None,
            directory: self,
        })
    }

    fn socket(&self, name: &str) -> Result<(Socket, PathBuf)> {
        let path = self.path().join(name);
        let bound = check_length(&path).and_then(|()| listen(&path));
        match bound {
            Ok(socket) => Ok((socket, path)),
            Err(error) => Err(Error::io(format!("listening on {}", path.display()))(error)),
        }
    }
}

/// Refuses a path that is too long, and says how long it is and may be. The system's own error does not.
fn check_length(path: &Path) -> io::Result<()> {
    let (length, most) = (path.as_os_str().len(), longest_path());
    if length <= most {
        return Ok(());
    }
    Err(io::Error::new(
        io::ErrorKind::InvalidInput,
        format!(
            "this path is {length} bytes long and a socket's at most {most}; point XDG_RUNTIME_DIR or TMPDIR to a \
             directory with a shorter path"
        ),
    ))
}

/// The longest path of a socket, in bytes: `sun_path` without its final zero, unix(7) on Linux, unix(4) on macOS.
const fn longest_path() -> usize {
    if cfg!(all(target_os = "linux", not(sidecar_bridge_portable))) {
        107
    } else {
        103
    }
}

/// Sets the socket's mode between bind and listen, when nobody can connect yet. `umask` would change the mode for the whole
/// process, on every thread.
fn listen(path: &Path) -> io::Result<Socket> {
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    socket.bind(&SockAddr::unix(path)?)?;
    fs::set_permissions(path, Permissions::from_mode(0o600))?;
    socket.listen(BACKLOG)?;
    Ok(socket)
}

/// A socket on which the host accepts.
#[derive(Debug)]
pub(crate) struct Listener {
    socket: OwnedFd,
    path: PathBuf,
}

impl Listener {
    pub(super) fn address(&self) -> Address {
        Address(self.path.clone())
    }

    pub(super) fn accepting(self) -> io::Result<Accepting> {
        UnixListener::from_std(self.socket.into()).map(Accepting)
    }
}

#[derive(Debug)]
pub(crate) struct Accepting(UnixListener);

impl Accepting {
    pub(super) async fn accept(&self) -> io::Result<(Stream, Peer)> {
        loop {
            // A peer that is gone already makes accept(2) fail on some systems, and has no credentials on others. It waits for no
            // answer, and others should not wait for it.
            let stream = match self.0.accept().await {
                Ok((stream, _)) => stream,
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => continue,
                Err(error) => return Err(error),
            };
            let Ok(credentials) = stream.peer_cred() else {
                continue;
            };
            if credentials.uid() != geteuid().as_raw() {
                log::warn!("refused a connection of uid {}", credentials.uid());
                continue;
            }
            let peer = Peer::of(&stream, credentials);
            return Ok((stream, peer));
        }
    }
}

#[cfg(test)]
mod tests;
