//! The objects that one struct or variant can be written as, and names for those that have none in Rust.

use std::collections::BTreeMap;

use heck::ToUpperCamelCase;

use super::{
    error::Error,
    reader::Reader,
    schema::{Body, Field, Key, Named, Origin, Presence, Record, Scalar, Shape, Union, shared_tag},
};

/// One of the objects that a struct can be written as: several, if an enum is flattened into it.
#[derive(Debug, Clone, Default)]
pub(super) struct Part {
    /// Tells the object from the others, such as the name of a variant; empty for the only one.
    pub(super) name: String,
    pub(super) docs: String,
    pub(super) record: Record,
}

impl Reader<'_> {
    /// The objects of a shape that is flattened: their members become members of the object around them. `field` is its name.
    pub(super) fn flattened(
        &self,
        shape: &Shape,
        field: &str,
        place: &str,
    ) -> Result<Vec<Part>, Error> {
        let not_flat = |what: &str| {
            let remedy = "flatten a struct, an enum with tags or a map with string keys";
            Err(Error::unsupported(
                place,
                format!("{what} that is flattened"),
                remedy,
            ))
        };
        let others = |shape: &Shape| {
            let record = Record {
                others: Some(shape.clone()),
                ..Record::default()
            };
            vec![Part {
                record,
                ..Part::default()
            }]
        };
        match shape {
            Shape::Null => Ok(vec![Part::default()]),
            Shape::Scalar(Scalar::Value) => Ok(others(shape)),
            Shape::Map { key, value } if **key == Shape::Scalar(Scalar::String) => {
                Ok(others(value))
            }
            Shape::Optional(inner) => Ok(or_without(self.flattened(inner, field, place)?, field)),
            Shape::Named { key, arguments } => {
                let Some(named) = self.defined.get(key) else {
                    return not_flat("a type");
                };
                if self.reading.contains(key) {
                    return not_flat("a type within itself");
                }
                let arguments = named
                    .parameters
                    .iter()
                    .cloned()
                    .zip(arguments.iter().cloned());
                self.flattened_body(named, &arguments.collect(), field, place)
            }
            Shape::Parameter(_) => not_flat("a type parameter"),
            _ => not_flat("a type that is no object"),
        }
    }

    fn flattened_body(
        &self,
        named: &Named,
        arguments: &BTreeMap<String, Shape>,
        field: &str,
        place: &str,
    ) -> Result<Vec<Part>, Error> {
        let name = match &named.origin {
            Origin::Part { name, .. } => name.clone(),
            Origin::Rust { .. } => String::new(),
        };
        match &named.body {
            Body::Record(record) => Ok(vec![Part {
                name,
                docs: named.docs.clone(),
                record: record.with(arguments),
            }]),
            Body::Alias(shape) => self.flattened(&shape.with(arguments), field, place),
            // serde_derive's FlatMapSerializer writes a variant without fields as a member that is null.
            Body::Strings(members) => Ok(members
                .iter()
                .map(|member| null_member(&member.wire))
                .collect()),
            Body::Union(union) => {
                let mut parts = Vec::new();
                for member in &union.members {
                    match member {
                        Shape::Literal(wire) => parts.push(null_member(wire)),
                        other => {
                            parts.extend(self.flattened(&other.with(arguments), field, place)?);
                        }
                    }
                }
                Ok(parts)
            }
        }
    }

    /// A record for a single part; for several, a union of records that are parts of `owner`.
    pub(super) fn body_of_parts(&mut self, owner: &str, mut parts: Vec<Part>) -> Body {
        if let [_] = &parts[..] {
            return Body::Record(parts.remove(0).record);
        }
        let tag = shared_tag(parts.iter().map(|part| &part.record));
        let members = parts.into_iter().map(|part| {
            self.define_part(
                owner,
                &part.name,
                part.docs,
                None,
                Body::Record(part.record),
            )
        });
        Body::Union(Union {
            members: members.collect(),
            tag,
        })
    }

    /// Defines a part of `owner` under a name of its own, with the type parameters of the owner that it mentions.
    pub(super) fn define_part(
        &mut self,
        owner: &str,
        name: &str,
        docs: String,
        deprecated: Option<String>,
        body: Body,
    ) -> Shape {
        let key: Key = format!("{owner}::{name}");
        let (_, parameters) = body.mentions();
        let parameters: Vec<String> = parameters.into_iter().collect();
        let arguments = parameters.iter().cloned().map(Shape::Parameter).collect();
        let origin = Origin::Part {
            of: owner.to_owned(),
            name: name.to_owned(),
        };
        let named = Named {
            origin,
            parameters,
            docs,
            deprecated,
            is_buffered: false,
            body,
        };
        self.defined.insert(key.clone(), named);
        Shape::Named { key, arguments }
    }
}

/// Puts a field in front that always holds `value`.
pub(super) fn add_tag(parts: &mut [Part], tag: &str, value: &str) {
    for part in parts {
        part.record
            .fields
            .insert(0, Field::constant(tag, Shape::Literal(value.to_owned())));
    }
}

/// The objects of a flattened `Option`: those with its members, and one without. Serde reads the one without where a member is
/// missing or wrong, so it stands last.
fn or_without(mut parts: Vec<Part>, field: &str) -> Vec<Part> {
    let is_only_others = |part: &Part| part.record.fields.is_empty();
    if parts.iter().all(is_only_others) {
        return parts;
    }
    let field = field.to_upper_camel_case();
    for part in &mut parts {
        part.name = format!("With{field}{}", part.name);
        for field in &mut part.record.fields {
            if let Shape::Literal(_) | Shape::Null = field.shape {
                field.presence = Presence::Required;
            }
        }
    }
    parts.push(Part {
        name: format!("Without{field}"),
        ..Part::default()
    });
    parts
}

fn null_member(wire: &str) -> Part {
    Part {
        name: wire.to_owned(),
        docs: String::new(),
        record: Record {
            fields: vec![Field::constant(wire, Shape::Null)],
            ..Record::default()
        },
    }
}

/// Every combination of the parts that are there and the parts that are flattened into them.
pub(super) fn product(parts: &[Part], flattened: &[Part], place: &str) -> Result<Vec<Part>, Error> {
    let mut product = Vec::new();
    for part in parts {
        for other in flattened {
            let mut both = part.clone();
            both.name += &other.name;
            if both.docs.is_empty() {
                both.docs.clone_from(&other.docs);
            }
            both.record
                .fields
                .extend(other.record.fields.iter().cloned());
            match (&both.record.others, &other.record.others) {
                (Some(_), Some(_)) => {
                    return Err(Error::unsupported(
                        place,
                        "a second map that is flattened",
                        "flatten one map at most",
                    ));
                }
                (None, Some(shape)) => both.record.others = Some(shape.clone()),
                (_, None) => {}
            }
            product.push(both);
        }
    }
    Ok(product)
}
