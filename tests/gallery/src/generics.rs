//! Types with parameters.

use std::{collections::BTreeMap, marker::PhantomData};

use arbitrary::Arbitrary;
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::structs::Point;

/// One page of many.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    pub next: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Both<A, B> {
    pub first: A,
    pub second: B,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Perhaps<T> {
    pub value: Option<T>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<Option<T>>,
}

/// Of itself with other arguments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Library<T> {
    pub pages: Vec<Page<T>>,
    pub index: BTreeMap<String, Both<T, u32>>,
    pub of_pages: Page<Page<T>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub enum Either<L, R> {
    Left(L),
    Right(R),
    Both { left: L, right: R },
    Neither,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
#[serde(tag = "state", content = "value", rename_all = "lowercase")]
pub enum Loaded<T> {
    Pending,
    Ready(T),
    Failed { reason: String, last: Option<T> },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
#[serde(untagged)]
pub enum OneOrMany<T> {
    One(T),
    Many(Vec<T>),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
#[serde(tag = "kind")]
pub enum Change<T> {
    Set { value: T },
    Swap { old: T, new: T },
    Clear,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Wrapper<T>(pub T);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Twice<T>(pub T, pub T);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Node<T> {
    pub value: T,
    pub children: Vec<Node<T>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Labelled<T> {
    pub label: String,
    #[serde(flatten)]
    pub page: Page<T>,
}

/// It knows a type and holds none of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Id<T> {
    pub id: u32,
    #[serde(skip)]
    pub of: PhantomData<T>,
}

/// The phantom is there, as null.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Marked {
    pub mark: PhantomData<Point>,
    pub value: u8,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct ByKey<K: Ord, V> {
    pub values: BTreeMap<K, V>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct OrText<T = String> {
    pub value: T,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct AtMost<const N: usize> {
    pub items: Vec<u8>,
}

pub type AtMostThree = AtMost<3>;

pub type LoadedPage = Loaded<Page<Option<bool>>>;

/// Uses of the others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Uses {
    pub page: Page<Point>,
    pub both: Both<u8, Option<String>>,
    pub wrapped: Wrapper<Vec<Point>>,
    pub twice: Twice<bool>,
    pub id: Id<Point>,
    pub text: OrText,
    pub at_most: AtMostThree,
    pub deep: Page<Both<Either<u8, Point>, LoadedPage>>,
    pub many: OneOrMany<Point>,
}
