//! Structs that are flattened into others.

use std::collections::{BTreeMap, HashMap};

use arbitrary::{Arbitrary, Unstructured};
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::{
    enums::{adjacent::Packet, external::OnlyNewtypes, internal::Message},
    generate::{json, json_object, some},
    structs::Point,
};

/// What all of them have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
#[serde(rename_all = "camelCase")]
pub struct Metadata {
    /// Who made it.
    pub created_by: String,
    pub revision: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Article {
    pub title: String,
    #[serde(flatten)]
    pub metadata: Metadata,
    pub text: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Magazine {
    #[serde(flatten)]
    pub first: Article,
    #[serde(flatten)]
    pub place: Point,
    pub others: Vec<Article>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct PerhapsPlaced {
    pub name: String,
    #[serde(flatten)]
    pub place: Option<Point>,
}

/// With or without each of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct PerhapsBoth {
    #[serde(flatten)]
    pub place: Option<Point>,
    pub name: String,
    #[serde(flatten)]
    pub metadata: Option<Box<Metadata>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct PerhapsSent {
    pub from: String,
    #[serde(flatten)]
    pub message: Option<Message>,
}

/// A newtype is as optional as what is in there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Somewhere(pub Option<Point>);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Pinned {
    pub label: String,
    #[serde(flatten)]
    pub at: Somewhere,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Envelope {
    pub from: String,
    #[serde(flatten)]
    pub message: Message,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Parcel {
    pub to: String,
    #[serde(flatten)]
    pub packet: Packet,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Chosen {
    pub id: u8,
    #[serde(flatten)]
    pub choice: OnlyNewtypes,
}

/// All members beside `id` are numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Scores {
    pub id: u8,
    #[serde(flatten)]
    #[arbitrary(with = |u: &mut Unstructured<'_>| some(u, |u| Ok((format!("+{}", String::arbitrary(u)?), u.arbitrary()?))))]
    pub by_name: HashMap<String, i64>,
}

/// All members beside `id` are kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Open {
    pub id: u8,
    #[serde(flatten)]
    #[arbitrary(with = |u: &mut Unstructured<'_>| some(u, |u| Ok((format!("+{}", String::arbitrary(u)?), json(u)?))))]
    pub others: serde_json::Map<String, serde_json::Value>,
}

/// The same as one value of JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type, Arbitrary)]
pub struct OpenValue {
    #[serde(flatten)]
    #[arbitrary(with = |u: &mut Unstructured<'_>| json_object(u).map(serde_json::Value::Object))]
    pub others: serde_json::Value,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct OnlyOthers {
    #[serde(flatten)]
    pub points: BTreeMap<String, Point>,
}

/// A variant with fields of a struct.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
#[serde(tag = "type")]
pub enum Record {
    Short {
        #[serde(flatten)]
        metadata: Metadata,
        text: String,
    },
    Long(Article),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Twofold {
    #[serde(flatten)]
    pub message: Message,
    #[serde(flatten)]
    pub packet: Packet,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
#[serde(rename_all = "UPPERCASE")]
pub struct Boxed {
    pub own: u8,
    #[serde(flatten)]
    pub boxed: Box<Metadata>,
}
