//! Names on the wire, and names that Python, pydantic or the annotations need for themselves.

use std::collections::BTreeMap;

use arbitrary::Arbitrary;
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::enums::plain::Urgency;

/// One struct for every rule of `rename_all`.
macro_rules! cases {
    ($($name:ident: $rule:tt,)*) => {$(
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
        #[serde(rename_all = $rule)]
        pub struct $name {
            pub a: u8,
            pub html_page: u8,
            pub a_b_2c: u8,
            #[serde(rename = "as it is")]
            pub renamed: u8,
        }
    )*};
}

cases! {
    LowerFields: "lowercase",
    UpperFields: "UPPERCASE",
    PascalFields: "PascalCase",
    CamelFields: "camelCase",
    SnakeFields: "snake_case",
    ScreamingSnakeFields: "SCREAMING_SNAKE_CASE",
    KebabFields: "kebab-case",
    ScreamingKebabFields: "SCREAMING-KEBAB-CASE",
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Awkward {
    pub class: u8,
    pub r#async: u8,
    pub list: Vec<u8>,
    pub str: String,
    pub schema: String,
    pub model_config: String,
    pub model_dump_more: String,
    #[serde(rename = "$ref")]
    pub reference: String,
    #[serde(rename = "weird 'key'")]
    pub weird_key: String,
    #[serde(
        default,
        rename = "aVeryLongNameThatIsNotTheShortOneThatPythonCouldHaveHad"
    )]
    pub long: BTreeMap<String, Vec<Option<Urgency>>>,
    #[deprecated = "it is so long that its options do not fit on the line of the field, and not on the next"]
    #[serde(default)]
    pub longer_than_a_line: BTreeMap<String, Vec<Option<Urgency>>>,
}

/// Keywords of Python.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Keywords {
    pub and: u8,
    pub def: u8,
    pub from: u8,
    pub global: u8,
    pub import: u8,
    pub is: u8,
    pub lambda: u8,
    pub not: u8,
    pub pass: u8,
    #[serde(rename = "None")]
    pub none: u8,
    #[serde(rename = "True")]
    pub yes: u8,
    pub r#type: u8,
    pub r#match: u8,
    #[serde(rename = "self")]
    pub me: u8,
    pub cls: u8,
    pub r#yield: u8,
    pub print: u8,
}

/// Names of builtins, with the types that have them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Builtins {
    pub int: i64,
    pub float: u8,
    pub bool: bool,
    pub str: String,
    pub bytes: Vec<u8>,
    pub list: Vec<String>,
    pub dict: BTreeMap<String, i64>,
    pub set: Vec<bool>,
    pub tuple: (i64, String),
    pub object: Option<Vec<(bool, i64)>>,
    pub property: Option<String>,
    pub id: u8,
    pub hash: u8,
    pub super_: u8,
}

/// Names of a model's own attributes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
#[expect(
    clippy::pub_underscore_fields,
    reason = "pydantic has its own mind about such names"
)]
pub struct ModelAttributes {
    pub copy: u8,
    pub json: u8,
    pub dict: u8,
    pub construct: u8,
    pub validate: u8,
    pub model_fields: u8,
    pub model_dump: u8,
    pub model_validate: u8,
    pub model_extra: u8,
    pub model_post_init: u8,
    pub parse_obj: u8,
    pub __slots__: u8,
    pub __dict__: u8,
    pub _private: u8,
    pub __mangled: u8,
}

/// Names that are no identifiers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Signs {
    #[serde(rename = "")]
    pub empty: u8,
    #[serde(rename = " ")]
    pub space: u8,
    #[serde(rename = "1st")]
    pub first: u8,
    #[serde(rename = "2")]
    pub second: u8,
    #[serde(rename = "a.b-c/d")]
    pub dotted: u8,
    #[serde(rename = "größe")]
    pub umlaut: u8,
    #[serde(rename = "日本語")]
    pub japanese: u8,
    #[serde(rename = "\u{1f41b}")]
    pub bug: u8,
    #[serde(rename = "{curly} %s $x")]
    pub format: u8,
    #[serde(rename = "_")]
    pub underscore: u8,
    #[serde(rename = "__")]
    pub underscores: u8,
}

/// Names that JSON has to escape.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Escapes {
    #[serde(rename = "it's \"quoted\"")]
    pub quoted: u8,
    #[serde(rename = "back\\slash")]
    pub backslash: u8,
    #[serde(rename = "line\nbreak\ttab")]
    pub line_break: u8,
    #[serde(rename = "\u{0}\u{7f}\u{85}\u{2028}")]
    pub control: u8,
}

/// Two names that are one in Python.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Alike {
    #[serde(rename = "aB")]
    pub one: u8,
    pub a_b: u8,
    #[serde(rename = "a-b")]
    pub other: u8,
    #[serde(rename = "AB")]
    pub capitals: u8,
    pub a_b_2: u8,
}

/// One name to write and another to read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
#[serde(rename_all(serialize = "camelCase", deserialize = "kebab-case"))]
pub struct Directed {
    #[serde(rename(serialize = "out", deserialize = "in"))]
    pub way: u8,
    pub of_one_rule: u8,
    #[serde(rename(serialize = "written"))]
    pub read_by_rule: Option<String>,
}

/// Read under several names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Aliased {
    #[serde(alias = "name", alias = "nom")]
    pub title: String,
    #[serde(rename = "short", alias = "long")]
    pub length: u8,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct AVeryLongNameOfATypeThatDoesNotFitOnOneLineOfPythonTogetherWithAnythingElseThatStandsThereWithIt {
    pub a_very_long_name_of_a_field_that_does_not_fit_on_one_line_of_python_together_with_anything_else_there: u8,
    pub another_very_long_name_with_a_long_type_that_has_to_be_broken: Option<BTreeMap<String, Vec<Option<Urgency>>>>,
    pub and_one_that_mentions_a_long_type:
        Vec<AVeryLongNameOfATypeThatDoesNotFitOnOneLineOfPythonTogetherWithAnythingElseThatStandsThereWithIt>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
#[expect(non_camel_case_types, reason = "Rust allows such names")]
pub struct lower_case {
    pub r#true_: u8,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Größe {
    pub länge: u8,
    pub µ: u8,
}

/// Another name for the type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
#[serde(rename = "FormField")]
pub struct TypeAdapter {
    pub a: u8,
}
