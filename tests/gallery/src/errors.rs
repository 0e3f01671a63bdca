//! What commands fail with.

use arbitrary::Arbitrary;
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::structs::Point;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub enum TaskError {
    NotFound,
    Locked,
}

/// Why nothing was stored
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Refusal {
    pub reason: String,
}

/// Why nothing was drawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum DrawError {
    OutOfBounds { at: Point },
    NoCanvas,
}

/// An error with a message for people, as many apps have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
#[serde(tag = "code", content = "message")]
pub enum StorageError {
    Io(String),
    Full { free: u64 },
    Corrupt,
}

impl std::fmt::Display for StorageError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Io(message) => write!(f, "the file cannot be read: {message}"),
            Self::Full { free } => write!(f, "only {free} bytes are free"),
            Self::Corrupt => f.write_str("it is no file of ours"),
        }
    }
}

impl std::error::Error for StorageError {}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub enum ParseFailure {
    Empty,
    Unexpected(char),
    At { line: u32, column: u32 },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
#[serde(untagged)]
pub enum AnyError {
    Code(i32),
    Text(String),
}

/// The number of an error
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Code(pub u16);
