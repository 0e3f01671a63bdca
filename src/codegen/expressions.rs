//! Types as they stand in annotations.

use std::collections::BTreeSet;

use specta::{
    Types,
    datatype::{
        DataType, Fields, List, NamedDataType, NamedReference, NamedReferenceType, Primitive,
        Reference, Struct,
    },
};

use super::{Error, layout::Module};

/// A type in an annotation.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Expression {
    /// The annotation.
    pub(super) text: String,
    /// Whether `None` is among its values.
    nullable: bool,
    /// Whether it is an `Option`, so that `None` is a good default.
    pub(super) is_option: bool,
    /// Whether it is a class that the module defines, and nothing around it.
    pub(super) is_class: bool,
}

impl Expression {
    fn plain(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            nullable: false,
            is_option: false,
            is_class: false,
        }
    }

    fn none() -> Self {
        Self {
            nullable: true,
            is_option: true,
            ..Self::plain("None")
        }
    }

    /// Lets `None` be among the values, and the default.
    pub(super) fn or_none(mut self) -> Self {
        if !self.nullable {
            self.text.push_str(" | None");
            self.nullable = true;
        }
        self.is_option = true;
        self.is_class = false;
        self
    }
}

/// Finds the expressions of types, and notes what the module needs for them.
pub(super) struct Annotator<'a> {
    pub(super) module: &'a mut Module,
    types: &'a Types,
    /// The classes that were mentioned.
    pub(super) mentioned: BTreeSet<String>,
    /// The newtypes being looked through.
    within: Vec<String>,
}

impl<'a> Annotator<'a> {
    pub(super) fn new(module: &'a mut Module, types: &'a Types) -> Self {
        Self {
            module,
            types,
            mentioned: BTreeSet::new(),
            within: Vec::new(),
        }
    }

    /// Gives the expression for `shape`; `place` says in errors where it stands.
    pub(super) fn annotation(
        &mut self,
        shape: &DataType,
        place: &str,
    ) -> Result<Expression, Error> {
        match shape {
            DataType::Primitive(primitive) => self.primitive(primitive, place),
            DataType::Nullable(inner) => Ok(self.annotation(inner, place)?.or_none()),
            DataType::List(list) => self.list(list, place),
            DataType::Map(map) => {
                if self.annotation(map.key_ty(), place)?.text != "str" {
                    return Err(unsupported(
                        place,
                        "a map whose keys are not strings",
                        "use String keys or a Vec of a struct",
                    ));
                }
                let value = self.annotation(map.value_ty(), place)?;
                Ok(Expression::plain(format!("dict[str, {}]", value.text)))
            }
            DataType::Tuple(tuple) if tuple.elements.is_empty() => Ok(Expression::none()),
            DataType::Tuple(_) => Err(tuple(place)),
            DataType::Struct(shape) => self.unnamed_struct(shape, place),
            DataType::Enum(_) => Err(unsupported(
                place,
                "an enum that has no name of its own",
                "use a named enum, without #[specta(inline)]",
            )),
            DataType::Intersection(_) => Err(flattened(place)),
            DataType::Generic(generic) => Err(unsupported(
                place,
                format!("the type parameter `{}`", generic.name()),
                "use a type without parameters",
            )),
            DataType::Reference(Reference::Opaque(reference)) => Err(unsupported(
                place,
                format!("the opaque type `{}`", reference.type_name()),
                "name another with #[specta(type = ...)]",
            )),
            DataType::Reference(Reference::Named(reference)) => self.reference(reference, place),
        }
    }

    fn primitive(&mut self, primitive: &Primitive, place: &str) -> Result<Expression, Error> {
        let (name, alias) = match primitive {
            Primitive::bool => return Ok(Expression::plain("bool")),
            Primitive::str => return Ok(Expression::plain("str")),
            Primitive::f32 | Primitive::f64 => return Ok(Expression::plain("float")),
            Primitive::char => ("Char", "str, Field(min_length=1, max_length=1)".to_owned()),
            Primitive::i8 => ("I8", integer(i8::MIN, i8::MAX)),
            Primitive::i16 => ("I16", integer(i16::MIN, i16::MAX)),
            Primitive::i32 => ("I32", integer(i32::MIN, i32::MAX)),
            // usize and isize as on the 64-bit systems that Tauri runs on; a 32-bit host refuses what is too large.
            Primitive::i64 | Primitive::isize => ("I64", integer(i64::MIN, i64::MAX)),
            Primitive::u8 => ("U8", integer(u8::MIN, u8::MAX)),
            Primitive::u16 => ("U16", integer(u16::MIN, u16::MAX)),
            Primitive::u32 => ("U32", integer(u32::MIN, u32::MAX)),
            Primitive::u64 | Primitive::usize => ("U64", integer(u64::MIN, u64::MAX)),
            Primitive::i128 | Primitive::u128 | Primitive::f16 | Primitive::f128 => {
                let what = format!("the type `{primitive:?}`");
                return Err(unsupported(
                    place,
                    what,
                    "use one of at most 64 bits, or a String",
                ));
            }
        };
        self.module.import_standard("typing", "Annotated");
        self.module.import("pydantic", "Field");
        let line = format!("{name} = Annotated[{alias}]\n");
        self.module.aliases.insert(name, line);
        Ok(Expression::plain(name))
    }

    fn list(&mut self, list: &List, place: &str) -> Result<Expression, Error> {
        let item = self.annotation(&list.ty, place)?.text;
        let Some(length) = list.length else {
            return Ok(Expression::plain(format!("list[{item}]")));
        };
        self.module.import_standard("typing", "Annotated");
        self.module.import("pydantic", "Field");
        Ok(Expression::plain(format!(
            "Annotated[list[{item}], Field(min_length={length}, max_length={length})]"
        )))
    }

    fn unnamed_struct(&mut self, shape: &Struct, place: &str) -> Result<Expression, Error> {
        match &shape.fields {
            Fields::Unit => Ok(Expression::none()),
            Fields::Unnamed(fields) => match &fields.fields[..] {
                [only] if only.ty.is_some() => {
                    let inner = only.ty.as_ref().ok_or_else(|| tuple(place))?;
                    self.annotation(inner, place)
                }
                _ => Err(tuple(place)),
            },
            Fields::Named(_) => Err(unsupported(
                place,
                "a struct that has no name of its own",
                "use a named struct, without #[specta(inline)]",
            )),
        }
    }

    fn reference(&mut self, reference: &NamedReference, place: &str) -> Result<Expression, Error> {
        let Some(named) = self.types.get(reference) else {
            return Err(unsupported(
                place,
                "a type that specta did not collect",
                "derive specta::Type for it",
            ));
        };
        let path = rust_path(named);
        if path == "serde_json::Value" {
            self.module.import("pydantic", "JsonValue");
            return Ok(Expression {
                nullable: true,
                ..Expression::plain("JsonValue")
            });
        }
        if named.name == "TAURI_CHANNEL" {
            return Err(unsupported(place, "a Channel", "emit events instead"));
        }
        if is_result(named) {
            return Err(unsupported(
                place,
                "a Result that is not what a command returns",
                "use an Option",
            ));
        }
        let inline = match &reference.inner {
            NamedReferenceType::Inline { dt, .. } => Some(&**dt),
            NamedReferenceType::Reference { .. } => None,
            NamedReferenceType::Recursive(_) => {
                return Err(unsupported(
                    place,
                    format!("`{path}`, inlined within itself,"),
                    "leave out #[specta(inline)]",
                ));
            }
        };
        // String, Vec, Box and the like have no definition of their own: they are always inlined.
        let Some(definition) = named.ty.as_ref() else {
            return self.annotation(inline.ok_or_else(|| opaque(place, &path))?, place);
        };
        if !named.generics.is_empty() {
            return Err(generic(place, &path));
        }
        match definition {
            DataType::Enum(_) => Ok(self.class(named)),
            DataType::Struct(shape) if matches!(shape.fields, Fields::Named(_)) => {
                Ok(self.class(named))
            }
            _ if self.within.contains(&path) => Err(unsupported(
                place,
                format!("`{path}`, a newtype that holds itself,"),
                "use a struct with named fields",
            )),
            _ => {
                self.within.push(path);
                let expression = self.annotation(definition, place);
                self.within.pop();
                expression
            }
        }
    }

    fn class(&mut self, named: &NamedDataType) -> Expression {
        self.mentioned.insert(named.name.to_string());
        Expression {
            is_class: true,
            ..Expression::plain(&*named.name)
        }
    }
}

fn integer(least: impl std::fmt::Display, most: impl std::fmt::Display) -> String {
    // Strict, since pydantic would take `True` and "1" for integers, and serde does not.
    format!("int, Field(strict=True, ge={least}, le={most})")
}

/// The type with its Rust module.
pub(super) fn rust_path(named: &NamedDataType) -> String {
    format!("{}::{}", named.module_path, named.name)
}

/// Whether it is the standard library's `Result`.
pub(super) fn is_result(named: &NamedDataType) -> bool {
    named.name == "Result" && matches!(&*named.module_path, "std::result" | "core::result")
}

pub(super) fn unsupported(place: &str, what: impl Into<String>, remedy: &'static str) -> Error {
    Error::Unsupported {
        place: place.to_owned(),
        what: what.into(),
        remedy,
    }
}

pub(super) fn generic(place: &str, path: &str) -> Error {
    unsupported(
        place,
        format!("the generic type `{path}`"),
        "write one type without parameters for each use",
    )
}

fn flattened(place: &str) -> Error {
    unsupported(
        place,
        "a struct with #[serde(flatten)] or #[serde(alias)]",
        "make the flattened struct a field, and leave out aliases",
    )
}

fn tuple(place: &str) -> Error {
    unsupported(place, "a tuple", "use a struct with named fields")
}

fn opaque(place: &str, path: &str) -> Error {
    unsupported(
        place,
        format!("`{path}`, which has no definition,"),
        "use a struct or an enum",
    )
}
