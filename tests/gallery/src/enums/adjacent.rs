//! Enums whose variants are objects with a tag and a content.

use std::collections::BTreeMap;

use arbitrary::Arbitrary;
use serde::{Deserialize, Serialize};
use specta::Type;

use super::plain::Urgency;
use crate::structs::{Point, Unit};

/// What goes over the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
#[serde(tag = "t", content = "c")]
pub enum Packet {
    /// Nothing is in it.
    Ping,
    Text(String),
    Pair(u8, Point),
    /// With fields.
    Data {
        /// Where it goes.
        to: u16,
        bytes: Vec<u8>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
#[serde(
    tag = "type",
    content = "value",
    rename_all = "camelCase",
    rename_all_fields = "kebab-case"
)]
pub enum Setting {
    FontSize(u8),
    LastFiles(Vec<String>),
    ByUrgency(BTreeMap<Urgency, bool>),
    WindowSize { inner_width: u32, inner_height: u32 },
    Perhaps(Option<Point>),
    NothingSet,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
#[serde(tag = "t", content = "c")]
pub enum OddPackets {
    Unit(()),
    UnitStruct(Unit),
    NoFields {},
    NoValues(),
    Tuple((u8, bool)),
    Optional {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        field: Option<u8>,
    },
}

/// What is not known is `Unknown`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
#[serde(tag = "kind", content = "of it")]
pub enum OpenPacket {
    Known(u8),
    #[serde(other)]
    Unknown,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
#[serde(tag = "class", content = "def")]
pub enum KeywordPacket {
    #[serde(rename = "while")]
    While(u8),
    Self_ {
        #[serde(rename = "self")]
        me: bool,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
#[serde(tag = "step", content = "next")]
pub enum Steps {
    Last,
    Then(Box<Steps>),
    Fork { left: Box<Steps>, right: Box<Steps> },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
#[serde(tag = "type", content = "data")]
pub enum OnlySignals {
    On,
    Off,
}
