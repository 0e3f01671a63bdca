//! Names: from Rust and JSON to Python.

use std::collections::BTreeMap;

use heck::{ToShoutySnakeCase, ToSnakeCase};

use super::Error;

const KEYWORDS: &[&str] = &[
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue",
    "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import",
    "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while",
    "with", "yield",
];

/// Builtins that annotations use: a field or method of that name would hide them from the annotations after it.
const ANNOTATIONS: &[&str] = &[
    "bool", "dict", "float", "int", "list", "object", "str", "type",
];

/// What pydantic's `BaseModel` has as attributes; a field of that name would hide them.
const BASE_MODEL: &[&str] = &[
    "construct",
    "copy",
    "dict",
    "from_orm",
    "json",
    "model_computed_fields",
    "model_config",
    "model_construct",
    "model_copy",
    "model_dump",
    "model_dump_json",
    "model_extra",
    "model_fields",
    "model_fields_set",
    "model_json_schema",
    "model_parametrized_name",
    "model_post_init",
    "model_rebuild",
    "model_validate",
    "model_validate_json",
    "model_validate_strings",
    "parse_file",
    "parse_obj",
    "parse_raw",
    "schema",
    "schema_json",
    "update_forward_refs",
    "validate",
];

/// Names that the generated module has, or may come to have, at its top.
const MODULE: &[&str] = &[
    "Annotated",
    "AsyncCommands",
    "AsyncHost",
    "BaseModel",
    "Char",
    "CommandError",
    "Commands",
    "ConfigDict",
    "Field",
    "Host",
    "I16",
    "I32",
    "I64",
    "I8",
    "JsonValue",
    "StrEnum",
    "TypeAdapter",
    "TypeVar",
    "U16",
    "U32",
    "U64",
    "U8",
];

/// What a name is for, which decides its case and what it must not hide.
#[derive(Clone, Copy)]
pub(super) enum Use {
    Field,
    Variant,
    Argument,
    Command,
}

/// Finds the Python names of one class or parameter list, and sees to it that no two are the same.
pub(super) struct Scope {
    place: String,
    of: Use,
    taken: BTreeMap<String, String>,
}

impl Scope {
    pub(super) fn new(of: Use, place: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            of,
            taken: BTreeMap::new(),
        }
    }

    /// Gives the Python name of what is `original` in Rust or JSON.
    pub(super) fn name(&mut self, original: &str) -> Result<String, Error> {
        let (mut name, hidden): (_, &[&[&str]]) = match self.of {
            Use::Field => (
                original.to_snake_case(),
                &[KEYWORDS, ANNOTATIONS, BASE_MODEL],
            ),
            Use::Variant => (original.to_shouty_snake_case(), &[]),
            Use::Argument => (original.to_snake_case(), &[KEYWORDS, &["self"]]),
            Use::Command => (original.to_snake_case(), &[KEYWORDS, ANNOTATIONS]),
        };
        if hidden.iter().any(|names| names.contains(&&*name)) {
            name.push('_');
        }
        if !is_identifier(&name) {
            return Err(Error::Name {
                place: self.place.clone(),
                name: original.to_owned(),
                reason: "gives no identifier in Python",
            });
        }
        match self.taken.insert(name.clone(), original.to_owned()) {
            None => Ok(name),
            Some(first) => Err(Error::SameName {
                place: self.place.clone(),
                name,
                first,
                second: original.to_owned(),
            }),
        }
    }
}

/// Refuses a class that Python or the generated module cannot have under this name.
pub(super) fn check_class(name: &str, place: &str) -> Result<(), Error> {
    let reason = if !is_identifier(name) || !name.starts_with(char::is_uppercase) {
        "is not that of a class in Python, which starts with a capital"
    } else if MODULE.contains(&name) || KEYWORDS.contains(&name) {
        "is one that the generated module uses itself"
    } else {
        return Ok(());
    };
    Err(Error::Name {
        place: place.to_owned(),
        name: name.to_owned(),
        reason,
    })
}

/// The exception for an error type; ruff's N818 wants the name to end in `Error`.
pub(super) fn exception(class: &str) -> String {
    let stem = class.strip_suffix("Error").unwrap_or(class);
    format!("{stem}CommandError")
}

fn is_identifier(name: &str) -> bool {
    name.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && name
            .chars()
            .all(|c| c.is_alphabetic() || c.is_ascii_digit() || c == '_')
}
