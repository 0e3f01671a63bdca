//! Why an export failed.

use std::{io, path::PathBuf};

/// Why an export failed. Every variant but [`Error::Io`] names what to change.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A type that has no form in Python.
    #[error("{place}: {what} has no form in Python; {remedy}")]
    Unsupported {
        /// The place of the type: a field, an argument, a result or a type.
        place: String,
        /// The kind of type, such as `a map that is flattened into a dataclass`.
        what: String,
        /// What to write instead.
        remedy: &'static str,
    },
    /// A type that Rust itself cannot read in what a sidecar sends.
    #[error("{place}: Rust cannot read {what}; {remedy}")]
    Unreadable {
        /// The place of the type: a field or an argument, and the argument that takes it.
        place: String,
        /// The kind of type, such as `a map with integers as keys`.
        what: String,
        /// What to write instead.
        remedy: &'static str,
    },
    /// Serde attributes that serde itself refuses, or that do not describe the whole JSON.
    #[error("{}", lower_first(.0))]
    Serde(#[source] specta::FormatError),
    /// A file that differs from what an export would write.
    #[error("{} {what}; run `{remedy}`", path.display())]
    Stale {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: &'static str,
        /// The command that writes the file again.
        remedy: String,
    },
    /// A file that cannot be read or written.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl Error {
    /// What stands at `place` has no form in Python; `remedy` says what to write instead.
    pub(super) fn unsupported(place: &str, what: impl Into<String>, remedy: &'static str) -> Self {
        Self::Unsupported {
            place: place.to_owned(),
            what: what.into(),
            remedy,
        }
    }
}

fn lower_first(error: &specta::FormatError) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_lowercase);
    first.chain(letters).collect()
}
