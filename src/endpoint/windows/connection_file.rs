//! The connection file: in development, a sidecar that the host did not start finds the host by it.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Write},
    os::windows::io::FromRawHandle,
    path::{Path, PathBuf},
    ptr,
};

use windows::{
    Win32::{
        Foundation::GENERIC_WRITE,
        Storage::FileSystem::{CREATE_NEW, CreateFileW, FILE_ATTRIBUTE_NORMAL, FILE_SHARE_NONE},
    },
    core::HSTRING,
};

use super::{descriptor::Descriptor, random_number};
use crate::{
    config::SidecarName,
    endpoint::{Location, connection},
    error::{Error, Result},
};

/// The variable with the directory for data of this user on this machine.
const DIRECTORY: &str = "LOCALAPPDATA";

/// A file of this user alone, under a name that follows from the app's identifier. The file holds names of pipes and no secret.
/// If several instances of an app run, the file is that of the last one to start. The drop removes it.
#[derive(Debug)]
pub(crate) struct ConnectionFile {
    path: PathBuf,
    content: Vec<u8>,
}

impl ConnectionFile {
    /// Writes the file into `%LOCALAPPDATA%`.
    pub(crate) fn publish(
        identifier: &str,
        sidecars: &BTreeMap<SidecarName, Location>,
    ) -> Result<Self> {
        let parent = std::env::var_os(DIRECTORY).ok_or_else(|| {
            Error::io("writing the connection file")(io::Error::other(
                "there is no variable `LOCALAPPDATA`; set it to a directory of this user",
            ))
        })?;
        Self::publish_in(Path::new(&parent), identifier, sidecars)
    }

    pub(super) fn publish_in(
        parent: &Path,
        identifier: &str,
        sidecars: &BTreeMap<SidecarName, Location>,
    ) -> Result<Self> {
        let path = parent.join(connection::file_name(identifier));
        let content = connection::content(identifier, sidecars);
        match write(&path, &content) {
            Ok(()) => Ok(Self { path, content }),
            Err(error) => Err(Error::io(format!("writing {}", path.display()))(error)),
        }
    }

    /// Whether the name still means this instance's file, and not that of a later instance, whose pipes have other names.
    fn is_ours(&self) -> io::Result<bool> {
        Ok(fs::read(&self.path)? == self.content)
    }
}

/// The file is this user's from its creation on, and has all of its content once it has its name.
fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    let new = path.with_extension(format!("{:032x}", random_number()?));
    let written = create(&new).and_then(|mut file| file.write_all(content));
    let renamed = written.and_then(|()| fs::rename(&new, path));
    if renamed.is_err() {
        fs::remove_file(&new).ok();
    }
    renamed
}

/// Creates a file that belongs to this user and that nobody else can open. A reader takes the owner as a proof.
fn create(path: &Path) -> io::Result<File> {
    let descriptor = Descriptor::of_this_user()?;
    // SAFETY: the path and the descriptor live for longer than the call.
    let file = unsafe {
        CreateFileW(
            &HSTRING::from(path),
            GENERIC_WRITE.0,
            FILE_SHARE_NONE,
            Some(ptr::from_ref(descriptor.attributes())),
            CREATE_NEW,
            FILE_ATTRIBUTE_NORMAL,
            None,
        )
    }?;
    // SAFETY: the handle is new, and nobody else has it.
    Ok(unsafe { File::from_raw_handle(file.0) })
}

impl Drop for ConnectionFile {
    fn drop(&mut self) {
        connection::remove(&self.path, self.is_ours());
    }
}

#[cfg(test)]
mod tests;
