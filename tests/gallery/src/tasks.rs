//! The types of a small app.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use arbitrary::Arbitrary;
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::{
    enums::plain::Urgency,
    generate::{json, maybe},
    structs::UserId,
};

/// A task, and
/// what belongs to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type, Arbitrary)]
#[serde(rename_all = "camelCase")]
pub struct Task {
    /// Who has it.
    pub owner_id: UserId,
    pub urgency: Urgency,
    pub due: Option<u32>,
    pub parent: Option<Box<Task>>,
    pub children: Vec<Task>,
    pub by_name: HashMap<String, Arc<Task>>,
    pub tags: BTreeSet<String>,
    /// Serde leaves it out, and takes its default, when it is not there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    #[serde(rename = "type")]
    pub kind: String,
    #[deprecated = "say it in \"note\""]
    pub remark: String,
    #[arbitrary(with = json)]
    pub anything: serde_json::Value,
    #[arbitrary(with = |u: &mut arbitrary::Unstructured<'_>| maybe(u, json))]
    pub perhaps: Option<serde_json::Value>,
    #[serde(skip)]
    pub cache: u8,
    pub project: Option<Project>,
}

/// In a circle with `Task`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Project {
    pub tasks: Vec<Task>,
}
