//! The program of a sidecar, and its arguments.

use std::path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::paths::ConfigPath;

/// A program and its arguments: at least one word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
#[schemars(with = "Vec<String>", inline, extend("minItems" = 1))]
pub struct Command {
    pub(crate) program: Program,
    pub(crate) arguments: Vec<String>,
    written: String,
}

/// What a command runs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Program {
    /// A bare name, which is looked up on `PATH`.
    OnPath(String),
    /// A file.
    File(ConfigPath),
}

impl Command {
    /// Stands in a [`Spawn`](super::Spawn) that is refused, for a command that cannot be.
    pub(super) const fn none() -> Self {
        Self {
            program: Program::OnPath(String::new()),
            arguments: Vec::new(),
            written: String::new(),
        }
    }

    pub(super) fn of(words: impl IntoIterator<Item = impl Into<String>>) -> Result<Self, String> {
        Self::try_from(words.into_iter().map(Into::into).collect::<Vec<_>>())
    }
}

impl TryFrom<Vec<String>> for Command {
    type Error = String;

    fn try_from(words: Vec<String>) -> Result<Self, Self::Error> {
        let mut words = words.into_iter();
        let written = words.next().filter(|program| !program.is_empty());
        let written = written.ok_or("a command is empty; name the sidecar's program in it")?;
        let is_path = written.contains(path::is_separator) || written.starts_with('$');
        let program = if is_path {
            Program::File(ConfigPath::of(&written)?)
        } else {
            Program::OnPath(written.clone())
        };
        Ok(Self {
            program,
            arguments: words.collect(),
            written,
        })
    }
}

impl From<Command> for Vec<String> {
    fn from(command: Command) -> Self {
        [vec![command.written], command.arguments].concat()
    }
}
