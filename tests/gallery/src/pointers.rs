//! Values behind pointers, and types that hold themselves.

use std::{borrow::Cow, cell::RefCell, collections::BTreeMap, rc::Rc, sync::Arc};

use arbitrary::{Arbitrary, Unstructured};
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::structs::Point;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Pointers {
    pub boxed: Box<Point>,
    pub boxed_text: Box<str>,
    pub shared: Arc<Point>,
    pub shared_text: Arc<str>,
    pub counted: Rc<Option<u8>>,
    #[arbitrary(with = |u: &mut Unstructured<'_>| String::arbitrary(u).map(Cow::from))]
    pub borrowed: Cow<'static, str>,
    #[arbitrary(with = |u: &mut Unstructured<'_>| Vec::arbitrary(u).map(Cow::from))]
    pub borrowed_list: Cow<'static, [u8]>,
    pub cell: RefCell<u16>,
    pub perhaps: Option<Box<Arc<u64>>>,
}

/// A list of one after the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Chain {
    pub value: u8,
    pub next: Option<Box<Chain>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Tree {
    pub name: String,
    pub children: Vec<Tree>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Directory {
    pub entries: BTreeMap<String, Directory>,
    pub parent_of: Option<Rc<Directory>>,
}

/// In a circle with [`Folder`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Drawer {
    pub folders: Vec<Folder>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Folder {
    pub label: String,
    pub within: Option<Box<Drawer>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub enum Expression {
    Number(i64),
    Negative(Box<Expression>),
    Sum(Box<Expression>, Box<Expression>),
    All { of: Vec<Expression> },
    Nothing,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum Filter {
    Equals { field: String, value: i32 },
    Not { filter: Box<Filter> },
    Every { filters: Vec<Filter> },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
#[serde(untagged)]
pub enum Document {
    Nothing,
    Flag(bool),
    Number(i64),
    Text(String),
    List(Vec<Document>),
    Object(BTreeMap<String, Document>),
}

/// A list of lists of lists
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Forest(pub Vec<Forest>);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Trie(pub BTreeMap<char, Trie>);
