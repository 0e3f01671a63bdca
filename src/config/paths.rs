//! The one rule of every path that the configuration has.

use std::{
    path::{Component, Path, PathBuf},
    sync::LazyLock,
};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tauri::{AppHandle, Manager, Runtime, path::BaseDirectory};

use crate::error::{Error, Kind, Result};

/// Tauri's variables, in the order in which Tauri counts them.
pub(super) static VARIABLES: LazyLock<Vec<&str>> = LazyLock::new(|| {
    // Tauri has no list of them, and gives each a number that it can be read from.
    let known = (1..=u8::MAX).filter_map(|number| serde_json::from_value(number.into()).ok());
    known.map(BaseDirectory::variable).collect()
});

/// A path as the configuration says it: one of Tauri's variables and what is below it, such as `$RESOURCE/sidecar`; an
/// absolute path; or one that is relative to the folder that its key documents.
///
/// What begins with `$` and is none of Tauri's variables is an error when the configuration is read. A folder whose name
/// does begin so is written `./$name`. Unlike in Tauri's own paths `..` goes up.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "PathBuf", into = "PathBuf")]
#[schemars(with = "String", extend("pattern" = pattern()))]
pub struct ConfigPath {
    written: PathBuf,
    /// The variable that it begins with.
    base: Option<BaseDirectory>,
}

/// What a relative path is relative to.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Folder {
    /// Where Tauri puts the app's resources: `$RESOURCE`.
    Resources,
    /// Where the app was started; under `tauri dev` that is `src-tauri`.
    Start,
}

impl ConfigPath {
    /// The directory of the app's resources.
    pub(super) fn resources() -> Self {
        let base = BaseDirectory::Resource;
        Self {
            written: base.variable().into(),
            base: Some(base),
        }
    }

    pub(super) fn of(path: impl AsRef<Path>) -> std::result::Result<Self, String> {
        Self::try_from(path.as_ref().to_path_buf())
    }

    /// The path that a text is if it begins with one of Tauri's variables; `None` for any other text.
    pub(crate) fn with_variable(text: &str) -> Option<Self> {
        Self::of(text).ok().filter(|path| path.base.is_some())
    }

    /// The absolute path.
    ///
    /// # Errors
    /// When this system has no such directory, as where there is no home, or the one where the app was started is gone.
    pub(crate) fn resolve<R: Runtime>(
        &self,
        app: &AppHandle<R>,
        relative_to: Folder,
    ) -> Result<PathBuf> {
        let base = match (self.base, relative_to) {
            (Some(base), _) => base,
            (None, _) if self.written.is_absolute() => return Ok(self.written.clone()),
            (None, Folder::Resources) => BaseDirectory::Resource,
            (None, Folder::Start) => {
                let attempt = format!("looking up the folder of `{}`", self.written.display());
                return std::path::absolute(&self.written).map_err(Error::io(attempt));
            }
        };
        // `parse` would drop every `..` below the variable, and `resolve` makes `_up_` of it.
        let directory = app.path().parse(base.variable()).map_err(|source| {
            Error::from(Kind::NoDirectory {
                path: self.written.display().to_string(),
                variable: base.variable(),
                source,
            })
        })?;
        // A verbatim path of Windows (`\\\\?\\C:\\…`) takes no `/`, and many programs do not take one as their directory.
        let directory = dunce::simplified(&directory).to_owned();
        let mut below = self.written.components();
        if self.base.is_some() {
            below.next();
        }
        let below = below.as_path();
        Ok(if below.as_os_str().is_empty() {
            directory
        } else {
            directory.join(below)
        })
    }
}

/// The rest follows from what is written.
impl PartialEq for ConfigPath {
    fn eq(&self, other: &Self) -> bool {
        self.written == other.written
    }
}

impl Eq for ConfigPath {}

impl TryFrom<PathBuf> for ConfigPath {
    type Error = String;

    fn try_from(written: PathBuf) -> std::result::Result<Self, Self::Error> {
        let first = match written.components().next() {
            Some(Component::Normal(name)) => name.to_string_lossy(),
            Some(_) => "".into(),
            None => return Err("a path is empty; write `.` for the folder itself".into()),
        };
        let base = BaseDirectory::from_variable(&first);
        if base.is_none() && first.starts_with('$') {
            return Err(format!(
                "`{}` begins with `{first}`, which Tauri does not know; use one of {}, or begin with `./` if a folder is \
                 named so",
                written.display(),
                VARIABLES.join(", ")
            ));
        }
        Ok(Self { written, base })
    }
}

impl From<ConfigPath> for PathBuf {
    fn from(path: ConfigPath) -> Self {
        path.written
    }
}

/// The same rule as a regular expression, for editors.
fn pattern() -> String {
    let names: Vec<_> = VARIABLES
        .iter()
        .map(|variable| variable.trim_start_matches('$'))
        .collect();
    format!(r"^([^$]|\$({})([/\\]|$))", names.join("|"))
}
