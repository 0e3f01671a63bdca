//! Enums that are strings.

use arbitrary::Arbitrary;
use serde::{Deserialize, Serialize};
use specta::Type;

/// How urgent it is.
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
#[serde(rename_all = "kebab-case")]
pub enum Urgency {
    /// It can wait.
    NotToday,
    #[serde(rename = "it's \"now\"")]
    Now,
    #[serde(skip)]
    #[arbitrary(skip)]
    Hidden,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub enum Only {
    One,
}

/// Variants with numbers are strings as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
#[repr(u8)]
pub enum Numbered {
    First = 1,
    Tenth = 10,
}

/// Other spellings are read as these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub enum Spelling {
    #[serde(alias = "colour", alias = "couleur")]
    Color,
    #[serde(rename = "grey", alias = "gray")]
    Grey,
}

/// What is not known is `Other`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub enum Format {
    Json,
    Xml,
    #[serde(other)]
    Other,
}

/// Names that mean something in Python.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
#[expect(non_camel_case_types, reason = "Python has such names")]
pub enum Words {
    None,
    True,
    False,
    class,
    def,
    name,
    value,
    mro,
    __init__,
    _hidden,
    str,
}

/// Names that are no identifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub enum SignNames {
    #[serde(rename = "+")]
    Plus,
    #[serde(rename = "-")]
    Minus,
    #[serde(rename = "1st")]
    First,
    #[serde(rename = "a b")]
    Space,
    #[serde(rename = "a-b")]
    Hyphen,
    #[serde(rename = "\\\"'\n\t")]
    Escapes,
    #[serde(rename = "größe")]
    Umlaut,
    #[serde(rename = "\u{1f41b}")]
    Bug,
}

/// A name without letters, for which specta has no TypeScript.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub enum Nameless {
    #[serde(rename = "")]
    Nothing,
    #[serde(rename = " ")]
    Space,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub enum Länge {
    Über,
    Größer,
    Ñandú,
}

/// One enum for every rule of `rename_all`.
macro_rules! cases {
    ($($name:ident: $rule:tt,)*) => {$(
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
        #[serde(rename_all = $rule)]
        pub enum $name {
            A,
            HtmlPage,
            XML2Json,
            #[serde(rename = "as it is")]
            Renamed,
        }
    )*};
}

cases! {
    Lower: "lowercase",
    Upper: "UPPERCASE",
    Pascal: "PascalCase",
    Camel: "camelCase",
    Snake: "snake_case",
    ScreamingSnake: "SCREAMING_SNAKE_CASE",
    Kebab: "kebab-case",
    ScreamingKebab: "SCREAMING-KEBAB-CASE",
}
