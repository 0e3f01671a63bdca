//! Structs, and the fields of variants: what serde makes of their attributes.

use std::collections::BTreeMap;

use specta::datatype::{
    Attributes, DataType, Field as RustField, Fields, NamedDataType, NamedFields, Struct,
    UnnamedFields,
};

use super::{
    Error,
    read::{Arguments, Reader},
    schema::{Body, Field, Key, Named, Origin, Presence, Record, Scalar, Shape, Union},
    serde::{Names, Rules, text},
    types::{note, rust_path, unsupported},
};

/// One of the objects that a struct can be written as: several, if an enum is flattened into it.
#[derive(Debug, Clone, Default)]
pub(super) struct Part {
    /// What tells it from the others, such as the variant; empty for the only one.
    pub(super) name: String,
    pub(super) docs: String,
    pub(super) record: Record,
}

/// How the fields of one struct or variant are named, and whether all of them have defaults.
#[derive(Clone, Copy)]
pub(super) struct Naming {
    pub(super) rules: Rules,
    pub(super) all_default: bool,
}

impl Reader<'_> {
    pub(super) fn structure(
        &mut self,
        named: &NamedDataType,
        shape: &Struct,
        arguments: &Arguments,
    ) -> Result<Body, Error> {
        let key = rust_path(named);
        let place = format!("type `{key}`");
        match &shape.fields {
            Fields::Unit => Ok(Body::Alias(Shape::Null)),
            Fields::Unnamed(fields) => Ok(Body::Alias(self.tuple(fields, arguments, &place)?)),
            Fields::Named(fields) => {
                let naming = Naming {
                    rules: Rules::of(&shape.attributes, "container", "rename_all"),
                    all_default: shape.attributes.contains_key("serde:container:default"),
                };
                let mut parts = self.parts(fields, naming, arguments, &key)?;
                if let Some(tag) = text(&shape.attributes, "serde:container:tag") {
                    let name = text(&shape.attributes, "serde:container:rename_serialize");
                    let value = name.unwrap_or_else(|| named.name.to_string());
                    add_tag(&mut parts, &tag, &value);
                }
                Ok(self.body_of_parts(&key, parts))
            }
        }
    }

    /// What `from`, `try_from` and `into` make of a type whose own body is `own`.
    pub(super) fn converted(
        &mut self,
        attributes: &Attributes,
        arguments: &Arguments,
        place: &str,
        own: impl FnOnce(&mut Self) -> Result<Body, Error>,
    ) -> Result<Body, Error> {
        let mut conversion = |name: &str| {
            let key = format!("serde:container:{name}_resolved");
            let other = attributes.get_named_as::<DataType>(&key)?;
            Some(self.shape(other, arguments, place).map(Body::Alias))
        };
        let written = conversion("into").transpose()?;
        let read = conversion("from")
            .or_else(|| conversion("try_from"))
            .transpose()?;
        let (one, other) = match (written, read) {
            (None, None) => return own(self),
            (Some(written), Some(read)) => (written, read),
            (Some(only), None) | (None, Some(only)) => (only, own(self)?),
        };
        if one == other {
            return Ok(one);
        }
        Err(unsupported(
            place,
            "a type that #[serde(from)] or #[serde(into)] makes differ by direction",
            "convert it both ways, from and into the same type",
        ))
    }

    /// The fields without names: a newtype is what it holds.
    pub(super) fn tuple(
        &mut self,
        fields: &UnnamedFields,
        arguments: &Arguments,
        place: &str,
    ) -> Result<Shape, Error> {
        let mut shapes = Vec::new();
        for (index, field) in fields.fields.iter().enumerate() {
            let place = format!("field {index} of {place}");
            if let Some(shape) = visible(field, &place)? {
                shapes.push(self.shape(shape, arguments, &place)?);
            }
        }
        Ok(if let ([_], [shape]) = (&fields.fields[..], &shapes[..]) {
            shape.clone()
        } else {
            Shape::Tuple(shapes)
        })
    }

    /// The objects that named fields can be written as.
    pub(super) fn parts(
        &mut self,
        fields: &NamedFields,
        naming: Naming,
        arguments: &Arguments,
        owner: &str,
    ) -> Result<Vec<Part>, Error> {
        let mut parts = vec![Part::default()];
        for (name, field) in &fields.fields {
            let place = format!("field `{name}` of `{owner}`");
            let Some(shape) = visible(field, &place)? else {
                continue;
            };
            let shape = self.shape(shape, arguments, &place)?;
            if field.attributes.contains_key("serde:field:flatten") {
                let flattened = self.flattened(&shape, &place)?;
                parts = product(&parts, &flattened, &place)?;
            } else {
                let field = read_field(name, field, naming, shape);
                for part in &mut parts {
                    part.record.fields.push(field.clone());
                }
            }
        }
        Ok(parts)
    }

    /// The objects of which a shape's members become members of what it is flattened into.
    pub(super) fn flattened(&self, shape: &Shape, place: &str) -> Result<Vec<Part>, Error> {
        let not_flat = |what: &str| {
            let remedy = "flatten a struct, an enum with tags or a map with string keys";
            Err(unsupported(
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
            Shape::Optional(inner) => {
                let mut parts = self.flattened(inner, place)?;
                if let [only] = &mut parts[..] {
                    for field in &mut only.record.fields {
                        make_optional(field);
                    }
                    return Ok(parts);
                }
                not_flat("an optional enum")
            }
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
                self.flattened_body(named, &arguments.collect(), place)
            }
            Shape::Parameter(_) => not_flat("a type parameter"),
            _ => not_flat("a type that is no object"),
        }
    }

    fn flattened_body(
        &self,
        named: &Named,
        arguments: &BTreeMap<String, Shape>,
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
            Body::Alias(shape) => self.flattened(&shape.with(arguments), place),
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
                        other => parts.extend(self.flattened(&other.with(arguments), place)?),
                    }
                }
                Ok(parts)
            }
        }
    }

    /// A record if there is one part, and else a union of records that are part of `owner`.
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

    /// Gives a part of `owner` a name of its own. It has those of its owner's type parameters that it mentions.
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
            body,
        };
        self.defined.insert(key.clone(), named);
        Shape::Named { key, arguments }
    }
}

/// The type of a field, unless serde skips it in both directions.
fn visible<'a>(field: &'a RustField, place: &str) -> Result<Option<&'a DataType>, Error> {
    let has = |name: &str| field.attributes.contains_key(name);
    if has("serde:field:skip_serializing")
        && has("serde:field:skip_deserializing")
        && !has("specta:serde_newtype_skip_ignored")
    {
        return Ok(None);
    }
    // `#[specta(skip)]` hides a field that serde still sends or wants.
    field.ty.as_ref().map(Some).ok_or_else(|| {
        unsupported(
            place,
            "a field that is hidden from specta",
            "skip it with serde",
        )
    })
}

fn read_field(name: &str, field: &RustField, naming: Naming, shape: Shape) -> Field {
    let has = |name: &str| {
        field
            .attributes
            .contains_key(&format!("serde:field:{name}"))
    };
    let Names { read, write } = naming.rules.field(name, &field.attributes);
    let has_default = has("default") || naming.all_default;
    let may_be_absent =
        has("skip_serializing") || has("skip_serializing_if") || field.optional || has_default;
    let presence = if has("skip_deserializing") {
        Presence::OnlyRead
    } else if matches!(shape, Shape::Optional(_) | Shape::Null) {
        if has_default {
            Presence::AbsentIsNotNull
        } else {
            Presence::Always
        }
    } else if !may_be_absent {
        Presence::Always
    } else if shape.is_nullable() {
        Presence::AbsentIsNotNull
    } else {
        Presence::MayBeAbsent
    };
    Field {
        read,
        write,
        docs: field.docs.to_string(),
        deprecated: field.deprecated.as_ref().map(note),
        shape,
        presence,
    }
}

fn make_optional(field: &mut Field) {
    if field.presence == Presence::Always && !field.shape.is_nullable() {
        field.presence = Presence::MayBeAbsent;
    }
}

/// Puts a field in front that always holds `value`.
pub(super) fn add_tag(parts: &mut [Part], tag: &str, value: &str) {
    for part in parts {
        part.record
            .fields
            .insert(0, constant(tag, Shape::Literal(value.to_owned())));
    }
}

pub(super) fn constant(name: &str, shape: Shape) -> Field {
    Field {
        read: name.to_owned(),
        write: name.to_owned(),
        docs: String::new(),
        deprecated: None,
        shape,
        presence: Presence::Always,
    }
}

fn null_member(wire: &str) -> Part {
    Part {
        name: wire.to_owned(),
        docs: String::new(),
        record: Record {
            fields: vec![constant(wire, Shape::Null)],
            ..Record::default()
        },
    }
}

/// Every combination of what is there and what is flattened into it.
fn product(parts: &[Part], flattened: &[Part], place: &str) -> Result<Vec<Part>, Error> {
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
                    return Err(unsupported(
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

/// The field that has another constant value in each record, if there is one.
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
