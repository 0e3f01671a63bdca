//! Enums, in each of serde's representations.

use specta::datatype::{Enum, Fields, NamedDataType, Variant};

use super::{
    error::Error,
    parts::{Part, add_tag},
    reader::{Arguments, Reader},
    records::Naming,
    rust::{note, rust_path},
    schema::{Body, Field, Key, Member, Record, Shape, Union, shared_tag},
    serde::{Names, Representation, Rules},
};

/// The content of a variant.
enum Content {
    Nothing,
    Value(Shape),
    Fields(Vec<Part>),
}

/// A variant that is about to become a member of its enum's union.
struct Case<'a> {
    owner: &'a str,
    /// Its name in Rust.
    name: &'a str,
    /// Its name on the wire.
    wire: String,
    docs: &'a str,
    deprecated: Option<String>,
}

impl Case<'_> {
    fn key(&self) -> Key {
        format!("{}::{}", self.owner, self.name)
    }
}

impl Reader<'_> {
    pub(super) fn enumeration(
        &mut self,
        named: &NamedDataType,
        shape: &Enum,
        arguments: &Arguments,
    ) -> Result<Body, Error> {
        let owner = rust_path(named);
        let place = format!("type `{owner}`");
        let variants: Vec<_> = shape
            .variants
            .iter()
            .filter(|(_, variant)| !is_skipped(variant))
            .collect();
        if variants.is_empty() {
            return Err(Error::unsupported(
                &place,
                "an enum without variants",
                "give it one",
            ));
        }
        let representation = Representation::of(&shape.attributes);
        let rules = Rules::of(&shape.attributes, "container", "rename_all");
        let of_fields = Rules::of(&shape.attributes, "container", "rename_all_fields");
        let mut cases = Vec::new();
        for (name, variant) in variants {
            let Names { read, write } = rules.variant(name, &variant.attributes);
            if read != write {
                return Err(Error::unsupported(
                    &format!("variant `{name}` of {place}"),
                    "a variant whose name differs by direction",
                    "give it one name",
                ));
            }
            let case = Case {
                owner: &owner,
                name,
                wire: read,
                docs: &variant.docs,
                deprecated: variant.deprecated.as_ref().map(note),
            };
            cases.push((case, variant));
        }
        let is_plain = |variant: &Variant| variant.fields == Fields::Unit && !is_untagged(variant);
        if matches!(representation, Representation::External)
            && cases.iter().all(|(_, variant)| is_plain(variant))
        {
            let members = cases.into_iter().map(|(case, _)| Member {
                wire: case.wire,
                docs: case.docs.to_owned(),
                deprecated: case.deprecated,
            });
            return Ok(Body::Strings(members.collect()));
        }
        let mut members = Vec::new();
        for (case, variant) in cases {
            let content = self.content(&case, variant, of_fields, arguments)?;
            let representation = if is_untagged(variant) {
                &Representation::Untagged
            } else {
                &representation
            };
            members.extend(self.members(&case, content, representation)?);
        }
        Ok(self.union(members))
    }

    fn content(
        &mut self,
        case: &Case<'_>,
        variant: &Variant,
        of_fields: Rules,
        arguments: &Arguments,
    ) -> Result<Content, Error> {
        let place = format!("{}::{}", case.owner, case.name);
        Ok(match &variant.fields {
            Fields::Unit => Content::Nothing,
            Fields::Unnamed(fields) => {
                match self.tuple(fields, arguments, &format!("`{place}`"))? {
                    // serde_derive's `effective_style`: a newtype variant whose only field is skipped has none.
                    Shape::Tuple(rest) if rest.is_empty() && fields.fields.len() == 1 => {
                        Content::Nothing
                    }
                    shape => Content::Value(shape),
                }
            }
            Fields::Named(fields) => {
                let naming = Naming {
                    rules: Rules::of(&variant.attributes, "variant", "rename_all").or(of_fields),
                    all_default: false,
                };
                Content::Fields(self.parts(fields, naming, arguments, &place)?)
            }
        })
    }

    /// The shapes that a variant is written as; several, if its content is another enum, whose members get the tag of this one.
    fn members(
        &mut self,
        case: &Case<'_>,
        content: Content,
        representation: &Representation,
    ) -> Result<Vec<Shape>, Error> {
        Ok(match representation {
            Representation::Untagged => vec![match content {
                Content::Nothing => Shape::Null,
                Content::Value(shape) => shape,
                Content::Fields(parts) => {
                    let body = self.body_of_parts(&case.key(), parts);
                    self.define_case(case, "", body)
                }
            }],
            Representation::External => {
                let shape = match content {
                    Content::Nothing => return Ok(vec![Shape::Literal(case.wire.clone())]),
                    Content::Value(shape) => shape,
                    Content::Fields(parts) => self.named_content(case, parts),
                };
                let record = Record {
                    fields: vec![Field::constant(&case.wire, shape)],
                    others: None,
                    is_closed: true,
                };
                vec![self.define_case(case, "", Body::Record(record))]
            }
            Representation::Adjacent { tag, content: name } => {
                let mut fields = vec![Field::constant(tag, Shape::Literal(case.wire.clone()))];
                match content {
                    Content::Nothing => {}
                    Content::Value(shape) => fields.push(Field::constant(name, shape)),
                    Content::Fields(parts) => {
                        fields.push(Field::constant(name, self.named_content(case, parts)));
                    }
                }
                let record = Record {
                    fields,
                    ..Record::default()
                };
                vec![self.define_case(case, "", Body::Record(record))]
            }
            Representation::Internal { tag } => {
                let mut parts = match content {
                    Content::Nothing => vec![Part::default()],
                    Content::Fields(parts) => parts,
                    Content::Value(shape) => {
                        let place = format!("variant `{}` of type `{}`", case.name, case.owner);
                        self.flattened(&shape, case.name, &place)?
                    }
                };
                add_tag(&mut parts, tag, &case.wire);
                let is_alone = parts.len() == 1;
                let parts = parts.into_iter().map(|mut part| {
                    part.record.is_closed = false;
                    let suffix = if is_alone { "" } else { &part.name };
                    self.define_case(case, suffix, Body::Record(part.record.clone()))
                });
                parts.collect()
            }
        })
    }

    /// Defines a type for the fields of a variant that are the value of one member.
    fn named_content(&mut self, case: &Case<'_>, parts: Vec<Part>) -> Shape {
        let owner = case.key();
        let body = self.body_of_parts(&format!("{owner}::Content"), parts);
        self.define_part(&owner, "Content", case.docs.to_owned(), None, body)
    }

    /// Defines a type for a variant. If the variant becomes several types, `suffix` tells them apart.
    fn define_case(&mut self, case: &Case<'_>, suffix: &str, body: Body) -> Shape {
        let (docs, deprecated) = (case.docs.to_owned(), case.deprecated.clone());
        if suffix.is_empty() {
            self.define_part(case.owner, case.name, docs, deprecated, body)
        } else {
            self.define_part(&case.key(), suffix, docs, deprecated, body)
        }
    }

    fn union(&self, mut members: Vec<Shape>) -> Body {
        let records = members.iter().map(|member| match member {
            Shape::Named { key, .. } => match &self.defined.get(key)?.body {
                Body::Record(record) => Some(record),
                _ => None,
            },
            _ => None,
        });
        let records: Option<Vec<&Record>> = records.collect();
        let tag = records.and_then(|records| shared_tag(records.into_iter()));
        if let [_] = &members[..] {
            return Body::Alias(members.remove(0));
        }
        Body::Union(Union { members, tag })
    }
}

fn is_skipped(variant: &Variant) -> bool {
    let has = |name: &str| variant.attributes.contains_key(name);
    variant.skip
        || (has("serde:variant:skip_serializing") && has("serde:variant:skip_deserializing"))
}

fn is_untagged(variant: &Variant) -> bool {
    variant.attributes.contains_key("serde:variant:untagged")
}
