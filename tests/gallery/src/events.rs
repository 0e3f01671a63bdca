//! What the app emits.

use arbitrary::Arbitrary;
use serde::{Deserialize, Serialize};
use specta::Type;
use tauri_specta::Event;

use crate::{enums::internal::Message, generate::finite, structs::Point};

/// How far it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type, Event, Arbitrary)]
pub struct Progress {
    /// Of a hundred.
    #[arbitrary(with = finite)]
    pub percent: f64,
    pub note: Option<String>,
}

/// A file came or went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Event, Arbitrary)]
pub enum FileChanged {
    Created(String),
    Removed { path: String },
    Everything,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Event, Arbitrary)]
pub struct MessageReceived(pub Message);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Event, Arbitrary)]
pub struct Counted(pub u64);

/// Nothing more is to be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type, Event, Arbitrary)]
pub struct Finished;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type, Event, Arbitrary)]
#[serde(rename_all = "kebab-case")]
pub enum ThemeChanged {
    DarkMode,
    LightMode,
}

/// Its name on the wire is another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Event, Arbitrary)]
#[tauri_specta(event_name = "pointer:moved/now")]
pub struct PointerMoved {
    pub to: Point,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Point>,
}

#[deprecated = "listen to `FileChanged`"]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Event, Arbitrary)]
pub struct Class(pub String, pub u8);
