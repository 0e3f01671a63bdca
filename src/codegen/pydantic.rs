//! Records and unions as pydantic models, as dataclasses and as `TypedDict`s, all of which pydantic reads and writes.

use super::{
    annotations::or_none,
    error::Error,
    layout::{Expr, string},
    names::{is_identifier, is_keyword, normalized},
    options::Style,
    schema::{Body, Field, Key, Named, Presence, Record, Shape, Union},
    writer::{Writer, attribute_docs, class_docs, class_line},
};

impl Writer<'_, '_> {
    pub(super) fn model(&mut self, class: &str, named: &Named, record: &Record) -> String {
        let is_partial = record
            .fields
            .iter()
            .any(|field| field.presence == Presence::AbsentIsNotNull);
        let base = self
            .annotator
            .bridge(if is_partial { "PartialModel" } else { "Model" });
        let mut bases = self.bases(named, Some(&base));
        if record.is_closed {
            bases.push("extra=\"forbid\"".into());
        } else if record.others.is_some() {
            bases.push("extra=\"allow\"".into());
        }
        let mut text = class_line(class, bases) + &class_docs(named, class, "struct");
        let mut body = String::new();
        for (name, field) in self.field_names(record).iter().zip(&record.fields) {
            body += &self.field(name, field, record.is_closed);
        }
        if let Some(others) = &record.others {
            let field = self.annotator.module.installed("pydantic", "Field");
            let others = self.annotator.annotation(others);
            // This is how pydantic types extra members. With `init=False`, type checkers do not take it for a parameter.
            let others = Expr::subscript("dict", vec!["str".into(), others]);
            let text = others.statement(
                4,
                "__pydantic_extra__: ",
                &format!(" = {field}(init=False)"),
            );
            // ruff does not count such a comment as part of the line.
            body += text.trim_end();
            body += "  # pyright: ignore[reportIncompatibleVariableOverride]\n";
        }
        if !body.is_empty() {
            text.push('\n');
        }
        text + &body
    }

    pub(super) fn dataclass(
        &mut self,
        key: &Key,
        class: &str,
        named: &Named,
        record: &Record,
    ) -> Result<String, Error> {
        if record.others.is_some() {
            return Err(no_others(key, "a dataclass"));
        }
        let mut text = String::new();
        if record.is_closed {
            let with_config = self.annotator.module.installed("pydantic", "with_config");
            text += &format!("@{with_config}(extra=\"forbid\")\n");
        }
        let decorator = self.annotator.module.standard("dataclasses", "dataclass");
        text += &format!("@{decorator}(kw_only=True, slots=True)\n");
        let bases = self.bases(named, None);
        text += &class_line(class, bases);
        text += &class_docs(named, class, "struct");
        if !record.fields.is_empty() {
            text.push('\n');
        }
        for (name, field) in self.field_names(record).iter().zip(&record.fields) {
            text += &self.field(name, field, record.is_closed);
        }
        Ok(text)
    }

    /// A field of a model or a dataclass.
    fn field(&mut self, name: &str, field: &Field, is_variant: bool) -> String {
        let is_dataclass = self.annotator.style == Style::Dataclass;
        let mut annotation = self.annotator.annotation(&field.shape);
        let mut default = match &field.shape {
            Shape::Literal(value) if field.presence != Presence::Required => {
                format!(" = {}", string(value))
            }
            // The only field of a variant tells it from the others, so it has to be there.
            Shape::Optional(_) if !is_variant => " = None".to_owned(),
            _ => String::new(),
        };
        let mut options: Vec<Expr> = Vec::new();
        if field.read != field.write {
            options.push(format!("validation_alias={}", string(&field.read)).into());
            options.push(format!("serialization_alias={}", string(&field.write)).into());
        } else if name != field.read {
            options.push(format!("alias={}", string(&field.read)).into());
        }
        let mut marker = None;
        if !field.presence.is_always() {
            " = None".clone_into(&mut default);
        }
        match field.presence {
            Presence::Always | Presence::Required => {}
            Presence::MayBeAbsent => {
                annotation = or_none(annotation);
                options.push(format!("exclude_if={}", self.annotator.bridge("is_none")).into());
                marker = Some(self.annotator.bridge("NOT_NULL"));
            }
            Presence::OnlyRead => {
                if !field.shape.is_nullable() {
                    annotation = or_none(annotation);
                }
                options.push("exclude=True".into());
            }
            Presence::AbsentIsNotNull if is_dataclass => {
                let (class, value) = (
                    self.annotator.bridge("Unset"),
                    self.annotator.bridge("UNSET"),
                );
                annotation = Expr::Or(match annotation {
                    Expr::Or(mut items) => {
                        items.push(class.into());
                        items
                    }
                    item => vec![item, class.into()],
                });
                options.push(format!("exclude_if={}", self.annotator.bridge("is_unset")).into());
                default = format!(" = {value}");
            }
            Presence::AbsentIsNotNull => marker = Some(self.annotator.bridge("OMIT_UNSET")),
        }
        if let Some(note) = &field.deprecated {
            options.push(format!("deprecated={}", string(note)).into());
        }
        let annotation = self.with_options(annotation, options, marker);
        let text = annotation.statement(4, &format!("{name}: "), &default);
        text + &attribute_docs(&field.docs, None)
    }

    fn with_options(
        &mut self,
        annotation: Expr,
        options: Vec<Expr>,
        marker: Option<String>,
    ) -> Expr {
        let mut items = vec![annotation];
        if !options.is_empty() {
            let field = self.annotator.module.installed("pydantic", "Field");
            items.push(Expr::call(&field, options));
        }
        items.extend(marker.map(Expr::from));
        if items.len() == 1 {
            return items.remove(0);
        }
        let annotated = self.annotator.module.standard("typing", "Annotated");
        Expr::subscript(&annotated, items)
    }

    pub(super) fn typed_dict(
        &mut self,
        key: &Key,
        class: &str,
        named: &Named,
        record: &Record,
    ) -> Result<String, Error> {
        if record.others.is_some() {
            return Err(no_others(key, "a TypedDict"));
        }
        let base = self
            .annotator
            .module
            .installed("typing_extensions", "TypedDict");
        let config = record.is_closed.then(|| {
            let with_config = self.annotator.module.installed("pydantic", "with_config");
            format!("@{with_config}(extra=\"forbid\")\n")
        });
        let mut entries = Vec::new();
        for field in &record.fields {
            if field.read.is_empty() {
                return Err(Error::unsupported(
                    &format!("type `{key}`"),
                    "a field without a name, in a TypedDict,",
                    "name it, or choose another style",
                ));
            }
            if field.read != field.write {
                return Err(Error::unsupported(
                    &format!("field `{}` of `{key}`", field.read),
                    "a field whose name differs by direction, in a TypedDict,",
                    "give it one name, or choose another style",
                ));
            }
            let mut annotation = self.annotator.annotation(&field.shape);
            // serde reads an absent optional field as `None`, and may leave it out.
            if !field.presence.is_always() || matches!(field.shape, Shape::Optional(_)) {
                let not_required = self.annotator.module.standard("typing", "NotRequired");
                annotation = Expr::subscript(&not_required, vec![annotation]);
            }
            entries.push((field, annotation));
        }
        if entries.iter().all(|(field, _)| is_key(&field.read)) {
            let bases = self.bases(named, Some(&base));
            let mut text = config.unwrap_or_default() + &class_line(class, bases);
            text += &class_docs(named, class, "struct");
            if !entries.is_empty() {
                text.push('\n');
            }
            for (field, annotation) in entries {
                text += &annotation.statement(4, &format!("{}: ", field.read), "");
                text += &attribute_docs(&field.docs, field.deprecated.as_deref());
            }
            return Ok(text);
        }
        if !named.parameters.is_empty() || config.is_some() {
            return Err(Error::unsupported(
                &format!("type `{key}`"),
                "a TypedDict with type parameters or variants whose names are no identifiers",
                "rename them, or choose another style",
            ));
        }
        let entries = entries
            .into_iter()
            .map(|(field, annotation)| (string(&field.read), string(&annotation.flat()).into()));
        let items = vec![string(class).into(), Expr::dict(entries)];
        Ok(Expr::call(&base, items).statement(0, &format!("{class} = "), ""))
    }

    /// The members of a union; literals share one `Literal`, which stands where the first of them is.
    pub(super) fn pydantic_union(&mut self, union: &Union) -> Expr {
        let mut members: Vec<Expr> = Vec::new();
        let mut has_literals = false;
        for member in &union.members {
            match member {
                Shape::Literal(_) if has_literals => {}
                Shape::Literal(_) => {
                    has_literals = true;
                    members.push(self.literals(&union.members));
                }
                other => members.push(match self.annotator.annotation(other) {
                    Expr::Or(items) => Expr::Or(items),
                    item => item,
                }),
            }
        }
        let members = flat_union(members);
        if let [only] = &members[..] {
            return only.clone();
        }
        let option = match self.discriminator(union) {
            Some(field) => format!("discriminator={}", string(&field)),
            // serde takes the first that fits.
            None => "union_mode=\"left_to_right\"".to_owned(),
        };
        self.annotator
            .annotated(Expr::Or(members), vec![option.into()])
    }

    /// The Python name of the field that tells the members of a union apart.
    fn discriminator(&self, union: &Union) -> Option<String> {
        let tag = union.tag.as_ref()?;
        if self.annotator.style == Style::TypedDict {
            return Some(tag.clone());
        }
        let Some(Shape::Named { key, .. }) = union.members.first() else {
            return None;
        };
        let Body::Record(record) = &self.annotator.schema.types.get(key)?.body else {
            return None;
        };
        let mut names = self.field_names(record).into_iter().zip(&record.fields);
        names.find_map(|(name, field)| (field.read == *tag).then_some(name))
    }
}

fn flat_union(members: Vec<Expr>) -> Vec<Expr> {
    let mut flat: Vec<Expr> = Vec::new();
    for member in members {
        let items = match member {
            Expr::Or(items) => items,
            item => vec![item],
        };
        for item in items {
            if !flat.contains(&item) {
                flat.push(item);
            }
        }
    }
    flat
}

/// Whether a class can have an attribute of that name.
fn is_key(name: &str) -> bool {
    // Two leading underscores would be mangled.
    is_identifier(name) && normalized(name) == name && !is_keyword(name) && !name.starts_with("__")
}

fn no_others(key: &Key, style: &str) -> Error {
    Error::unsupported(
        &format!("type `{key}`"),
        format!("a map that is flattened into {style}"),
        "make it a field, or choose the style `Pydantic`",
    )
}
