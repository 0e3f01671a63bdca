//! Types that are another type in JSON.

use arbitrary::Arbitrary;
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::structs::Point;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
#[serde(transparent)]
pub struct Transparent {
    pub value: Point,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
#[serde(transparent)]
pub struct TransparentText(pub String);

/// A number in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
#[serde(from = "i32", into = "i32")]
pub struct Celsius {
    pub degrees: i32,
}

impl From<i32> for Celsius {
    fn from(degrees: i32) -> Self {
        Self { degrees }
    }
}

impl From<Celsius> for i32 {
    fn from(celsius: Celsius) -> Self {
        celsius.degrees
    }
}

/// A point in JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
#[serde(from = "Point", into = "Point")]
pub struct Vector(pub i32, pub i32);

impl From<Point> for Vector {
    fn from(point: Point) -> Self {
        Self(point.x, point.y)
    }
}

impl From<Vector> for Point {
    fn from(vector: Vector) -> Self {
        Self {
            x: vector.0,
            y: vector.1,
        }
    }
}

/// Text that is not empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(try_from = "String", into = "String")]
pub struct NotEmpty(String);

impl TryFrom<String> for NotEmpty {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.is_empty() {
            Err("it is empty")
        } else {
            Ok(Self(text))
        }
    }
}

impl From<NotEmpty> for String {
    fn from(text: NotEmpty) -> Self {
        text.0
    }
}

impl<'a> Arbitrary<'a> for NotEmpty {
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        Ok(Self(format!(
            "{}{}",
            char::arbitrary(u)?,
            String::arbitrary(u)?
        )))
    }
}

/// A boolean in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
#[serde(from = "bool", into = "bool")]
pub enum Switch {
    On,
    Off,
}

impl From<bool> for Switch {
    fn from(is_on: bool) -> Self {
        if is_on { Self::On } else { Self::Off }
    }
}

impl From<Switch> for bool {
    fn from(switch: Switch) -> Self {
        switch == Switch::On
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Outcomes {
    pub simple: Result<u8, String>,
    pub nothing: Result<(), Point>,
    pub list: Vec<Result<Point, Celsius>>,
    pub perhaps: Option<Result<bool, ()>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Holder {
    pub transparent: Transparent,
    pub celsius: Celsius,
    pub vector: Option<Vector>,
    pub switches: Vec<Switch>,
    pub not_empty: NotEmpty,
}

/// Text for a number, by a function of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct AsText {
    #[serde(with = "text")]
    #[specta(type = String)]
    pub number: u64,
}

mod text {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes it so")]
    pub(super) fn serialize<S: Serializer>(number: &u64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(number)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(D::Error::custom)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Inlined {
    #[specta(inline)]
    pub point: Point,
    #[specta(inline)]
    pub perhaps: Option<Point>,
}
