//! Facts about a named type of Rust: its path, its name for Python, and whether its JSON is known beforehand.

use specta::datatype::{DataType, Deprecated, Fields, NamedDataType, Primitive};

use super::{
    error::Error,
    schema::{Body, Key, Named, Origin, Scalar},
    serde::{Representation, text},
};

/// Whether a type is a struct with type parameters and without field names. Python has no good form for such a type.
pub(super) fn is_generic_newtype(named: &NamedDataType) -> bool {
    !named.generics.is_empty()
        && matches!(&named.ty, Some(DataType::Struct(shape)) if !matches!(shape.fields, Fields::Named(_)))
}

pub(super) fn named_type(
    named: &NamedDataType,
    origin: Origin,
    parameters: Vec<String>,
    body: Body,
) -> Named {
    Named {
        origin,
        parameters,
        docs: named.docs.to_string(),
        deprecated: named.deprecated.as_ref().map(note),
        is_buffered: is_buffered(named),
        body,
    }
}

pub(super) fn origin(named: &NamedDataType) -> Origin {
    let attributes = match &named.ty {
        Some(DataType::Struct(shape)) => Some(&shape.attributes),
        Some(DataType::Enum(shape)) => Some(&shape.attributes),
        _ => None,
    };
    let renamed =
        attributes.and_then(|attributes| text(attributes, "serde:container:rename_serialize"));
    Origin::Rust {
        module: named.module_path.to_string(),
        name: renamed.unwrap_or_else(|| named.name.to_string()),
    }
}

/// The type's Rust module and its name.
pub(super) fn rust_path(named: &NamedDataType) -> Key {
    format!("{}::{}", named.module_path, named.name)
}

/// Whether a type is the standard library's `Result`.
pub(super) fn is_result(named: &NamedDataType) -> bool {
    named.name == "Result" && matches!(&*named.module_path, "std::result" | "core::result")
}

/// Whether a type is Tauri's `Channel`, which has another name in specta.
pub(super) fn is_channel(named: &NamedDataType) -> bool {
    named.name == "TAURI_CHANNEL" && named.module_path.starts_with("tauri::")
}

/// The scalar for a type of another crate that means more than its JSON shows. Of `time` there is only the date, since its other
/// types have formats of their own.
pub(super) fn known_scalar(named: &NamedDataType) -> Option<Scalar> {
    Some(match (&*named.module_path, &*named.name) {
        ("bytes", "Bytes" | "BytesMut") => Scalar::Bytes,
        ("tauri_plugin_sidecar_bridge::raw_bytes", "Bytes") => Scalar::RawBytes,
        ("serde_json" | "serde_yaml", "Value") => Scalar::Value,
        ("serde_json", "Number") => Scalar::Number,
        ("std::time" | "core::time", "Duration") => Scalar::Duration,
        ("std::time", "SystemTime") => Scalar::SystemTime,
        ("chrono", "Duration" | "TimeDelta") => Scalar::TimeDelta,
        ("jiff", "SignedDuration") => Scalar::Span,
        ("chrono", "DateTime") | ("jiff", "Timestamp") => Scalar::DateTime,
        ("chrono", "NaiveDateTime") | ("jiff::civil", "DateTime") => Scalar::LocalDateTime,
        ("chrono", "NaiveDate") | ("jiff::civil" | "time", "Date") => Scalar::Date,
        ("chrono", "NaiveTime") | ("jiff::civil", "Time") => Scalar::Time,
        ("uuid" | "uuid::fmt", _) => Scalar::Uuid,
        ("url", "Url") => Scalar::Url,
        _ => return None,
    })
}

/// The types of other crates whose JSON is not what specta says: what they are, and what to write instead.
pub(super) fn misdescribed(named: &NamedDataType) -> Option<(String, &'static str)> {
    let why = match (&*named.module_path, &*named.name) {
        ("toml", "Value") => "which takes no null, and whose dates are objects of its own,",
        ("toml::value", "Datetime") => "which is an object of toml's own,",
        ("serde_yaml", "Number") => "which is null for NaN,",
        ("serde_yaml::value", "TaggedValue") => "whose tag is a key,",
        ("std::ffi", "CStr" | "CString") => "which is an array of bytes,",
        ("std::ffi", "OsStr" | "OsString") => "which differs by system,",
        _ => return None,
    };
    let remedy = match &*named.module_path {
        "std::ffi" => "use String, PathBuf or Vec<u8>",
        _ => {
            "convert it into serde_json::Value, or say #[specta(type = serde_json::Value)] if any JSON will do"
        }
    };
    Some((format!("`{}`, {why}", rust_path(named)), remedy))
}

/// Whether serde keeps the JSON of a type as it stands before it reads what is in there: the JSON of an enum whose tag it may
/// not have seen yet, or that has none. It does so for an enum with tag and content if the content's name sorts before that of
/// the tag, since Tauri sorts the members of objects.
fn is_buffered(named: &NamedDataType) -> bool {
    let Some(DataType::Enum(shape)) = &named.ty else {
        return false;
    };
    let has = |name: &str| {
        shape
            .attributes
            .contains_key(&format!("serde:container:{name}_resolved"))
    };
    if has("from") || has("try_from") {
        return false;
    }
    let mut variants = shape.variants.iter();
    match Representation::of(&shape.attributes) {
        Representation::Internal { .. } | Representation::Untagged => true,
        Representation::Adjacent { tag, content } if content < tag => true,
        Representation::External | Representation::Adjacent { .. } => {
            variants.any(|(_, variant)| variant.attributes.contains_key("serde:variant:untagged"))
        }
    }
}

pub(super) fn scalar(primitive: &Primitive, place: &str) -> Result<Scalar, Error> {
    Ok(match primitive {
        Primitive::bool => Scalar::Bool,
        Primitive::i8 => Scalar::I8,
        Primitive::i16 => Scalar::I16,
        Primitive::i32 => Scalar::I32,
        // usize and isize as on the 64-bit systems that Tauri runs on; a 32-bit host refuses what is too large.
        Primitive::i64 | Primitive::isize => Scalar::I64,
        Primitive::i128 => Scalar::I128,
        Primitive::u8 => Scalar::U8,
        Primitive::u16 => Scalar::U16,
        Primitive::u32 => Scalar::U32,
        Primitive::u64 | Primitive::usize => Scalar::U64,
        Primitive::u128 => Scalar::U128,
        Primitive::f32 => Scalar::F32,
        Primitive::f64 => Scalar::F64,
        Primitive::char => Scalar::Char,
        Primitive::str => Scalar::String,
        Primitive::f16 | Primitive::f128 => {
            let what = format!("the type `{primitive:?}`, which serde does not write,");
            return Err(Error::unsupported(place, what, "use f32 or f64"));
        }
    })
}

/// The note of `#[deprecated]`.
pub(super) fn note(deprecated: &Deprecated) -> String {
    match deprecated.note.as_deref() {
        None | Some("") => "do not use it in new code".to_owned(),
        Some(note) => note.to_owned(),
    }
}
