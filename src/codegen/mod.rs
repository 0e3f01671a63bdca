#![doc = include_str!("../../docs/bindings.md")]
#![expect(
    clippy::format_push_string,
    reason = "the text is short, and `write!` into a string has a result that nobody can use"
)]

mod annotations;
mod commands;
mod definitions;
mod enums;
mod events;
mod export;
mod layout;
mod module;
mod msgspec;
mod names;
mod pydantic;
mod read;
mod records;
mod schema;
mod serde;
mod types;

use std::{borrow::Cow, io, path::PathBuf};

use tauri::Runtime;
use tauri_specta::Builder;

use crate::contract::Contract;

/// How to write an app's commands, events and types for Python: by default as one module with pydantic models.
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct Python {
    command_line: Option<Cow<'static, str>>,
    style: Style,
    casing: Casing,
    layout: Layout,
}

/// What structs become in Python.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Style {
    /// pydantic models, which check what they are made with.
    #[default]
    Pydantic,
    /// Dataclasses, which pydantic reads and writes, and which check nothing that Python code puts into them.
    Dataclass,
    /// `TypedDict`s: plain dictionaries with the names of JSON, read and written by pydantic.
    TypedDict,
    /// `msgspec.Struct`s, read and written by msgspec. NaN and infinity, which Rust writes as null, are refused.
    Msgspec,
}

/// How fields, arguments, commands and events are called in Python.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Casing {
    /// In snake_case.
    #[default]
    Snake,
    /// As in JSON, if Python can have that name.
    AsOnTheWire,
}

/// How the output is divided into files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Layout {
    /// One module, at the path of the export.
    #[default]
    Module,
    /// A package, in the directory at that path: a module for the types of each Rust module, and the commands, events and
    /// constants in `__init__.py`. Other files in the directory are removed if an export made them.
    Package,
}

impl Python {
    /// The command that makes the files anew, such as `cargo test -p quickstart`; their headers name it.
    pub fn command_line(mut self, command_line: impl Into<Cow<'static, str>>) -> Self {
        self.command_line = Some(command_line.into());
        self
    }

    /// What structs become.
    pub fn style(mut self, style: Style) -> Self {
        self.style = style;
        self
    }

    /// How fields, arguments, commands and events are called.
    pub fn casing(mut self, casing: Casing) -> Self {
        self.casing = casing;
        self
    }

    /// How the output is divided into files.
    pub fn layout(mut self, layout: Layout) -> Self {
        self.layout = layout;
        self
    }

    /// Checks that what an export to `path` would write is there: for a test, and for CI.
    ///
    /// # Errors
    /// [`Error::Stale`] if it is not, and what [`Builder::export`] gives.
    pub fn check<R: Runtime>(
        self,
        builder: &Builder<R>,
        path: impl Into<PathBuf>,
    ) -> Result<(), Error> {
        builder.export(export::Check(self), path.into())
    }
}

/// The contract of an app with its sidecar: what tells whether bindings were made from its commands, events and types.
///
/// Documentation does not count.
///
/// # Errors
/// What [`Builder::export`] gives.
pub fn contract<R: Runtime>(builder: &Builder<R>) -> Result<Contract, Error> {
    export::contract(builder)
}

/// Why no Python was made. Every variant but [`Error::Io`] names what to change.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A type that has no form in Python.
    #[error("{place}: {what} has no form in Python; {remedy}")]
    Unsupported {
        /// Where it stands: a field, an argument, a result or a type.
        place: String,
        /// What it is, such as `a map that is flattened into a dataclass`.
        what: String,
        /// What to write instead.
        remedy: &'static str,
    },
    /// Serde attributes that serde itself would fail over, or that say less than the JSON has.
    #[error("{}", lower_first(.0))]
    Serde(#[source] specta::FormatError),
    /// A file that is not what an export would write.
    #[error("{} {what}; run `{remedy}`", path.display())]
    Stale {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: &'static str,
        /// The command that makes it anew.
        remedy: String,
    },
    /// A file that cannot be read or written.
    #[error(transparent)]
    Io(#[from] io::Error),
}

fn lower_first(error: &specta::FormatError) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_lowercase);
    first.chain(letters).collect()
}
