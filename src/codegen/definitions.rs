//! The classes: pydantic models and string enums.

use std::collections::{BTreeMap, BTreeSet};

use specta::{
    Types,
    datatype::{
        DataType, Deprecated, Enum, Field, Fields, NamedDataType, NamedFields, Struct, Variant,
    },
};

use super::{
    Error,
    expressions::{Annotator, generic, is_result, rust_path, unsupported},
    layout::{Bracket, Item, Module, docstring, rustdoc, string},
    names::{Scope, Use, check_class},
};

const MODEL: &str = r#"class _Model(BaseModel):
    """What the models share: they are made with their Python names, and read and written with those on the wire."""

    model_config = ConfigDict(populate_by_name=True, protected_namespaces=(), use_attribute_docstrings=True)
"#;

const ABSENT: &str = "def _absent(value: object) -> bool:
    return value is None
";

/// The classes that the module defines, each with its Rust type.
pub(super) type Defined = BTreeMap<String, String>;

/// A class, and the classes that it mentions.
struct Class {
    text: String,
    mentions: BTreeSet<String>,
}

/// Writes a class for every struct and enum, each after those that it mentions.
pub(super) fn write(module: &mut Module, types: &Types) -> Result<Defined, Error> {
    let mut defined = Defined::new();
    let mut classes = BTreeMap::new();
    let (mut models, mut absent) = (false, false);
    for named in types.into_sorted_iter() {
        let path = rust_path(named);
        let Some(definition) = named.ty.as_ref() else {
            continue;
        };
        // A command's `Result` is taken apart, and `Value` is pydantic's `JsonValue`.
        if is_result(named) || path == "serde_json::Value" {
            continue;
        }
        let place = format!("type `{path}`");
        if !named.generics.is_empty() {
            return Err(generic(&place, &path));
        }
        let mut annotator = Annotator::new(module, types);
        let text = match definition {
            DataType::Enum(shape) => string_enum(&mut annotator, named, shape, &place)?,
            DataType::Struct(Struct {
                fields: Fields::Named(fields),
                ..
            }) => {
                models = true;
                let text = model(&mut annotator, named, fields, &path)?;
                absent |= text.contains("exclude_if=_absent");
                text
            }
            // It has no class, but what it holds must have a form.
            other => {
                annotator.annotation(other, &place)?;
                continue;
            }
        };
        let mentions = annotator.mentioned;
        check_class(&named.name, &place)?;
        let name = named.name.to_string();
        if let Some(first) = defined.insert(name.clone(), path.clone()) {
            return Err(Error::SameType {
                name,
                first,
                second: path,
            });
        }
        classes.insert(name, Class { text, mentions });
    }
    if absent {
        module.definition(ABSENT);
    }
    if models {
        module.import("pydantic", "BaseModel");
        module.import("pydantic", "ConfigDict");
        module.definition(MODEL);
    }
    while let Some(name) = classes.keys().next().cloned() {
        write_after_mentioned(module, &mut classes, &name);
    }
    Ok(defined)
}

/// Moves a class to the module after those that it mentions, so that pydantic can build it at once. In a circle one has
/// to be the first, and pydantic builds it at its first use.
fn write_after_mentioned(module: &mut Module, classes: &mut BTreeMap<String, Class>, name: &str) {
    if let Some(class) = classes.remove(name) {
        for mentioned in &class.mentions {
            write_after_mentioned(module, classes, mentioned);
        }
        module.definition(class.text);
    }
}

fn string_enum(
    annotator: &mut Annotator<'_>,
    named: &NamedDataType,
    shape: &Enum,
    place: &str,
) -> Result<String, Error> {
    annotator.module.import_standard("enum", "StrEnum");
    if shape.variants.is_empty() {
        return Err(unsupported(
            place,
            "an enum without variants",
            "give it one",
        ));
    }
    let mut scope = Scope::new(Use::Variant, place);
    let mut text = format!(
        "class {}(StrEnum):\n{}\n",
        named.name,
        class_docs(named, "enum")
    );
    for (name, variant) in &shape.variants {
        let wire = plain_variant(shape, variant).ok_or_else(|| {
            unsupported(
                &format!("variant `{name}` of {place}"),
                "a variant that is not a plain string in JSON",
                "use variants without fields, not tagged and not untagged",
            )
        })?;
        text += &format!("    {} = {}\n", scope.name(wire)?, string(wire));
        text += &attribute_docs(&variant.docs, variant.deprecated.as_ref());
    }
    Ok(text)
}

/// The string that is the variant in JSON. specta-serde has turned each variant into its JSON: a plain one is a newtype of
/// an enum whose only variant has the name on the wire.
fn plain_variant<'a>(shape: &Enum, variant: &'a Variant) -> Option<&'a str> {
    if shape.attributes.contains_key("serde:container:untagged")
        || variant
            .attributes
            .contains_key("specta_serde:hidden_external_payload")
    {
        return None;
    }
    let Fields::Unnamed(fields) = &variant.fields else {
        return None;
    };
    let [
        Field {
            ty: Some(DataType::Enum(literal)),
            ..
        },
    ] = &fields.fields[..]
    else {
        return None;
    };
    match &literal.variants[..] {
        [(wire, variant)] if variant.fields == Fields::Unit => Some(wire),
        _ => None,
    }
}

fn model(
    annotator: &mut Annotator<'_>,
    named: &NamedDataType,
    fields: &NamedFields,
    path: &str,
) -> Result<String, Error> {
    let mut scope = Scope::new(Use::Field, format!("type `{path}`"));
    let mut text = format!(
        "class {}(_Model):\n{}",
        named.name,
        class_docs(named, "struct")
    );
    for (index, (wire, field)) in fields.fields.iter().enumerate() {
        // `#[specta(skip)]` hides a field that serde still sends or wants; the others are gone by now.
        let place = format!("field `{wire}` of `{path}`");
        let Some(shape) = field.ty.as_ref() else {
            return Err(unsupported(
                &place,
                "a field that is hidden from specta",
                "skip it with serde",
            ));
        };
        let mut annotation = annotator.annotation(shape, &place)?;
        let python = scope.name(wire)?;
        let mut options: Vec<Item> = Vec::new();
        if python != *wire {
            options.push(format!("alias={}", string(wire)).into());
        }
        if field.optional {
            annotation = annotation.or_none();
            options.push("exclude_if=_absent".into());
        }
        if let Some(deprecated) = &field.deprecated {
            options.push(format!("deprecated={}", string(&note(deprecated))).into());
        }
        let default = if annotation.is_option { " = None" } else { "" };
        if index == 0 {
            text.push('\n');
        }
        text += &if options.is_empty() {
            format!("    {python}: {}{default}\n", annotation.text)
        } else {
            annotator.module.import_standard("typing", "Annotated");
            annotator.module.import("pydantic", "Field");
            let options = Bracket::new("Field(", options, ")");
            let items = vec![annotation.text.into(), options.into()];
            Bracket::new(
                format!("{python}: Annotated["),
                items,
                format!("]{default}"),
            )
            .lines(4)
        };
        text += &attribute_docs(&field.docs, None);
    }
    Ok(text)
}

fn class_docs(named: &NamedDataType, kind: &str) -> String {
    let mut docs = match named.docs.trim() {
        "" => format!("The {kind} `{}` of the app.", named.name),
        _ => rustdoc(&named.docs),
    };
    if let Some(deprecated) = &named.deprecated {
        docs += &format!("\n\nDeprecated: {}", note(deprecated));
    }
    docstring(&docs, 4)
}

fn attribute_docs(docs: &str, deprecated: Option<&Deprecated>) -> String {
    let mut docs = rustdoc(docs);
    if let Some(deprecated) = deprecated {
        docs += &format!("\n\nDeprecated: {}", note(deprecated));
    }
    if docs.trim().is_empty() {
        String::new()
    } else {
        docstring(&docs, 4)
    }
}

/// What `#[deprecated]` says.
pub(super) fn note(deprecated: &Deprecated) -> String {
    match deprecated.note.as_deref() {
        None | Some("") => "do not use it in new code".to_owned(),
        Some(note) => note.to_owned(),
    }
}
