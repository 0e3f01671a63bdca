//! Records as `msgspec.Struct`s.

use super::{
    annotations::or_none,
    error::Error,
    layout::{Expr, string},
    names::{Scope, Use},
    options::Casing,
    schema::{Body, Field, Key, Named, Presence, Record, Schema, Shape, Union, shared_tag},
    writer::{Writer, attribute_docs, class_docs, class_line},
};

impl Writer<'_, '_> {
    pub(super) fn msgspec_struct(
        &mut self,
        key: &Key,
        class: &str,
        named: &Named,
        record: &Record,
    ) -> Result<String, Error> {
        if record.others.is_some() {
            return Err(Error::unsupported(
                &format!("type `{key}`"),
                "a map that is flattened into a msgspec.Struct",
                "make it a field, or choose the style `Pydantic`",
            ));
        }
        let base = self.annotator.module.installed("msgspec", "Struct");
        let mut bases = self.bases(named, Some(&base));
        bases.push("kw_only=True".into());
        if record.is_closed {
            bases.push("forbid_unknown_fields=True".into());
        }
        // msgspec keeps a struct's tag itself.
        let tag = record
            .fields
            .iter()
            .position(|field| matches!(field.shape, Shape::Literal(_)));
        if let Some(Field {
            read,
            shape: Shape::Literal(value),
            ..
        }) = tag.map(|tag| &record.fields[tag])
        {
            bases.push(format!("tag_field={}", string(read)).into());
            bases.push(format!("tag={}", string(value)).into());
        }
        let mut text = class_line(class, bases) + &class_docs(named, class, "struct");
        let python_names = self.field_names(record);
        let fields = python_names.iter().zip(&record.fields).enumerate();
        let mut body = String::new();
        for (_, (name, field)) in fields.filter(|(index, _)| Some(*index) != tag) {
            body += &self.msgspec_field(key, name, field)?;
        }
        if !body.is_empty() {
            text.push('\n');
        }
        Ok(text + &body)
    }

    fn msgspec_field(&mut self, key: &Key, name: &str, field: &Field) -> Result<String, Error> {
        if field.read != field.write {
            return Err(Error::unsupported(
                &format!("field `{}` of `{key}`", field.read),
                "a field whose name differs by direction, in a msgspec.Struct,",
                "give it one name, or choose another style",
            ));
        }
        if field
            .read
            .contains(|c: char| matches!(c, '"' | '\\') || c.is_control())
        {
            return Err(Error::unsupported(
                &format!("field `{}` of `{key}`", field.read),
                "a name with quotes, backslashes or control characters, in a msgspec.Struct,",
                "rename it, or choose another style",
            ));
        }
        let mut annotation = self.annotator.annotation(&field.shape);
        let mut default = match &field.shape {
            Shape::Optional(_) => Some("None".to_owned()),
            Shape::Literal(value) => Some(string(value)),
            _ => None,
        };
        if !field.presence.is_always() {
            let unset_type = self.annotator.module.installed("msgspec", "UnsetType");
            annotation = match annotation {
                Expr::Or(mut items) => {
                    items.push(unset_type.into());
                    Expr::Or(items)
                }
                item => Expr::Or(vec![item, unset_type.into()]),
            };
            default = Some(self.annotator.module.installed("msgspec", "UNSET"));
        }
        let value = if name == field.read {
            default.map_or_else(String::new, |default| format!(" = {default}"))
        } else {
            let function = self.annotator.module.installed("msgspec", "field");
            let default =
                default.map_or_else(String::new, |default| format!("default={default}, "));
            format!(" = {function}({default}name={})", string(&field.read))
        };
        let text = annotation.statement(4, &format!("{name}: "), &value);
        Ok(text + &attribute_docs(&field.docs, field.deprecated.as_deref()))
    }

    pub(super) fn msgspec_union(&mut self, key: &Key, union: &Union) -> Result<Expr, Error> {
        let schema = self.annotator.schema;
        let cases: Vec<(&Key, &Record)> = union
            .members
            .iter()
            .filter_map(|member| record(schema, member))
            .collect();
        let mut members: Vec<Expr> = Vec::new();
        if union
            .members
            .iter()
            .any(|member| matches!(member, Shape::Literal(_)))
        {
            members.push(self.literals(&union.members));
        }
        let is_one_of = cases.first().is_some_and(|(_, first)| first.is_closed);
        let mut objects = objects(schema, union);
        if is_one_of {
            objects.retain(|record| !record.is_closed);
        }
        let is_ambiguous = match objects.len() {
            0 => false,
            1 => is_one_of,
            _ => is_one_of || shared_tag(objects.iter().copied()).is_none(),
        };
        if is_ambiguous {
            return Err(Error::unsupported(
                &format!("type `{key}`"),
                "a union of several objects without a tag, which msgspec cannot tell apart,",
                "give it a tag, flatten no Option, or choose another style",
            ));
        }
        if is_one_of {
            members.push(self.one_of(key, &cases)?);
        }
        for member in &union.members {
            match (member, record(schema, member)) {
                (Shape::Literal(_), _) => {}
                (_, Some((_, record))) if record.is_closed => {}
                (member, _) => members.push(self.annotator.annotation(member)),
            }
        }
        let is_nullable = members.iter().any(|member| *member == Expr::from("None"));
        members.retain(|member| *member != Expr::from("None"));
        let union = match &members[..] {
            [only] => only.clone(),
            _ => Expr::Or(members),
        };
        Ok(if is_nullable { or_none(union) } else { union })
    }

    /// Writes a class with a field for each variant, of which one is set: msgspec tells structs apart only by tags.
    fn one_of(&mut self, key: &Key, cases: &[(&Key, &Record)]) -> Result<Expr, Error> {
        let class = format!("{}Variants", self.annotator.names[key].name);
        let named = &self.annotator.schema.types[key];
        let base = self.annotator.bridge("OneOf");
        let mut bases = self.bases(named, Some(&base));
        bases.push("kw_only=True".into());
        bases.push("forbid_unknown_fields=True".into());
        let mut record = Record::default();
        for (_, case) in cases {
            let fields = case.fields.iter().cloned();
            record.fields.extend(fields.map(|field| Field {
                presence: Presence::MayBeAbsent,
                ..field
            }));
        }
        let mut text = class_line(&class, bases) + &class_docs(named, &class, "enum") + "\n";
        for (name, field) in self.field_names(&record).iter().zip(&record.fields) {
            text += &self.msgspec_field(key, name, field)?;
        }
        self.annotator.module.definition(text);
        let variables = named.parameters.iter();
        let variables =
            variables.map(|parameter| self.annotator.module.type_variable(parameter).into());
        Ok(match named.parameters.len() {
            0 => class.into(),
            _ => Expr::subscript(&class, variables.collect()),
        })
    }
}

/// Whether a field has the name `field`, and would hide `msgspec.field` from the fields after it.
pub(super) fn has_field_named_field(schema: &Schema, casing: Casing) -> bool {
    schema.types.values().any(|named| match &named.body {
        Body::Record(record) => {
            let mut scope = Scope::new(Use::Field, casing);
            record
                .fields
                .iter()
                .any(|field| scope.name(&field.read) == "field")
        }
        _ => false,
    })
}

/// The records of a union, and of the unions in it.
fn objects<'a>(schema: &'a Schema, union: &'a Union) -> Vec<&'a Record> {
    let mut objects = Vec::new();
    for member in &union.members {
        collect_objects(schema, member, &mut objects);
    }
    objects
}

fn collect_objects<'a>(schema: &'a Schema, shape: &'a Shape, objects: &mut Vec<&'a Record>) {
    match shape {
        Shape::Optional(inner) => collect_objects(schema, inner, objects),
        Shape::Named { key, .. } => match &schema.types[key].body {
            Body::Alias(inner) => collect_objects(schema, inner, objects),
            Body::Record(record) => objects.push(record),
            Body::Union(inner) => objects.extend(self::objects(schema, inner)),
            Body::Strings(_) => {}
        },
        _ => {}
    }
}

/// The record that a shape names, with its key.
fn record<'a>(schema: &'a Schema, shape: &'a Shape) -> Option<(&'a Key, &'a Record)> {
    let Shape::Named { key, .. } = shape else {
        return None;
    };
    match &schema.types.get(key)?.body {
        Body::Record(record) => Some((key, record)),
        Body::Alias(shape) => record(schema, shape),
        _ => None,
    }
}

/// Whether a type is a variant that has no class of its own, but is a field of the class for all variants.
pub(super) fn is_merged(schema: &Schema, key: &Key) -> bool {
    let is_closed = matches!(&schema.types[key].body, Body::Record(record) if record.is_closed);
    is_closed
        && schema.types.values().any(|named| match &named.body {
            Body::Union(union) => union
                .members
                .iter()
                .any(|member| matches!(member, Shape::Named { key: other, .. } if other == key)),
            _ => false,
        })
}
