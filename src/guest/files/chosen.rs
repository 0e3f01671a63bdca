use std::{fs, io, path::Path, path::PathBuf};

use tauri::{AppHandle, Runtime, scope};

use crate::error::{Kind, Result};

/// The files that pages may name: those that a person chose in a dialog or dropped on a window, and those that the app's own
/// code allows. It is the scope of `tauri-plugin-fs`, which `tauri-plugin-dialog` extends.
#[derive(Clone, Debug)]
pub(crate) struct ChosenFiles(pub(super) Option<scope::fs::Scope>);

impl ChosenFiles {
    /// Those of an app.
    #[cfg(feature = "files")]
    pub(crate) fn of<R: Runtime>(app: &AppHandle<R>) -> Self {
        Self(tauri_plugin_fs::FsExt::try_fs_scope(app))
    }

    /// None, since the plugin was built without the feature `files`.
    #[cfg(not(feature = "files"))]
    pub(crate) const fn of<R: Runtime>(_: &AppHandle<R>) -> Self {
        Self(None)
    }

    /// The file that a page means, with every link followed, if the page may name it. The file may be missing; its folder is there.
    ///
    /// # Errors
    /// `permission_denied` for every other file, whether it is there or not; `not_found` when the folder is missing.
    pub(crate) fn find(&self, path: &str) -> Result<PathBuf> {
        let Some(scope) = &self.0 else {
            return Err(Kind::Forbidden(format!(
                "`{path}` is not for this page: the app keeps no scope of files; build the plugin with its feature `files`, and \
                 add `tauri_plugin_fs::init()` to the app"
            ))
            .into());
        };
        let given = Path::new(path);
        let meant = if given.is_absolute() {
            meant(given)
        } else {
            Err(io::ErrorKind::InvalidInput.into())
        };
        match meant {
            Ok(meant) if scope.is_allowed(&meant) => Ok(meant),
            Err(source) if scope.is_allowed(given) => Err(Kind::File {
                attempt: "the file cannot be looked up",
                source,
            }
            .into()),
            _ => Err(Kind::Forbidden(format!(
                "`{path}` is not for this page: nobody chose it; let the person choose a file with `save` or `open` of \
                 `@tauri-apps/plugin-dialog`, or allow it with `app.fs_scope().allow_file(…)`"
            ))
            .into()),
        }
    }
}

/// The file itself, or, where none is yet, its place in the real folder. A scope judges no other: a link, or `..`, would lead
/// out of a folder that it allows.
fn meant(path: &Path) -> io::Result<PathBuf> {
    match fs::canonicalize(path) {
        // A link to nowhere is no new file.
        Err(error) if error.kind() == io::ErrorKind::NotFound && !path.is_symlink() => {
            let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
                return Err(error);
            };
            Ok(fs::canonicalize(folder)?.join(name))
        }
        found => found,
    }
}
