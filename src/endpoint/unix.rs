use std::{
    fs::{self, Permissions},
    io,
    os::{
        fd::{AsFd, OwnedFd},
        unix::fs::PermissionsExt,
    },
    path::{Path, PathBuf},
    process::Stdio,
};

use rustix::process::{Resource, geteuid, getrlimit};
use serde::Serialize;
use socket2::{Domain, SockAddr, Socket, Type};
use tokio::net::{UnixListener, UnixStream};

use crate::error::{Error, Result};

mod join;
mod run_directory;
pub(crate) use join::ConnectionFile;
pub(crate) use run_directory::RunDirectory;

/// Connections that wait until the other side accepts them. Linux cuts this to `net.core.somaxconn`, see listen(2).
const BACKLOG: i32 = 1024;

/// How many connections an endpoint takes at once; with few descriptors, a quarter of those that this process may have.
const MOST_CONNECTIONS: u64 = 256;

/// How many connections to one sidecar are open at once; with few descriptors, an eighth of those that this process may have.
const MOST_POOLED_CONNECTIONS: u64 = 64;

pub(crate) fn most_connections() -> usize {
    share(4, MOST_CONNECTIONS)
}

pub(crate) fn most_pooled_connections() -> usize {
    share(8, MOST_POOLED_CONNECTIONS)
}

/// One of so many parts of the descriptors that this process may have, but no more than `most`.
fn share(parts: u64, most: u64) -> usize {
    let descriptors = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    usize::try_from((descriptors / parts).clamp(1, most)).unwrap_or(1)
}

pub(crate) type Stream = UnixStream;

/// Both ends of a lease: the host's, and the one that becomes a child's standard input. A socket pair and no pipe, for a
/// sidecar answers on it.
pub(crate) fn lease_pair() -> io::Result<(Stream, Stdio)> {
    let (ours, theirs) = std::os::unix::net::UnixStream::pair()?;
    ours.set_nonblocking(true)?;
    Ok((UnixStream::from_std(ours)?, OwnedFd::from(theirs).into()))
}

/// Where a socket is, as the lease says it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Address {
    Unix(PathBuf),
}

impl Address {
    pub(crate) async fn connect(&self) -> io::Result<Stream> {
        let Self::Unix(path) = self;
        UnixStream::connect(path).await
    }
}

impl RunDirectory {
    /// Opens the socket on which the host takes the sidecar's calls.
    pub(crate) fn bind_host(&self) -> Result<Listener> {
        self.listener("host.sock")
    }

    /// Opens the socket that the sidecar inherits. The host keeps it too: while no sidecar accepts, requests wait in
    /// the backlog instead of failing.
    pub(crate) fn bind_sidecar(&self) -> Result<SidecarListener> {
        let (socket, path) = self.bind("sidecar.sock")?;
        Ok(SidecarListener {
            socket: socket.into(),
            path,
        })
    }

    fn listener(&self, name: &str) -> Result<Listener> {
        let (socket, path) = self.bind(name)?;
        let attempt = format!("listening on {}", path.display());
        socket.set_nonblocking(true).map_err(Error::io(&attempt))?;
        Ok(Listener {
            socket: socket.into(),
            path,
        })
    }

    fn bind(&self, name: &str) -> Result<(Socket, PathBuf)> {
        let path = self.path().join(name);
        let bound = check_length(&path).and_then(|()| listen(&path));
        match bound {
            Ok(socket) => Ok((socket, path)),
            Err(error) => Err(Error::io(format!("listening on {}", path.display()))(error)),
        }
    }
}

/// The system's own refusal does not say by how much a path is too long.
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

/// The bytes that `sun_path` holds beside its final zero: unix(7) on Linux, unix(4) on macOS.
const fn longest_path() -> usize {
    if cfg!(target_os = "linux") { 107 } else { 103 }
}

/// Restricts the socket before it listens: between bind and listen nobody can connect. `umask` would do for the
/// whole process, on every thread.
fn listen(path: &Path) -> io::Result<Socket> {
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    socket.bind(&SockAddr::unix(path)?)?;
    fs::set_permissions(path, Permissions::from_mode(0o600))?;
    socket.listen(BACKLOG)?;
    Ok(socket)
}

/// The host endpoint's socket.
#[derive(Debug)]
pub(crate) struct Listener {
    socket: std::os::unix::net::UnixListener,
    path: PathBuf,
}

impl Listener {
    pub(crate) fn address(&self) -> Address {
        Address::Unix(self.path.clone())
    }

    /// Begins to accept; call it inside the async runtime.
    pub(crate) fn accepting(self) -> io::Result<Accepting> {
        UnixListener::from_std(self.socket).map(Accepting)
    }
}

pub(crate) struct Accepting(UnixListener);

impl Accepting {
    /// The next connection of our own user; those of other users are closed unanswered.
    pub(crate) async fn accept(&self) -> io::Result<Stream> {
        loop {
            let (stream, _) = self.0.accept().await?;
            let peer = stream.peer_cred()?.uid();
            if peer == geteuid().as_raw() {
                return Ok(stream);
            }
            log::warn!("refused a connection of uid {peer}");
        }
    }
}

/// The socket that the sidecar serves on.
#[derive(Debug)]
pub(crate) struct SidecarListener {
    socket: OwnedFd,
    path: PathBuf,
}

impl SidecarListener {
    pub(crate) fn address(&self) -> Address {
        Address::Unix(self.path.clone())
    }

    /// A second descriptor of the same socket, for a child to inherit.
    pub(crate) fn for_child(&self) -> io::Result<OwnedFd> {
        self.socket.as_fd().try_clone_to_owned()
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use super::*;

    #[test]
    fn directory_and_sockets_are_ours_alone_and_go_with_the_directory() {
        let private = tempfile::tempdir().expect("private parent");
        let directory = RunDirectory::create_in(private.path()).expect("run directory");
        let listener = directory.bind_host().expect("host socket");
        let Address::Unix(path) = listener.address();
        let mode = |path: &Path| fs::symlink_metadata(path).expect("exists").mode() & 0o777;
        assert_eq!(mode(&path), 0o600);
        let parent = path.parent().expect("has one").to_owned();
        assert_eq!(mode(&parent), 0o700);
        drop(directory);
        assert!(!parent.exists());
    }

    #[test]
    fn a_path_that_is_too_long_is_refused_with_its_length() {
        let longest = Path::new("/").join("d".repeat(longest_path() - 1));
        check_length(&longest).expect("it just fits");
        SockAddr::unix(&longest).expect("so says the system");
        let error = check_length(&longest.join("host.sock")).expect_err("too long");
        let length = longest_path() + "/host.sock".len();
        assert!(
            error
                .to_string()
                .contains(&format!("is {length} bytes long")),
            "{error}"
        );
    }
}
