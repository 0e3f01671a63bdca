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

/// How often a new directory may be lost to other instances, which sweep it before it is locked. Each can do so once.
const ATTEMPTS: usize = 32;

/// A directory that only this user can enter; it holds the sockets and goes when it is dropped.
///
/// A killed host drops nothing. So the directory is locked for as long as its host lives, and whoever makes the next
/// one removes those that nobody has locked. The lock is on the directory itself: unlike a file inside, it excludes the
/// others until the last entry is gone, needs no room on a full disk, and keeps systemd-tmpfiles(8) from ageing us.
#[derive(Debug)]
pub(crate) struct RunDirectory {
    // Before the lock, as fields are dropped in order: until it is gone nobody else may touch it.
    directory: TempDir,
    // Closed on exec, so that a child which survives us does not keep it.
    _lock: File,
}

impl RunDirectory {
    /// Makes one in `$XDG_RUNTIME_DIR` if that is ours alone, else in the temporary directory.
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

/// Where everything of ours is: `$XDG_RUNTIME_DIR` if that is ours alone, else the temporary directory.
pub(super) fn parent() -> PathBuf {
    runtime_directory().unwrap_or_else(std::env::temp_dir)
}

/// `$XDG_RUNTIME_DIR`, if it is what the XDG Base Directory Specification 0.8 demands: ours, and 0700.
fn runtime_directory() -> Option<PathBuf> {
    let directory = PathBuf::from(std::env::var_os("XDG_RUNTIME_DIR")?);
    is_ours_alone(&fs::symlink_metadata(&directory).ok()?).then_some(directory)
}

fn is_ours_alone(metadata: &Metadata) -> bool {
    metadata.is_dir() && metadata.uid() == geteuid().as_raw() && metadata.mode() & 0o777 == 0o700
}

/// Between making and locking, another instance may take the directory for a stale one. It then holds the lock or has
/// removed the name, and `lock` sees either: nothing is lost but the attempt.
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

/// Locks a directory, see flock(2): `None` if somebody else holds the lock, or if the name is gone or means another
/// directory by the time we have it.
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

/// Removes what killed hosts left behind.
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

/// Removes sockets only, and nothing at all beside anything else: the name alone does not prove that we made it.
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
