//! Fields that may be missing, null or left out.

use arbitrary::{Arbitrary, Result, Unstructured};
use serde::{Deserialize, Deserializer, Serialize};
use specta::Type;

use crate::{generate::json, structs::Point};

/// Null when there is nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Nullable {
    pub number: Option<u32>,
    pub text: Option<String>,
    pub point: Option<Point>,
    pub list: Option<Vec<Option<u8>>>,
    pub twice: Option<Option<bool>>,
}

/// Left out when there is nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct LeftOut {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub list: Vec<i64>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// What to change: null clears a field, and what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Patch {
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    #[specta(type = Option<String>, optional)]
    pub title: Option<Option<String>>,
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    #[specta(type = Option<u32>, optional)]
    pub due: Option<Option<u32>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done: Option<bool>,
}

fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Written always, and not wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Defaults {
    #[serde(default)]
    pub number: u8,
    #[serde(default = "answer")]
    pub answer: u8,
    #[serde(default)]
    pub text: String,
    #[serde(default)]
    pub perhaps: Option<Point>,
    #[serde(default)]
    pub list: Vec<String>,
    pub wanted: bool,
}

fn answer() -> u8 {
    42
}

/// The default of the whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
#[serde(default, rename_all = "camelCase")]
pub struct Settings {
    pub dark_mode: bool,
    pub font_size: u8,
    pub last_file: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            dark_mode: true,
            font_size: 12,
            last_file: None,
        }
    }
}

/// Fields that serde knows nothing of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Cached {
    pub value: u8,
    #[serde(skip)]
    pub cache: Option<u64>,
    #[serde(skip, default = "answer")]
    pub answer: u8,
}

/// The password comes in and does not go out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Login {
    pub user: String,
    #[serde(default, skip_serializing)]
    pub password: String,
}

/// The revision goes out and does not come in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Draft {
    pub text: String,
    #[serde(skip_deserializing)]
    pub revision: u32,
}

/// Anything at all, null included.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Whatever {
    #[arbitrary(with = json)]
    pub anything: serde_json::Value,
    #[serde(default)]
    #[arbitrary(with = json)]
    pub or_nothing: serde_json::Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[arbitrary(with = not_null)]
    pub perhaps: Option<serde_json::Value>,
}

/// Serde reads null as `None`.
fn not_null(u: &mut Unstructured<'_>) -> Result<Option<serde_json::Value>> {
    json(u).map(|json| Some(json).filter(|json| !json.is_null()))
}
