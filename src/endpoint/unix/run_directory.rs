use std::{
    fs::{self, File, Metadata, Permissions},
    io,
    os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};

use rustix::{
    fs::{FlockOperation, Mode, OFlags, flock, open},
    io::Errno,
    process::geteuid,
};
use tempfile::TempDir;

use crate::error::{Error, Result};

const PREFIX: &str = "sidecar-bridge-";

/// How often to make a directory anew because another instance removed it before its lock. Each instance can do so once.
const ATTEMPTS: usize = 32;

/// The run directory: only this user can enter it, and it holds the sockets. The drop removes it.
///
/// A killed host drops nothing. So a host locks its directory for as long as it lives, and each host that starts removes the
/// directories that nobody has locked. The lock is on the directory itself. Unlike the lock of a file inside, it lasts until
/// the last entry is gone, needs no room on a full disk, and keeps systemd-tmpfiles(8) from removing an old directory.
#[derive(Debug)]
pub(crate) struct RunDirectory {
    // Stands before the lock, since fields are dropped in order: the lock holds until the directory is gone.
    directory: TempDir,
    // Closed on exec, so that a child which survives the host does not keep the lock.
    _lock: File,
}

impl RunDirectory {
    /// Makes a run directory in `$XDG_RUNTIME_DIR` if only this user can enter that, else in the temporary directory.
    pub(crate) fn create() -> Result<Self> {
        Self::create_in(&parent())
    }

    pub(super) fn create_in(parent: &Path) -> Result<Self> {
        if let Err(error) = sweep(parent) {
            log::debug!("not swept {}: {error}", parent.display());
        }
        make_locked(parent).map_err(Error::io(format!(
            "creating a run directory in {}",
            parent.display()
        )))
    }

    pub(super) fn path(&self) -> &Path {
        self.directory.path()
    }
}

/// The parent of run directories and connection files: `$XDG_RUNTIME_DIR` if only this user can enter that, else the temporary
/// directory.
pub(super) fn parent() -> PathBuf {
    runtime_directory().unwrap_or_else(std::env::temp_dir)
}

/// `$XDG_RUNTIME_DIR`, if it is this user's and has the mode 0700, as the XDG Base Directory Specification 0.8 demands.
fn runtime_directory() -> Option<PathBuf> {
    let directory = PathBuf::from(std::env::var_os("XDG_RUNTIME_DIR")?);
    is_ours_alone(&fs::symlink_metadata(&directory).ok()?).then_some(directory)
}

fn is_ours_alone(metadata: &Metadata) -> bool {
    metadata.is_dir() && metadata.uid() == geteuid().as_raw() && metadata.mode() & 0o777 == 0o700
}

/// Makes and locks a directory. In between, another instance may take the directory for a stale one. That instance then holds
/// the lock or has removed the name; `lock` notices both, and only the attempt is lost.
fn make_locked(parent: &Path) -> io::Result<RunDirectory> {
    for _ in 0..ATTEMPTS {
        let directory = tempfile::Builder::new()
            .prefix(PREFIX)
            .permissions(Permissions::from_mode(0o700))
            .tempdir_in(parent)?;
        if let Some(lock) = lock(directory.path())? {
            return Ok(RunDirectory {
                directory,
                _lock: lock,
            });
        }
    }
    Err(io::Error::new(
        io::ErrorKind::ResourceBusy,
        format!("{ATTEMPTS} new directories in a row were removed by others; try again"),
    ))
}

/// Locks a directory, see flock(2). `None` if another process holds the lock, or if the name is gone or means another
/// directory once the lock is held.
fn lock(path: &Path) -> io::Result<Option<File>> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let directory = match open(path, flags, Mode::empty()) {
        Ok(descriptor) => File::from(descriptor),
        Err(Errno::NOENT) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    match flock(&directory, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => {}
        Err(Errno::WOULDBLOCK) => return Ok(None),
        Err(error) => return Err(error.into()),
    }
    let locked = directory.metadata()?;
    match fs::symlink_metadata(path) {
        Ok(named) => {
            Ok(((named.dev(), named.ino()) == (locked.dev(), locked.ino())).then_some(directory))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Removes the run directories of killed hosts.
fn sweep(parent: &Path) -> io::Result<()> {
    for entry in fs::read_dir(parent)? {
        let entry = entry?;
        if !entry
            .file_name()
            .as_encoded_bytes()
            .starts_with(PREFIX.as_bytes())
        {
            continue;
        }
        let path = entry.path();
        match remove_if_stale(&path) {
            Ok(true) => log::debug!("removed the stale {}", path.display()),
            Ok(false) => {}
            Err(error) => log::debug!("not swept {}: {error}", path.display()),
        }
    }
    Ok(())
}

/// Removes a directory that has only sockets in it. With any other entry it removes nothing: the name alone does not prove
/// that a host made the directory.
fn remove_if_stale(path: &Path) -> io::Result<bool> {
    if !is_ours_alone(&fs::symlink_metadata(path)?) {
        return Ok(false);
    }
    let Some(_lock) = lock(path)? else {
        return Ok(false);
    };
    let mut sockets = Vec::new();
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        if !entry.file_type()?.is_socket() {
            return Ok(false);
        }
        sockets.push(entry.path());
    }
    for socket in sockets {
        fs::remove_file(socket)?;
    }
    fs::remove_dir(path)?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use std::{
        io::{BufRead, BufReader},
        os::unix::{
            fs::{DirBuilderExt, chown, symlink},
            net::UnixListener,
        },
        process::{Command, Stdio},
        thread,
    };

    use super::*;

    const STAND_IN_PARENT: &str = "SIDECAR_BRIDGE_TEST_STAND_IN_PARENT";

    fn private() -> TempDir {
        tempfile::tempdir().expect("private parent")
    }

    /// What a killed host leaves: a directory with a socket that nobody listens on.
    fn abandoned(path: PathBuf, mode: u32) -> PathBuf {
        fs::DirBuilder::new()
            .mode(mode)
            .create(&path)
            .expect("made");
        fs::set_permissions(&path, Permissions::from_mode(mode)).expect("whatever the umask");
        UnixListener::bind(path.join("host.sock")).expect("bound");
        path
    }

    fn create_in(parent: &Path) -> RunDirectory {
        RunDirectory::create_in(parent).expect("run directory")
    }

    #[test]
    fn stale_directories_are_swept_even_those_that_were_half_made_or_half_removed() {
        let parent = private();
        let stale = abandoned(parent.path().join("sidecar-bridge-stale"), 0o700);
        let empty = abandoned(parent.path().join("sidecar-bridge-empty"), 0o700);
        fs::remove_file(empty.join("host.sock")).expect("removed");
        let _own = create_in(parent.path());
        assert!(!stale.exists() && !empty.exists());
    }

    #[test]
    fn living_directories_of_this_process_are_kept() {
        let parent = private();
        let first = create_in(parent.path());
        UnixListener::bind(first.path().join("host.sock")).expect("bound");
        let second = create_in(parent.path());
        assert!(first.path().join("host.sock").exists() && second.path().exists());
        drop((first, second));
        assert_eq!(fs::read_dir(parent.path()).expect("read").count(), 0);
    }

    #[test]
    fn nothing_but_our_own_private_directories_of_sockets_is_touched() {
        let parent = private();
        let at = |name: &str| parent.path().join(name);
        let mut kept = vec![
            abandoned(at("sidecar-bridge-open"), 0o755),
            abandoned(at("something-else"), 0o700),
        ];
        symlink(at("something-else"), at("sidecar-bridge-link")).expect("linked");
        fs::write(at("sidecar-bridge-file"), "").expect("written");
        let mixed = abandoned(at("sidecar-bridge-mixed"), 0o700);
        fs::write(mixed.join("notes.txt"), "").expect("written");
        let nested = abandoned(at("sidecar-bridge-nested"), 0o700);
        symlink(at("something-else"), nested.join("link")).expect("linked");
        kept.extend([mixed, nested]);
        if geteuid().is_root() {
            let foreign = abandoned(at("sidecar-bridge-foreign"), 0o700);
            chown(&foreign, Some(1), None).expect("given away");
            kept.push(foreign);
        }

        let _own = create_in(parent.path());

        for path in kept {
            assert!(path.join("host.sock").exists(), "{}", path.display());
        }
        let is = |name: &str| fs::symlink_metadata(at(name)).expect("kept").file_type();
        assert!(is("sidecar-bridge-link").is_symlink());
        assert!(is("sidecar-bridge-file").is_file());
        assert!(lock(&at("sidecar-bridge-link")).is_err(), "never followed");
    }

    #[test]
    fn an_unreadable_parent_is_the_error_of_creating_and_not_of_sweeping() {
        let gone = private().path().join("gone");
        let error = RunDirectory::create_in(&gone).expect_err("no parent");
        assert!(
            error.to_string().contains("creating a run directory"),
            "{error}"
        );
    }

    #[test]
    fn instances_that_start_and_stop_at_once_never_lose_a_directory() {
        let parent = private();
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..200 {
                        let own = create_in(parent.path());
                        let socket = own.path().join("host.sock");
                        let _listener =
                            UnixListener::bind(&socket).expect("the directory is there");
                        thread::yield_now();
                        assert!(socket.exists(), "swept while it lived");
                    }
                });
            }
        });
        assert_eq!(fs::read_dir(parent.path()).expect("read").count(), 0);
    }

    #[test]
    fn another_process_keeps_its_directory_until_it_is_killed_whatever_survives_it() {
        let parent = private();
        let mut host = Command::new(std::env::current_exe().expect("this test"))
            .args(["--exact", "--nocapture"])
            .arg("endpoint::unix::run_directory::tests::stand_in_for_a_host")
            .env(STAND_IN_PARENT, parent.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("spawned");
        // Its child reads the other end and so lives for as long as this one.
        let lease = host.stdin.take().expect("piped");
        let mut line = String::new();
        BufReader::new(host.stderr.take().expect("piped"))
            .read_line(&mut line)
            .expect("its directory");
        let directory = PathBuf::from(line.trim_end());
        assert!(directory.starts_with(parent.path()), "{line}");

        drop(create_in(parent.path()));
        assert!(directory.exists(), "its host lives");

        host.kill().expect("killed");
        host.wait().expect("reaped");
        assert!(directory.exists(), "nobody tidied up");
        drop(create_in(parent.path()));
        assert!(!directory.exists(), "its host is gone");
        drop(lease);
    }

    /// Not a test of its own: the other process of the test above.
    #[test]
    fn stand_in_for_a_host() {
        let Some(parent) = std::env::var_os(STAND_IN_PARENT) else {
            return;
        };
        let own = create_in(Path::new(&parent));
        let mut survivor = Command::new("cat").spawn().expect("spawned");
        eprintln!("{}", own.path().display());
        survivor.wait().expect("reaped");
    }
}
