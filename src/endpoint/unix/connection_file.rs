//! The connection file: in development, a sidecar that the host did not start finds the host by it.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Write},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;

use super::run_directory;
use crate::{
    config::SidecarName,
    endpoint::{Location, connection},
    error::{Error, Result},
};

/// A file that only this user can read, under a name that follows from the app's identifier. The file holds paths of sockets
/// and no secret. If several instances of an app run, the file is that of the last one to start. The drop removes it.
#[derive(Debug)]
pub(crate) struct ConnectionFile {
    path: PathBuf,
    file: File,
}

impl ConnectionFile {
    /// Writes the file into `$XDG_RUNTIME_DIR` if only this user can enter that, else into the temporary directory.
    pub(crate) fn publish(
        identifier: &str,
        sidecars: &BTreeMap<SidecarName, Location>,
    ) -> Result<Self> {
        Self::publish_in(&run_directory::parent(), identifier, sidecars)
    }

    fn publish_in(
        parent: &Path,
        identifier: &str,
        sidecars: &BTreeMap<SidecarName, Location>,
    ) -> Result<Self> {
        let path = parent.join(connection::file_name(identifier));
        let write = || {
            // The file is private from its creation on. The rename replaces a link of that name and does not follow it.
            let mut file = NamedTempFile::new_in(parent)?;
            file.write_all(&connection::content(identifier, sidecars))?;
            Ok(file.persist(&path)?)
        };
        match write() {
            Ok(file) => Ok(Self { path, file }),
            Err(error) => Err(Error::io(format!("writing {}", path.display()))(error)),
        }
    }

    /// Whether the name still means this instance's file, and not that of a later instance.
    fn is_ours(&self) -> io::Result<bool> {
        let (named, ours) = (fs::symlink_metadata(&self.path)?, self.file.metadata()?);
        Ok((named.dev(), named.ino()) == (ours.dev(), ours.ino()))
    }
}

impl Drop for ConnectionFile {
    fn drop(&mut self) {
        connection::remove(&self.path, self.is_ours());
    }
}

#[cfg(test)]
mod tests;
