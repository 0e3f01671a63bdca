//! Enums that are known by what they hold: serde takes the first variant that fits.

use std::collections::BTreeMap;

use arbitrary::Arbitrary;
use serde::{Deserialize, Serialize};
use specta::Type;

use super::{internal::Message, plain::Urgency};
use crate::{generate::finite, structs::Point};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type, Arbitrary)]
#[serde(untagged)]
pub enum Scalar {
    Nothing,
    Flag(bool),
    Integer(i64),
    Fraction(#[arbitrary(with = finite)] f64),
    Text(String),
}

/// An identifier of one kind or the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
#[serde(untagged)]
pub enum Key {
    Number(u32),
    Name(String),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
#[serde(untagged)]
pub enum Figure {
    /// With all of its fields.
    Box {
        width: u32,
        height: u32,
        depth: u32,
    },
    Rectangle {
        width: u32,
        height: u32,
    },
    Point(Point),
    Pair(u8, u8),
    Choice(Urgency),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
#[serde(untagged)]
pub enum Answers {
    One(String),
    Several(Vec<String>),
    ByQuestion(BTreeMap<String, String>),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
#[serde(untagged)]
pub enum TaggedOrNot {
    Message(Message),
    Number(i32),
    Perhaps(Option<Point>),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
#[serde(untagged)]
pub enum OnlyOneForm {
    Form { value: u8 },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
#[serde(untagged, rename_all_fields = "UPPERCASE")]
pub enum Shouted {
    First { one: u8, r#type: String },
    Second { two: u8 },
}
