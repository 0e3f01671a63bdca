//! Structs, and the fields of variants, with serde's attributes.

use specta::datatype::{
    Attributes, DataType, Field as RustField, Fields, NamedDataType, NamedFields, Struct,
    UnnamedFields,
};

use super::{
    error::Error,
    parts::{Part, add_tag, product},
    reader::{Arguments, Reader},
    rust::{note, rust_path},
    schema::{Body, Field, Presence, Shape},
    serde::{Names, Rules, text},
};

/// The naming rules for the fields of one struct or variant, and whether all of the fields have defaults.
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

    /// The body of a type that may have the attributes `from`, `try_from` and `into`; without them, `own` reads it.
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
        Err(Error::unsupported(
            place,
            "a type that #[serde(from)] or #[serde(into)] makes differ by direction",
            "convert it both ways, from and into the same type",
        ))
    }

    /// The shape of fields without names; that of a newtype is the shape inside it.
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

    /// The objects that named fields can be written as; several, if an enum is flattened into them.
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
                let mut flattened = self.flattened(&shape, name, &place)?;
                let fields = flattened
                    .iter_mut()
                    .flat_map(|part| &mut part.record.fields);
                for field in fields {
                    field.is_buffered = true;
                }
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
    // `#[specta(skip)]` hides a field that serde still writes or reads.
    field.ty.as_ref().map(Some).ok_or_else(|| {
        Error::unsupported(
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
        is_buffered: false,
    }
}
