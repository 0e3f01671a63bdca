use std::{
    fs,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use bytes::Bytes;
use tempfile::NamedTempFile;

use super::{Telling, require_file};
use crate::error::{Kind, Result};

/// How many bytes go to the system at once, where they come in smaller pieces.
const BUFFER_BYTES: usize = 256 * 1024;

/// Saves chunks as a file, and tells how many bytes there are so far. The file takes its place, or that of the one before, once it
/// is whole and on the disk; until then, and when it fails, the one before stays. Gives the number of bytes. Blocks.
///
/// # Errors
/// The error of `next`; `resource_exhausted` when the disk is full, `permission_denied` where nobody may write, `internal` for any
/// other failure of the file.
pub(crate) fn save(
    target: &Path,
    mut next: impl FnMut() -> Result<Option<Bytes>>,
    tell: impl FnMut(u64),
) -> Result<u64> {
    let mut file = Unfinished::beside(target).map_err(failed)?;
    let bytes = copy(&mut next, &mut file.file, tell)?;
    file.file.as_file().sync_all().map_err(failed)?;
    // Whoever gave up meanwhile gets no file.
    next()?;
    file.finish().map_err(failed)?;
    Ok(bytes)
}

/// Writes all chunks, and gives the number of bytes.
pub(super) fn copy(
    next: &mut impl FnMut() -> Result<Option<Bytes>>,
    to: &mut impl Write,
    tell: impl FnMut(u64),
) -> Result<u64> {
    let mut telling = Telling::new(tell);
    let mut to = BufWriter::with_capacity(BUFFER_BYTES, to);
    while let Some(chunk) = next()? {
        to.write_all(&chunk).map_err(failed)?;
        telling.add(chunk.len());
    }
    to.flush().map_err(failed)?;
    telling.end();
    Ok(telling.done_bytes)
}

fn failed(source: io::Error) -> Kind {
    Kind::File {
        attempt: "the download cannot be saved",
        source,
    }
}

/// A file that is written beside the one whose place it takes. It is removed unless it is finished.
struct Unfinished {
    file: NamedTempFile,
    target: PathBuf,
}

impl Unfinished {
    fn beside(target: &Path) -> io::Result<Self> {
        let before = fs::metadata(target).ok();
        before.as_ref().map_or(Ok(()), require_file)?;
        let (folder, name) = (target.parent(), target.file_name());
        let (Some(folder), Some(name)) = (folder, name) else {
            return Err(io::ErrorKind::InvalidInput.into());
        };
        let mut builder = tempfile::Builder::new();
        let prefix = prefix_of(&name.to_string_lossy());
        builder.prefix(&prefix).suffix(".part");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // Less the umask, as every program's new file.
            builder.permissions(fs::Permissions::from_mode(0o666));
        }
        let file = builder.tempfile_in(folder)?;
        #[cfg(unix)]
        if let Some(before) = before {
            // Some file systems keep none.
            let _ = file.as_file().set_permissions(before.permissions());
        }
        let target = target.to_owned();
        Ok(Self { file, target })
    }

    fn finish(self) -> io::Result<()> {
        let Self { file, target } = self;
        file.persist(&target)?;
        #[cfg(unix)]
        if let Some(folder) = target.parent() {
            // The new name outlasts a power cut, too. Some file systems sync no folders.
            let _ = fs::File::open(folder).and_then(|folder| folder.sync_all());
        }
        Ok(())
    }
}

/// Begins the name of an unfinished file, of which systems take no more than 255 bytes.
fn prefix_of(name: &str) -> String {
    const MOST_BYTES: usize = 200;
    let mut end = name.len().min(MOST_BYTES);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    format!(".{}.", &name[..end])
}
