//! Enums whose variants are objects that say which one they are.

use std::collections::{BTreeMap, HashMap};

use arbitrary::Arbitrary;
use serde::{Deserialize, Serialize};
use specta::Type;

use super::adjacent::Packet;
use crate::{
    generate::finite,
    structs::{Empty, Line, Point},
};

/// Something to draw.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type, Arbitrary)]
#[serde(tag = "kind")]
pub enum Shape {
    /// No size at all.
    Dot,
    /// Round.
    Circle {
        center: Point,
        #[arbitrary(with = finite)]
        radius: f64,
    },
    Line(Line),
    Empty(Empty),
    Boxed(Box<Point>),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
#[serde(
    tag = "$type",
    rename_all = "SCREAMING_SNAKE_CASE",
    rename_all_fields = "camelCase"
)]
pub enum Message {
    TextMessage {
        message_text: String,
        reply_to: Option<u64>,
    },
    Reaction {
        emoji_char: char,
    },
    UserLeft,
}

/// What is not known is `Unknown`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
#[serde(tag = "type")]
pub enum Extensible {
    One {
        value: u8,
    },
    Two,
    #[serde(other)]
    Unknown,
}

/// Variants that hold maps and other enums.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
#[serde(tag = "outer")]
pub enum Layers {
    Message(Message),
    Packet(Packet),
    Numbers(NumbersByName),
    Anything(BTreeMap<String, i32>),
    Nothing(()),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct NumbersByName {
    pub numbers: BTreeMap<String, i32>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
#[serde(tag = "type")]
pub enum OnlyUnits {
    Start,
    Stop,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
#[serde(tag = "type")]
pub enum OnlyOneKind {
    Kind { value: u8 },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
#[serde(tag = "type", deny_unknown_fields)]
pub enum StrictCommand {
    Go {
        steps: u8,
    },
    Wait {},
    #[serde(rename = "turn \"left\"")]
    TurnLeft,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
#[serde(tag = "class")]
pub enum AwkwardTag {
    #[serde(rename = "def")]
    Def {
        r#return: u8,
        model_config: u8,
    },
    #[serde(rename = " ")]
    Nothing {
        kind: String,
    },
    None,
}

/// One of its fields may be missing, others are of tagged enums.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
#[serde(tag = "type")]
pub enum Branches {
    Leaf {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<Message>,
    },
    Branch {
        children: Vec<Branches>,
        by_name: HashMap<String, Extensible>,
    },
}
