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
mod tests;
