//! Structs of every form.

use arbitrary::Arbitrary;
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::generate::finite;

/// Where it is.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    Type,
    Arbitrary,
)]
pub struct Point {
    /// To the right.
    pub x: i32,
    /// Downwards.
    pub y: i32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Line {
    pub from: Point,
    pub to: Point,
}

#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Type, Arbitrary,
)]
pub struct UserId(pub String);

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Meters(#[arbitrary(with = finite)] pub f64);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Place(pub Point);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct PlaceOfPlace(pub Place);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Nickname(pub Option<String>);

/// Two values in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Named(pub String, pub i32);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Mixed(pub u8, pub bool, pub Point, pub Option<String>);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct NestedTuples(pub (u8, (bool, String)), pub Vec<(u8, char)>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct TupleOfOne(pub (u8,));

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct NewtypeOfTuple(pub (u8, i64));

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct TupleOfNone();

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct TupleWithSecret(pub u8, #[serde(skip)] pub u16, pub String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Unit;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Empty {}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct NewtypeOfUnit(pub Unit);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct HoldsUnits {
    pub unit: Unit,
    pub empty: Empty,
    pub nothing: (),
    pub perhaps: Option<Empty>,
}

/// A struct that says what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
#[serde(tag = "type")]
pub struct SaysItsName {
    pub value: u8,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
#[serde(tag = "@kind", rename = "another name")]
pub struct SaysAnotherName {
    pub value: Option<SaysItsName>,
}

/// Nothing but these fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
#[serde(deny_unknown_fields)]
pub struct Strict {
    pub one: u8,
    pub two: Option<Point>,
}

/// As many fields as a tuple can have values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct LongTuple {
    pub twelve: (u8, i8, u16, i16, u32, i32, u64, i64, bool, char, String, ()),
}
