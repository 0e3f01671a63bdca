//! The annotations of shapes.

use super::{
    layout::{Expr, string},
    module::Module,
    names::{ClassName, ClassNames, Scope, Use},
    options::{Casing, Style},
    schema::{Body, Scalar, Schema, Shape},
};

/// Makes annotations for one file.
pub(super) struct Annotator<'a> {
    pub(super) schema: &'a Schema,
    pub(super) names: &'a ClassNames,
    pub(super) style: Style,
    pub(super) casing: Casing,
    /// The name of the file, within a package.
    pub(super) file: String,
    pub(super) module: Module,
    /// The names of the variables that describe commands and events.
    descriptions: Scope,
}

impl<'a> Annotator<'a> {
    pub(super) fn new(
        schema: &'a Schema,
        names: &'a ClassNames,
        (style, casing): (Style, Casing),
        file: &str,
        module: Module,
    ) -> Self {
        Self {
            schema,
            names,
            style,
            casing,
            file: file.to_owned(),
            module,
            descriptions: Scope::new(Use::Member, casing),
        }
    }

    /// The name of the variable that describes a command or an event.
    pub(super) fn description(&mut self, name: &str) -> String {
        format!("_{}", self.descriptions.name(name))
    }

    /// Imports from the package's module for bindings of this style, and gives the name here.
    pub(super) fn bridge(&mut self, name: &str) -> String {
        self.module.installed(self.style.support(), name)
    }

    pub(super) fn annotation(&mut self, shape: &Shape) -> Expr {
        match shape {
            Shape::Null => "None".into(),
            Shape::Scalar(scalar) => self.scalar(*scalar).into(),
            Shape::Literal(text) => {
                let literal = self.module.standard("typing", "Literal");
                Expr::subscript(&literal, vec![string(text).into()])
            }
            Shape::Set(item) if self.is_hashable(item) => self.generic("set", [&**item]),
            Shape::List { item, length: None } | Shape::Set(item) => {
                self.generic("list", [&**item])
            }
            Shape::List {
                item,
                length: Some(length),
            } => {
                let list = self.generic("list", [&**item]);
                let length = length.to_string();
                let options = ["min_length=", "max_length="]
                    .map(|option| Expr::from(format!("{option}{length}")));
                self.annotated(list, options.to_vec())
            }
            Shape::Tuple(items) if items.is_empty() => "tuple[()]".into(),
            Shape::Tuple(items) => self.generic("tuple", items),
            Shape::Map { key, value } => {
                let key = self.key(key);
                let value = self.annotation(value);
                Expr::subscript("dict", vec![key, value])
            }
            Shape::Optional(inner) => {
                let inner = match **inner {
                    // Null is `None` here, so it cannot stand for NaN.
                    Shape::Scalar(Scalar::F32) => self.bridge("Float32").into(),
                    Shape::Scalar(Scalar::F64) => self.bridge("Float").into(),
                    ref inner => self.annotation(inner),
                };
                or_none(inner)
            }
            Shape::Parameter(name) => self.module.type_variable(name).into(),
            Shape::Named { key, arguments } => {
                let class = self.names[key].clone();
                let name = self.class(&class);
                if arguments.is_empty() {
                    return name.into();
                }
                let arguments = arguments.iter().map(|argument| self.annotation(argument));
                Expr::subscript(&name, arguments.collect())
            }
        }
    }

    /// The name of a class in this file.
    pub(super) fn class(&mut self, class: &ClassName) -> String {
        if class.module == self.file {
            return class.name.clone();
        }
        format!("{}.{}", self.module.sibling(&class.module), class.name)
    }

    /// An annotation with options of the style's `Field` or `Meta`.
    pub(super) fn annotated(&mut self, inner: Expr, options: Vec<Expr>) -> Expr {
        let annotated = self.module.standard("typing", "Annotated");
        let (from, name) = self.style.options();
        let function = self.module.installed(from, name);
        Expr::subscript(&annotated, vec![inner, Expr::call(&function, options)])
    }

    fn generic<'b>(&mut self, name: &str, items: impl IntoIterator<Item = &'b Shape>) -> Expr {
        let items = items.into_iter().map(|item| self.annotation(item));
        Expr::subscript(name, items.collect())
    }

    fn scalar(&mut self, scalar: Scalar) -> String {
        let name = match scalar {
            Scalar::String => return "str".into(),
            Scalar::Uuid => return self.module.standard("uuid", "UUID"),
            Scalar::Bool => "Bool",
            Scalar::I8 => "I8",
            Scalar::I16 => "I16",
            Scalar::I32 => "I32",
            Scalar::I64 => "I64",
            Scalar::I128 => "I128",
            Scalar::U8 => "U8",
            Scalar::U16 => "U16",
            Scalar::U32 => "U32",
            Scalar::U64 => "U64",
            Scalar::U128 => "U128",
            Scalar::F32 => "F32",
            Scalar::F64 => "F64",
            Scalar::Char => "Char",
            Scalar::Bytes => "Bytes",
            Scalar::RawBytes => "RawBytes",
            Scalar::Value => "JsonValue",
            Scalar::Number => "JsonNumber",
            Scalar::Duration => "Duration",
            Scalar::TimeDelta => "TimeDelta",
            Scalar::SystemTime => "SystemTime",
            Scalar::Span => "Span",
            Scalar::DateTime => "DateTime",
            Scalar::LocalDateTime => "LocalDateTime",
            Scalar::Date => "Date",
            Scalar::Time => "Time",
            Scalar::Url => "Url",
        };
        self.bridge(name)
    }

    /// The annotation of a map's keys, which are strings in JSON whatever they mean.
    fn key(&mut self, shape: &Shape) -> Expr {
        let is_flag = *self.meaning(shape) == Shape::Scalar(Scalar::Bool);
        if is_flag && !self.style.is_pydantic() {
            // msgspec reads no booleans from keys.
            let literal = self.module.standard("typing", "Literal");
            return Expr::subscript(&literal, vec!["\"false\"".into(), "\"true\"".into()]);
        }
        let key = self.annotation(shape);
        let marker = match self.meaning(shape) {
            Shape::Scalar(scalar) if scalar.is_integer() => "INT_KEY",
            Shape::Scalar(Scalar::Bool) => "BOOL_KEY",
            _ => return key,
        };
        if !self.style.is_pydantic() {
            return key;
        }
        let annotated = self.module.standard("typing", "Annotated");
        let marker = self.bridge(marker).into();
        Expr::subscript(&annotated, vec![key, marker])
    }

    /// The shape that a name is an alias of; any other shape itself.
    pub(super) fn meaning<'b>(&'b self, shape: &'b Shape) -> &'b Shape {
        if let Shape::Named { key, .. } = shape
            && let Some(Body::Alias(shape)) = self.schema.types.get(key).map(|named| &named.body)
        {
            return self.meaning(shape);
        }
        shape
    }

    /// Whether a Python `set` can hold values of the shape.
    fn is_hashable(&self, shape: &Shape) -> bool {
        match self.meaning(shape) {
            Shape::Null | Shape::Literal(_) => true,
            Shape::Scalar(scalar) => {
                !matches!(scalar, Scalar::Value | Scalar::Bytes | Scalar::RawBytes)
            }
            Shape::Optional(inner) => self.is_hashable(inner),
            Shape::Tuple(items) => items.iter().all(|item| self.is_hashable(item)),
            Shape::Named { key, .. } => {
                let body = self.schema.types.get(key).map(|named| &named.body);
                matches!(body, Some(Body::Strings(_)))
            }
            Shape::List { .. } | Shape::Set(_) | Shape::Map { .. } | Shape::Parameter(_) => false,
        }
    }
}

/// The expression, or `None`.
pub(super) fn or_none(inner: Expr) -> Expr {
    match inner {
        Expr::Or(mut items) => {
            items.push("None".into());
            Expr::Or(items)
        }
        inner => Expr::Or(vec![inner, "None".into()]),
    }
}
