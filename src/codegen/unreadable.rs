//! What Rust never reads, although it can be described: found at the export instead of in each call.
//!
//! Serde keeps the JSON of an enum as it stands until it knows the variant, and that of flattened fields until it knows whose
//! they are. What is kept so has lost that a key of a map is a number in text, and holds no integers of 128 bits:
//! <https://github.com/serde-rs/serde/issues/1183>. Only the arguments of commands are judged. An event may be one that only
//! Rust emits.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    error::Error,
    schema::{Body, Command, Key, Named, Presence, Record, Scalar, Shape, Takes},
};

/// Fails for an argument of a command that Rust could not read.
pub(super) fn check(types: &BTreeMap<Key, Named>, commands: &[Command]) -> Result<(), Error> {
    for command in commands {
        for argument in &command.arguments {
            let Takes::Value(shape) = &argument.takes else {
                continue;
            };
            let place = format!("argument `{}` of command `{}`", argument.name, command.name);
            if is_wide(shape) {
                return Err(unreadable(
                    place,
                    "an integer of 128 bits that is an argument itself",
                    "make it a field of a struct, or use 64 bits or a String",
                ));
            }
            let mut search = Search {
                types,
                argument: &place,
                seen: BTreeSet::new(),
            };
            search.judge(shape, false, &place)?;
        }
    }
    Ok(())
}

struct Search<'a> {
    types: &'a BTreeMap<Key, Named>,
    /// The argument that takes all of it.
    argument: &'a str,
    /// The named shapes that are judged already, and whether they were kept.
    seen: BTreeSet<(Shape, bool)>,
}

impl Search<'_> {
    /// Judges a shape, whose JSON serde has kept as it stands if `is_buffered`.
    fn judge(&mut self, shape: &Shape, is_buffered: bool, place: &str) -> Result<(), Error> {
        match shape {
            Shape::Scalar(_) if is_buffered && is_wide(shape) => Err(self.unreadable(
                place,
                "an integer of 128 bits below a tag, in an untagged enum or in what is flattened",
                "use 64 bits or a String",
            )),
            Shape::Map { key, .. } if is_buffered && self.is_number(key) => Err(self.unreadable(
                place,
                "a map with integers or truth values as keys below a tag, in an untagged enum or in what is flattened",
                "use strings as keys, or a Vec of pairs",
            )),
            Shape::Map { key, value } => {
                self.judge(key, is_buffered, place)?;
                self.judge(value, is_buffered, place)
            }
            Shape::List { item: inner, .. } | Shape::Set(inner) | Shape::Optional(inner) => {
                self.judge(inner, is_buffered, place)
            }
            Shape::Tuple(items) => {
                let mut items = items.iter();
                items.try_for_each(|item| self.judge(item, is_buffered, place))
            }
            Shape::Named { key, arguments } => {
                if self.seen.insert((shape.clone(), is_buffered)) {
                    self.judge_named(key, arguments, is_buffered)
                } else {
                    Ok(())
                }
            }
            Shape::Null | Shape::Scalar(_) | Shape::Literal(_) | Shape::Parameter(_) => Ok(()),
        }
    }

    fn judge_named(
        &mut self,
        key: &Key,
        arguments: &[Shape],
        is_buffered: bool,
    ) -> Result<(), Error> {
        let Some(named) = self.types.get(key) else {
            return Ok(());
        };
        let arguments = named
            .parameters
            .iter()
            .cloned()
            .zip(arguments.iter().cloned());
        let arguments: BTreeMap<String, Shape> = arguments.collect();
        let is_buffered = is_buffered || named.is_buffered;
        let place = format!("type `{key}`");
        match &named.body {
            Body::Strings(_) => Ok(()),
            Body::Alias(shape) => self.judge(&shape.with(&arguments), is_buffered, &place),
            Body::Union(union) => {
                let mut members = union.members.iter();
                members.try_for_each(|member| {
                    self.judge(&member.with(&arguments), is_buffered, &place)
                })
            }
            Body::Record(record) => {
                let record = record.with(&arguments);
                if record.is_closed && !is_buffered && has_empty_list(&record) {
                    return Err(self.unreadable(
                        &place,
                        "a tuple variant without fields",
                        "leave out its parentheses",
                    ));
                }
                for field in &record.fields {
                    if field.presence != Presence::OnlyRead {
                        let place = format!("field `{}` of `{key}`", field.write);
                        self.judge(&field.shape, is_buffered || field.is_buffered, &place)?;
                    }
                }
                let mut others = record.others.iter();
                others.try_for_each(|others| self.judge(others, true, &place))
            }
        }
    }

    /// Whether a key is a number or a truth value, which are text in JSON.
    fn is_number(&self, key: &Shape) -> bool {
        match key {
            Shape::Named { key, .. } => match self.types.get(key).map(|named| &named.body) {
                Some(Body::Alias(shape)) => self.is_number(shape),
                _ => false,
            },
            Shape::Scalar(scalar) => *scalar == Scalar::Bool || scalar.is_integer(),
            _ => false,
        }
    }

    fn unreadable(&self, place: &str, what: &str, remedy: &'static str) -> Error {
        let place = if place == self.argument {
            place.to_owned()
        } else {
            format!("{place}, in {}", self.argument)
        };
        unreadable(place, what, remedy)
    }
}

/// Whether the only field of a variant is `[]`, which `serde_json::Value` gives to serde as null.
fn has_empty_list(variant: &Record) -> bool {
    let mut fields = variant.fields.iter();
    fields.any(|field| matches!(&field.shape, Shape::Tuple(items) if items.is_empty()))
}

fn is_wide(shape: &Shape) -> bool {
    matches!(shape, Shape::Scalar(Scalar::I128 | Scalar::U128))
}

fn unreadable(place: String, what: &str, remedy: &'static str) -> Error {
    Error::Unreadable {
        place,
        what: what.to_owned(),
        remedy,
    }
}
