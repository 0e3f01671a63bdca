//! Lists, sets and maps.
#![expect(
    clippy::zero_sized_map_values,
    reason = "one map is to have values of null"
)]

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, LinkedList, VecDeque};

use arbitrary::{Arbitrary, Unstructured};
use serde::{Deserialize, Serialize};
use specta::Type;
use uuid::Uuid;

use crate::{
    enums::plain::Urgency,
    generate::{finite, naive_date, some},
    numbers::Count,
    structs::{Point, UserId},
};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Lists {
    pub numbers: Vec<u16>,
    pub texts: Vec<String>,
    pub points: VecDeque<Point>,
    pub linked: LinkedList<Option<bool>>,
    pub nested: Vec<Vec<Vec<u32>>>,
    pub slice: Box<[i8]>,
    #[arbitrary(with = |u: &mut Unstructured<'_>| some(u, finite))]
    pub fractions: Vec<f64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Arrays {
    pub three: [u8; 3],
    pub none: [String; 0],
    pub matrix: [[i32; 2]; 2],
    pub points: [Option<Point>; 1],
    pub long: [bool; 32],
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Tuples {
    pub one: (String,),
    pub two: (u8, Point),
    pub three: (Option<u8>, Vec<u8>, [u8; 2]),
    pub nested: ((u8, u8), (bool, (char, String))),
    pub list: Vec<(UserId, Point)>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Sets {
    pub texts: BTreeSet<String>,
    pub numbers: HashSet<i64>,
    pub choices: HashSet<Urgency>,
    pub points: BTreeSet<Point>,
    pub pairs: HashSet<(u8, bool)>,
    pub perhaps: BTreeSet<Option<char>>,
    pub lists: BTreeSet<Vec<u8>>,
    pub ids: BTreeSet<Uuid>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct ByText {
    pub numbers: BTreeMap<String, u64>,
    pub points: HashMap<String, Point>,
    pub perhaps: HashMap<String, Option<String>>,
    pub nothing: BTreeMap<String, ()>,
    pub lists: BTreeMap<String, Vec<Option<Urgency>>>,
    pub nested: BTreeMap<String, BTreeMap<String, HashMap<String, u8>>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct ByNumber {
    pub i8: BTreeMap<i8, String>,
    pub u8: HashMap<u8, Point>,
    pub i32: BTreeMap<i32, bool>,
    pub nested: BTreeMap<u32, BTreeMap<u16, char>>,
}

/// Keys of more than 32 bits, for which specta has no TypeScript.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct ByLargeNumber {
    pub i64: HashMap<i64, u8>,
    pub u64: BTreeMap<u64, Vec<u64>>,
    pub usize: BTreeMap<usize, bool>,
    pub i128: BTreeMap<i128, bool>,
    pub by_count: BTreeMap<Count, String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct ByOther {
    pub by_bool: BTreeMap<bool, String>,
    pub by_letter: HashMap<char, u8>,
    pub by_urgency: BTreeMap<Urgency, Point>,
    pub by_user: HashMap<UserId, Vec<Point>>,
    pub by_id: BTreeMap<Uuid, u8>,
    #[arbitrary(with = |u: &mut Unstructured<'_>| some(u, |u| Ok((naive_date(u)?, u.arbitrary()?))))]
    pub by_date: BTreeMap<chrono::NaiveDate, u8>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Inventory(pub BTreeMap<String, u32>);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Path(pub Vec<Point>);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Tags(pub BTreeSet<String>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Color(pub [u8; 3]);
