//! Enums whose variants are members of an object, as serde has them by default.

use std::collections::BTreeMap;

use arbitrary::Arbitrary;
use serde::{Deserialize, Serialize};
use specta::Type;

use super::plain::Urgency;
use crate::structs::{Empty, Point, Unit};

/// What the mouse did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub enum Mouse {
    /// It left.
    Left,
    /// It is somewhere.
    At(Point),
    /// It went.
    Moved(Point, Point),
    /// A button went down.
    Pressed {
        /// Which one.
        button: u8,
        at: Point,
    },
    #[deprecated = "use `Pressed`"]
    Clicked(u8),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub enum Cell {
    Empty,
    Text(String),
    Number(i64),
    Perhaps(Option<u8>),
    List(Vec<Cell>),
    Map(BTreeMap<String, u8>),
    Nothing(()),
    Unit(Unit),
    Choice(Urgency),
}

/// Serde writes an empty list and takes it for null, so no command can take it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub enum Parenthesized {
    NoneAtAll(),
    Text(String),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub enum OddVariants {
    NoFields {},
    Tuple((u8, u8)),
    OneTuple((bool,)),
    Empty(Empty),
    Secret(#[serde(skip)] u8),
    HalfSecret(u8, #[serde(skip)] u16),
    OptionalField {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        field: Option<u8>,
        #[serde(skip)]
        hidden: bool,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
#[serde(rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum Renamed {
    FirstVariant {
        first_field: u8,
        second_field: u8,
    },
    #[serde(rename_all = "SCREAMING-KEBAB-CASE")]
    SecondVariant {
        first_field: u8,
        second_field: u8,
    },
    #[serde(rename = "3rd variant")]
    ThirdVariant(u8),
    FourthVariant,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub enum OnlyNewtypes {
    A(u8),
    B(String),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub enum OnlyOne {
    Variant { value: u8 },
}

/// Variants that serde writes or reads only, or not at all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub enum PartlySkipped {
    Shown(u8),
    #[serde(skip)]
    #[arbitrary(skip)]
    Hidden(u8),
    #[serde(alias = "seen")]
    Visible {
        #[serde(alias = "worth")]
        value: u8,
    },
}

/// Rust writes one variant that it does not read, and reads one that it does not write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub enum OneDirection {
    Both(u8),
    #[serde(skip_deserializing)]
    Written {
        value: u8,
    },
    #[serde(skip_serializing)]
    #[arbitrary(skip)]
    Read(String),
}

/// The last variant takes what the others do not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub enum WithRest {
    Known {
        id: u32,
    },
    Plain,
    #[serde(untagged)]
    Text(String),
    #[serde(untagged)]
    Rest {
        other: u8,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
#[expect(non_camel_case_types, reason = "Python has such names")]
pub enum KeywordVariants {
    None,
    class(u8),
    Self_ {
        #[serde(rename = "self")]
        me: u8,
        cls: u8,
    },
    list(Vec<u8>),
    import {
        from: String,
    },
}
