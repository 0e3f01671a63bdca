//! An app's types, commands and events as JSON has them, apart from any language.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// The name of a type: its path in Rust. A type without a path has its owner's path and a name: `app::Shape::Circle`.
pub(super) type Key = String;

/// Everything that the bindings describe.
#[derive(Debug, Clone)]
pub(super) struct Schema {
    /// The Tauri plugin that has the commands and events; none if the app itself does.
    pub(super) plugin: Option<String>,
    pub(super) types: BTreeMap<Key, Named>,
    pub(super) commands: Vec<Command>,
    pub(super) events: Vec<Event>,
    pub(super) constants: BTreeMap<String, Value>,
}

/// A type that has a name of its own.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Named {
    pub(super) origin: Origin,
    /// Its type parameters.
    pub(super) parameters: Vec<String>,
    pub(super) docs: String,
    /// The note of `#[deprecated]`.
    pub(super) deprecated: Option<String>,
    /// Whether serde keeps the JSON of the type as it stands, before it reads what is in there: see [`Field::is_buffered`].
    pub(super) is_buffered: bool,
    pub(super) body: Body,
}

/// Where a type comes from. Its name in Python is made of this.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Origin {
    /// A struct or enum: its Rust module and its name.
    Rust { module: String, name: String },
    /// A part of another type: a variant, or the content of a variant.
    Part { of: Key, name: String },
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Body {
    /// An object.
    Record(Record),
    /// One of some strings.
    Strings(Vec<Member>),
    /// One of several shapes.
    Union(Union),
    /// Another shape under a name.
    Alias(Shape),
}

#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Record {
    pub(super) fields: Vec<Field>,
    /// The shape of all members that are not fields.
    pub(super) others: Option<Shape>,
    /// Whether a member that is not a field means that the object is of another type.
    pub(super) is_closed: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Field {
    /// Its name in what Rust writes.
    pub(super) read: String,
    /// Its name in what Rust reads.
    pub(super) write: String,
    pub(super) docs: String,
    pub(super) deprecated: Option<String>,
    pub(super) shape: Shape,
    pub(super) presence: Presence,
    /// Whether serde keeps the field's JSON as it stands, since it does not know yet what to read: the field is flattened.
    pub(super) is_buffered: bool,
}

/// Whether a field may be absent, and what its absence means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    Always,
    /// It is always there, and whoever makes the object has to say it: without it the object would be of another type.
    Required,
    /// It may be absent, and is never null.
    MayBeAbsent,
    /// It may be null. Absent, it means something else to Rust than null.
    AbsentIsNotNull,
    /// Rust writes it and does not read it.
    OnlyRead,
}

impl Presence {
    pub(super) const fn is_always(self) -> bool {
        matches!(self, Self::Always | Self::Required)
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Member {
    pub(super) wire: String,
    pub(super) docs: String,
    pub(super) deprecated: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Union {
    pub(super) members: Vec<Shape>,
    /// The field that tells the members apart, if all of them are records in which it has a value of their own.
    pub(super) tag: Option<String>,
}

/// A shape of JSON, with its meaning.
#[derive(Debug, Clone, PartialEq, PartialOrd, Eq, Ord)]
pub(super) enum Shape {
    Null,
    Scalar(Scalar),
    /// This string.
    Literal(String),
    List {
        item: Box<Shape>,
        length: Option<usize>,
    },
    Set(Box<Shape>),
    Tuple(Vec<Shape>),
    Map {
        key: Box<Shape>,
        value: Box<Shape>,
    },
    /// The shape, or null.
    Optional(Box<Shape>),
    Named {
        key: Key,
        arguments: Vec<Shape>,
    },
    /// A type parameter of the type that the shape is a part of.
    Parameter(String),
}

/// A value without parts, by its type in Rust.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Scalar {
    Bool,
    I8,
    I16,
    I32,
    I64,
    I128,
    U8,
    U16,
    U32,
    U64,
    U128,
    F32,
    F64,
    Char,
    String,
    /// An array of integers below 256.
    Bytes,
    /// A raw body.
    RawBytes,
    /// Any JSON.
    Value,
    /// `serde_json::Number`.
    Number,
    /// `std::time::Duration`: an object of `secs` and `nanos`.
    Duration,
    /// `chrono::TimeDelta`: a list of seconds, which may be negative, and nanoseconds.
    TimeDelta,
    /// `std::time::SystemTime`: an object of `secs_since_epoch` and `nanos_since_epoch`.
    SystemTime,
    /// A span of time in ISO 8601.
    Span,
    /// A date and a time with an offset (RFC 3339).
    DateTime,
    /// A date and a time without an offset.
    LocalDateTime,
    Date,
    Time,
    Uuid,
    Url,
}

impl Scalar {
    /// Whether it is an integer of any width.
    pub(super) const fn is_integer(self) -> bool {
        matches!(
            self,
            Self::I8
                | Self::I16
                | Self::I32
                | Self::I64
                | Self::I128
                | Self::U8
                | Self::U16
                | Self::U32
                | Self::U64
                | Self::U128
        )
    }
}

impl Shape {
    /// Calls `see` with the shape and each shape in it.
    pub(super) fn visit(&self, see: &mut impl FnMut(&Self)) {
        see(self);
        match self {
            Self::List { item: inner, .. } | Self::Set(inner) | Self::Optional(inner) => {
                inner.visit(see);
            }
            Self::Map { key, value } => {
                key.visit(see);
                value.visit(see);
            }
            Self::Tuple(shapes)
            | Self::Named {
                arguments: shapes, ..
            } => {
                for shape in shapes {
                    shape.visit(see);
                }
            }
            Self::Null | Self::Scalar(_) | Self::Literal(_) | Self::Parameter(_) => {}
        }
    }

    /// The shape with values for its type parameters.
    pub(super) fn with(&self, arguments: &BTreeMap<String, Self>) -> Self {
        let inner = |shape: &Self| Box::new(shape.with(arguments));
        let all = |shapes: &[Self]| shapes.iter().map(|shape| shape.with(arguments)).collect();
        match self {
            Self::Parameter(name) => arguments.get(name).unwrap_or(self).clone(),
            Self::List { item, length } => Self::List {
                item: inner(item),
                length: *length,
            },
            Self::Set(item) => Self::Set(inner(item)),
            Self::Optional(shape) => inner(shape).optional(),
            Self::Map { key, value } => Self::Map {
                key: inner(key),
                value: inner(value),
            },
            Self::Tuple(shapes) => Self::Tuple(all(shapes)),
            Self::Named { key, arguments } => Self::Named {
                key: key.clone(),
                arguments: all(arguments),
            },
            Self::Null | Self::Scalar(_) | Self::Literal(_) => self.clone(),
        }
    }

    /// The shape, or null.
    pub(super) fn optional(self) -> Self {
        if self.is_nullable() {
            self
        } else {
            Self::Optional(Box::new(self))
        }
    }

    pub(super) fn is_nullable(&self) -> bool {
        matches!(
            self,
            Self::Null | Self::Optional(_) | Self::Scalar(Scalar::Value)
        )
    }
}

impl Record {
    /// The record with values for its type parameters.
    pub(super) fn with(&self, arguments: &BTreeMap<String, Shape>) -> Self {
        let mut record = self.clone();
        for field in &mut record.fields {
            field.shape = field.shape.with(arguments);
        }
        record.others = record.others.map(|shape| shape.with(arguments));
        record
    }
}

/// A field that has another constant value in each record, if there is one.
pub(super) fn shared_tag<'a>(records: impl Iterator<Item = &'a Record>) -> Option<String> {
    let mut tags: Option<BTreeMap<&str, Vec<&str>>> = None;
    for record in records {
        let literals = record.fields.iter().filter_map(|field| match &field.shape {
            Shape::Literal(value) => Some((&*field.read, &**value)),
            _ => None,
        });
        let literals: BTreeMap<&str, &str> = literals.collect();
        tags = Some(match tags {
            None => literals
                .into_iter()
                .map(|(name, value)| (name, vec![value]))
                .collect(),
            Some(seen) => seen
                .into_iter()
                .filter_map(|(name, mut values)| {
                    let value = literals.get(name)?;
                    let is_new = !values.contains(value);
                    values.push(value);
                    is_new.then_some((name, values))
                })
                .collect(),
        });
    }
    tags?.into_keys().next().map(str::to_owned)
}

impl Field {
    /// A field that is always there and has one name in both directions.
    pub(super) fn constant(name: &str, shape: Shape) -> Self {
        Self {
            read: name.to_owned(),
            write: name.to_owned(),
            docs: String::new(),
            deprecated: None,
            shape,
            presence: Presence::Always,
            is_buffered: false,
        }
    }
}

impl Body {
    /// The shapes that the body is made of.
    pub(super) fn shapes(&self) -> Vec<&Shape> {
        match self {
            Self::Strings(_) => vec![],
            Self::Alias(shape) => vec![shape],
            Self::Union(union) => union.members.iter().collect(),
            Self::Record(record) => {
                let fields = record.fields.iter().map(|field| &field.shape);
                fields.chain(&record.others).collect()
            }
        }
    }

    /// The named types and the type parameters that the body mentions.
    pub(super) fn mentions(&self) -> (BTreeSet<Key>, BTreeSet<String>) {
        let (mut types, mut parameters) = (BTreeSet::new(), BTreeSet::new());
        for shape in self.shapes() {
            shape.visit(&mut |shape| match shape {
                Shape::Named { key, .. } => {
                    types.insert(key.clone());
                }
                Shape::Parameter(name) => {
                    parameters.insert(name.clone());
                }
                _ => {}
            });
        }
        (types, parameters)
    }
}

#[derive(Debug, Clone)]
pub(super) struct Command {
    /// Its name in Rust, before a `rename`.
    pub(super) name: String,
    /// Its name in a call.
    pub(super) wire: String,
    pub(super) docs: String,
    pub(super) deprecated: Option<String>,
    pub(super) arguments: Vec<Argument>,
    pub(super) result: Shape,
    pub(super) error: Option<Shape>,
}

#[derive(Debug, Clone)]
pub(super) struct Argument {
    pub(super) name: String,
    /// Its name in a call, as Tauri has it by default: in camelCase.
    pub(super) wire: String,
    /// Its name in a call of a command with `rename_all = "snake_case"`, of which specta does not know.
    pub(super) alias: String,
    pub(super) takes: Takes,
}

/// What an argument takes.
#[derive(Debug, Clone)]
pub(super) enum Takes {
    Value(Shape),
    /// A channel for messages of this shape.
    Channel(Shape),
}

#[derive(Debug, Clone)]
pub(super) struct Event {
    /// Its name for listeners.
    pub(super) wire: String,
    /// Its name without that of a plugin.
    pub(super) name: String,
    pub(super) docs: String,
    pub(super) payload: Shape,
}
