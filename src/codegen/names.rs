//! Names: from Rust and JSON to Python.

use std::collections::{BTreeMap, BTreeSet};

use heck::{ToShoutySnakeCase, ToSnakeCase, ToUpperCamelCase};
use unicode_normalization::UnicodeNormalization;

use super::{
    options::Casing,
    schema::{Key, Named, Origin},
};

const KEYWORDS: &[&str] = &[
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue",
    "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import",
    "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while",
    "with", "yield",
];

/// Builtins that annotations use: a field or method of that name would hide them from those after it.
const ANNOTATIONS: &[&str] = &["bytes", "dict", "list", "object", "set", "str", "tuple"];

/// The attributes of pydantic's `BaseModel`; a field of that name would hide one.
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

/// Builtin classes, and the classes that a generated module may have beside the app's own types.
const CLASSES: &[&str] = &[
    "ArithmeticError",
    "AssertionError",
    "AsyncCommands",
    "AsyncEvents",
    "AttributeError",
    "BaseException",
    "BaseExceptionGroup",
    "BlockingIOError",
    "BrokenPipeError",
    "BufferError",
    "BytesWarning",
    "ChildProcessError",
    "Commands",
    "ConnectionAbortedError",
    "ConnectionError",
    "ConnectionRefusedError",
    "ConnectionResetError",
    "DeprecationWarning",
    "EOFError",
    "Ellipsis",
    "EncodingWarning",
    "EnvironmentError",
    "Events",
    "Exception",
    "ExceptionGroup",
    "False",
    "FileExistsError",
    "FileNotFoundError",
    "FloatingPointError",
    "FutureWarning",
    "GeneratorExit",
    "IOError",
    "ImportError",
    "ImportWarning",
    "IndentationError",
    "IndexError",
    "InterruptedError",
    "IsADirectoryError",
    "KeyError",
    "KeyboardInterrupt",
    "LookupError",
    "MemoryError",
    "ModuleNotFoundError",
    "NameError",
    "None",
    "NotADirectoryError",
    "NotImplemented",
    "NotImplementedError",
    "OSError",
    "OverflowError",
    "PendingDeprecationWarning",
    "PermissionError",
    "ProcessLookupError",
    "PythonFinalizationError",
    "RecursionError",
    "ReferenceError",
    "ResourceWarning",
    "RuntimeError",
    "RuntimeWarning",
    "StopAsyncIteration",
    "StopIteration",
    "SyntaxError",
    "SyntaxWarning",
    "SystemError",
    "SystemExit",
    "TabError",
    "TimeoutError",
    "True",
    "TypeError",
    "UnboundLocalError",
    "UnicodeDecodeError",
    "UnicodeEncodeError",
    "UnicodeError",
    "UnicodeTranslateError",
    "UnicodeWarning",
    "UserWarning",
    "ValueError",
    "Warning",
    "ZeroDivisionError",
];

/// The use of a name, which decides its case and which names it must not hide.
#[derive(Clone, Copy)]
pub(super) enum Use {
    Field,
    Member,
    Argument,
    Command,
    Constant,
}

/// The names within one class, parameter list or module, each of them once.
pub(super) struct Scope {
    of: Use,
    casing: Casing,
    taken: BTreeSet<String>,
}

impl Scope {
    pub(super) fn new(of: Use, casing: Casing) -> Self {
        Self {
            of,
            casing,
            taken: BTreeSet::new(),
        }
    }

    /// The Python name for `original`, a name in Rust or JSON; with a number if the plain name is taken.
    pub(super) fn name(&mut self, original: &str) -> String {
        let name = self.candidate(original);
        let numbered = (2..).map(|number: u32| format!("{name}_{number}"));
        let mut names = std::iter::once(name.clone()).chain(numbered);
        names
            .find(|name| self.taken.insert(name.clone()))
            .unwrap_or(name)
    }

    fn candidate(&self, original: &str) -> String {
        let (words, hidden): (&str, &[&[&str]]) = match self.of {
            Use::Field => ("field", &[KEYWORDS, ANNOTATIONS, BASE_MODEL]),
            Use::Member => ("MEMBER", &[]),
            Use::Argument => ("argument", &[KEYWORDS, &["self"]]),
            Use::Command => ("command", &[KEYWORDS, ANNOTATIONS]),
            Use::Constant => ("CONSTANT", &[&["CONTRACT"]]),
        };
        let mut name = match (self.of, self.casing) {
            (Use::Member | Use::Constant, _) => original.to_shouty_snake_case(),
            (_, Casing::AsOnTheWire) if is_identifier(original) && !original.starts_with('_') => {
                original.to_owned()
            }
            _ => original.to_snake_case(),
        };
        name = normalized(&name);
        if !is_identifier(&name) {
            name = if name.is_empty() {
                words.to_owned()
            } else {
                format!("{words}_{name}")
            };
        }
        if hidden.iter().any(|names| names.contains(&&*name)) {
            name.push('_');
        }
        name
    }
}

/// The file and the class of each type.
pub(super) type ClassNames = BTreeMap<Key, ClassName>;

#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ClassName {
    /// The module, within a package; empty where there is only one file.
    pub(super) module: String,
    pub(super) name: String,
}

/// Names the types: as in Rust, and with the Rust module in front where two in one file would have one name.
pub(super) fn class_names(types: &BTreeMap<Key, Named>, is_package: bool) -> ClassNames {
    let mut alike: BTreeMap<ClassName, Vec<(&Key, &str)>> = BTreeMap::new();
    for (key, named) in types {
        if let Origin::Rust { module, name } = &named.origin {
            let file = if is_package {
                module.replace("::", "_")
            } else {
                String::new()
            };
            let class = ClassName {
                module: file,
                name: class(name),
            };
            alike.entry(class).or_default().push((key, module));
        }
    }
    let mut taken: BTreeSet<ClassName> = alike.keys().cloned().collect();
    let mut names = ClassNames::new();
    for (plain, of_that_name) in alike {
        let is_free = of_that_name.len() == 1 && !CLASSES.contains(&&*plain.name);
        for (key, module) in of_that_name {
            let name = if is_free {
                plain.clone()
            } else {
                prefixed(&plain, module, &mut taken)
            };
            names.insert(key.clone(), name);
        }
    }
    for (key, named) in types {
        if matches!(named.origin, Origin::Part { .. }) {
            name_part(key, types, &mut names, &mut taken);
        }
    }
    names
}

/// The first free one of `TasksTask`, `ModelTasksTask` ….
fn prefixed(plain: &ClassName, module: &str, taken: &mut BTreeSet<ClassName>) -> ClassName {
    let mut name = plain.name.clone();
    let segments: Vec<&str> = module.split("::").collect();
    for segment in segments.iter().rev() {
        name.insert_str(0, &segment.to_upper_camel_case());
        let candidate = ClassName {
            name: name.clone(),
            ..plain.clone()
        };
        if taken.insert(candidate.clone()) {
            return candidate;
        }
    }
    numbered(plain, taken)
}

fn numbered(plain: &ClassName, taken: &mut BTreeSet<ClassName>) -> ClassName {
    let mut names = (2..).map(|number: u32| ClassName {
        name: format!("{}{number}", plain.name),
        ..plain.clone()
    });
    names
        .find(|name| taken.insert(name.clone()))
        .unwrap_or_else(|| plain.clone())
}

/// Names a part after its owner and itself: `Shape` and `Circle` make `ShapeCircle`.
fn name_part(
    key: &Key,
    types: &BTreeMap<Key, Named>,
    names: &mut ClassNames,
    taken: &mut BTreeSet<ClassName>,
) -> ClassName {
    if let Some(name) = names.get(key) {
        return name.clone();
    }
    if key.is_empty() {
        return ClassName::default();
    }
    // The owner of a part may be a variant that is not a type, and then has no entry.
    let (owner, own) = match types.get(key).map(|named| &named.origin) {
        Some(Origin::Part { of, name }) => (of.clone(), name.clone()),
        _ => match key.rsplit_once("::") {
            Some((owner, own)) => (owner.to_owned(), own.to_owned()),
            None => (String::new(), key.clone()),
        },
    };
    let mut name = name_part(&owner, types, names, taken);
    name.name += &class(&own);
    if !types.contains_key(key) {
        return name;
    }
    if !taken.insert(name.clone()) {
        name = numbered(&name, taken);
    }
    names.insert(key.clone(), name.clone());
    name
}

/// The exception for an error type; ruff's N818 wants the name to end in `Error`.
pub(super) fn exception(class: &str) -> String {
    let stem = class.strip_suffix("Error").unwrap_or(class);
    format!("{stem}CommandError")
}

fn class(name: &str) -> String {
    let is_class = is_identifier(name) && name.starts_with(char::is_uppercase);
    let mut class = if is_class {
        name.to_owned()
    } else {
        name.to_upper_camel_case()
    };
    class = normalized(&class);
    if is_identifier(&class) {
        class
    } else {
        format!("Type{class}")
    }
}

/// The name without characters that no identifier has, and in the form of Python's identifiers (NFKC, PEP 3131).
pub(super) fn normalized(name: &str) -> String {
    let letters = name.nfkc().filter(|c| c.is_alphanumeric() || *c == '_');
    letters.collect()
}

pub(super) fn is_keyword(name: &str) -> bool {
    KEYWORDS.contains(&name)
}

pub(super) fn is_identifier(name: &str) -> bool {
    name.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && name
            .chars()
            .all(|c| c.is_alphabetic() || c.is_ascii_digit() || c == '_')
}
