//! Exports an app's tauri-specta commands and types as one typed Python module.
//!
//! ```no_run
//! # use tauri_plugin_sidecar_bridge::codegen::Python;
//! # let builder = tauri_specta::Builder::<tauri::test::MockRuntime>::new();
//! builder.export(Python::default().command_line("scripts/generate"), "../sidecar/bindings.py")?;
//! # Ok::<(), tauri_plugin_sidecar_bridge::codegen::Error>(())
//! ```
//!
//! The module (Python 3.11 or newer, pydantic 2.12 or newer) holds a pydantic model per struct, a `StrEnum` per enum of
//! plain variants, an exception per error type, and the classes `Commands` and `AsyncCommands` with a method per
//! command. It passes `mypy --strict`, `ruff check` and, at a line length of 120, `ruff format --check`.
//!
//! - **Types** look as serde writes them. A `Vec`, a set and an array become `list`, a map with string keys becomes
//!   `dict`, `serde_json::Value` becomes `JsonValue`, and a newtype is what it holds. Integers have the bounds that they
//!   have in Rust. A field that serde may leave out is `None` when it is absent, and is not sent then.
//! - **Arguments** are sent in camelCase, as Tauri expects them; `#[tauri::command(rename_all = "snake_case")]` cannot be
//!   seen from here and is not supported.
//! - **Errors**: a command that returns `Result<T, E>` with a struct or enum `E`, such as `GreetError`, raises
//!   `GreetCommandError`, whose `error` is a `GreetError`. Any other `E` raises `CommandError` with the plain value.
//!
//! What has no form in Python yet (tuples, variants with fields, generics, flattened fields, channels …) is an [`Error`]
//! that names it. Events appear as the types of their payloads, and constants do not appear.

#![expect(
    clippy::format_push_string,
    reason = "the text is short, and `write!` into a string has a result that nobody can use"
)]

mod commands;
mod definitions;
mod expressions;
mod layout;
mod names;

use std::{borrow::Cow, fs, io, path::Path};

use specta::Format as _;
use tauri_specta::{BuilderConfiguration, LanguageExt};

use layout::Module;

/// Writes one Python module with the commands and types of a [`tauri_specta::Builder`].
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct Python {
    command_line: Option<Cow<'static, str>>,
}

impl Python {
    /// The command that makes the file anew, such as `cargo test -p quickstart`; its header names it.
    pub fn command_line(mut self, command_line: impl Into<Cow<'static, str>>) -> Self {
        self.command_line = Some(command_line.into());
        self
    }

    /// Gives the module's text, such as to compare it with a committed file.
    ///
    /// # Errors
    /// Every [`Error`] but [`Error::Io`]: a type or a name that has no form in Python.
    pub fn render(&self, configuration: &BuilderConfiguration) -> Result<String, Error> {
        let types = specta_serde::Format
            .map_types(&configuration.types)
            .map_err(Error::Serde)?;
        let mut module = Module::default();
        let defined = definitions::write(&mut module, &types)?;
        commands::write(&mut module, configuration, &types, defined)?;
        Ok(module.finish(self.command_line.as_deref()))
    }
}

impl LanguageExt for Python {
    type Error = Error;

    /// Writes the module to `path`. A file that is current already is left alone, so that no watcher sees a change.
    fn export(self, configuration: &BuilderConfiguration, path: &Path) -> Result<(), Error> {
        let module = self.render(configuration)?;
        if fs::read(path).is_ok_and(|written| written == module.as_bytes()) {
            return Ok(());
        }
        if let Some(directory) = path.parent() {
            fs::create_dir_all(directory)?;
        }
        Ok(fs::write(path, module)?)
    }
}

/// Why no Python module was made. Every variant but [`Error::Io`] names what to change in Rust.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A type that has no form in Python yet.
    #[error("{place}: {what} has no form in Python yet; {remedy}")]
    Unsupported {
        /// Where it stands: a field, an argument, a result or a type.
        place: String,
        /// What it is, such as `a tuple`.
        what: String,
        /// What to write instead.
        remedy: &'static str,
    },
    /// Two types that would be one class.
    #[error(
        "two types are called `{name}` in Python: `{first}` and `{second}`; \
         rename one with #[serde(rename = \"...\")]"
    )]
    SameType {
        /// The class.
        name: String,
        /// The one type, with its Rust module.
        first: String,
        /// The other.
        second: String,
    },
    /// Two fields, variants, arguments or commands that would have one name.
    #[error("{place}: `{first}` and `{second}` are both `{name}` in Python; rename one")]
    SameName {
        /// What holds both.
        place: String,
        /// Their name in Python.
        name: String,
        /// The name of the one in Rust or JSON.
        first: String,
        /// The name of the other.
        second: String,
    },
    /// A name that Python, or the module itself, has another use for.
    #[error("{place}: the name `{name}` {reason}; rename it")]
    Name {
        /// What has the name.
        place: String,
        /// The name.
        name: String,
        /// Why it cannot be used.
        reason: &'static str,
    },
    /// Serde attributes that no one shape of JSON has, such as names that differ by direction.
    #[error(
        "no one shape of JSON serves both directions: {}; give it one, or use one type for each direction",
        conflict(.0)
    )]
    Serde(#[source] specta::FormatError),
    /// The file cannot be written.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// What specta-serde says, without its advice to use another format, which is not to be had here.
fn conflict(error: &specta::FormatError) -> String {
    let text = error.to_string();
    let text = text.split(". Use PhasesFormat").next().unwrap_or(&text);
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_lowercase);
    first.chain(letters).collect()
}
