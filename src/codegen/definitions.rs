//! The types that a file defines: classes, and aliases for what Python needs no class for.

use std::collections::BTreeSet;

use super::{
    Error, Style,
    annotations::Annotator,
    layout::{Expr, docstring, rustdoc, string},
    names::{Scope, Use},
    schema::{Body, Key, Member, Named, Record, Shape, Union},
};

/// Writes the types of one file, each after those that it mentions, so that pydantic can build it at once. In a circle one
/// has to be the first, and pydantic builds it at its first use.
pub(super) fn write(annotator: &mut Annotator<'_>) -> Result<(), Error> {
    let file = annotator.file.clone();
    let keys = annotator
        .names
        .iter()
        .filter(|(_, name)| name.module == file);
    let mut waiting: BTreeSet<Key> = keys.map(|(key, _)| key.clone()).collect();
    if annotator.style == Style::Msgspec {
        waiting.retain(|key| !super::msgspec::is_merged(annotator.schema, key));
    }
    let mut writer = Writer {
        waiting,
        written: BTreeSet::new(),
        annotator,
    };
    if writer.annotator.style == Style::Msgspec {
        writer.write_classes()?;
    }
    while let Some(key) = writer.waiting.first().cloned() {
        writer.write_after_mentioned(&key)?;
    }
    Ok(())
}

pub(super) struct Writer<'a, 'b> {
    pub(super) annotator: &'a mut Annotator<'b>,
    waiting: BTreeSet<Key>,
    written: BTreeSet<Key>,
}

impl Writer<'_, '_> {
    /// Writes the classes before all aliases, which msgspec wants to be complete.
    fn write_classes(&mut self) -> Result<(), Error> {
        let types = &self.annotator.schema.types;
        let is_class = |key: &Key| matches!(types[key].body, Body::Record(_) | Body::Strings(_));
        let (classes, aliases): (BTreeSet<Key>, _) = std::mem::take(&mut self.waiting)
            .into_iter()
            .partition(is_class);
        self.waiting = aliases;
        for key in classes {
            self.write(&key, &types[&key])?;
            self.written.insert(key);
        }
        Ok(())
    }

    fn write_after_mentioned(&mut self, key: &Key) -> Result<(), Error> {
        if !self.waiting.remove(key) {
            return Ok(());
        }
        let named = &self.annotator.schema.types[key];
        let (mentioned, _) = named.body.mentions();
        for other in &mentioned {
            self.write_after_mentioned(other)?;
        }
        self.write(key, named)?;
        self.written.insert(key.clone());
        Ok(())
    }

    fn write(&mut self, key: &Key, named: &Named) -> Result<(), Error> {
        let class = self.annotator.names[key].name.clone();
        match &named.body {
            Body::Strings(members) if self.annotator.style == Style::TypedDict => {
                let members = members
                    .iter()
                    .map(|member| Shape::Literal(member.wire.clone()));
                let literal = self.literals(&members.collect::<Vec<_>>());
                self.alias(key, &class, named, &literal)?;
            }
            Body::Strings(members) => {
                let text = self.string_enum(&class, named, members);
                self.annotator.module.definition(text);
            }
            Body::Record(record) => {
                let text = self.record(key, &class, named, record)?;
                if text.starts_with(['c', '@']) {
                    self.annotator.module.definition(text);
                } else {
                    self.annotator.module.assignments(text);
                }
            }
            Body::Alias(shape) => {
                let shape = self.annotator.annotation(shape);
                self.alias(key, &class, named, &shape)?;
            }
            Body::Union(union) => {
                let union = self.union(key, union)?;
                self.alias(key, &class, named, &union)?;
            }
        }
        Ok(())
    }

    fn string_enum(&mut self, class: &str, named: &Named, members: &[Member]) -> String {
        let base = self.annotator.module.standard("enum", "StrEnum");
        let mut scope = Scope::new(Use::Member, self.annotator.casing);
        let mut text = format!(
            "class {class}({base}):\n{}\n",
            class_docs(named, class, "enum")
        );
        for member in members {
            text += &format!(
                "    {} = {}\n",
                scope.name(&member.wire),
                string(&member.wire)
            );
            text += &attribute_docs(&member.docs, member.deprecated.as_deref());
        }
        text
    }

    /// A name for what has no class. In a circle of such names one has to be looked up late.
    fn alias(&mut self, key: &Key, class: &str, named: &Named, shape: &Expr) -> Result<(), Error> {
        let (mentioned, parameters) = named.body.mentions();
        let is_merged = |key: &Key| super::msgspec::is_merged(self.annotator.schema, key);
        let is_msgspec = self.annotator.style == Style::Msgspec;
        let is_written =
            |other: &Key| self.written.contains(other) || is_msgspec && is_merged(other);
        let is_complete = mentioned.iter().all(is_written);
        if is_msgspec && (!is_complete || parameters.len() < named.parameters.len()) {
            return Err(super::types::unsupported(
                &format!("type `{key}`"),
                "a type that holds itself without a struct between, or has a type parameter that it does not use, in msgspec,",
                "put a struct between, or choose another style",
            ));
        }
        let docs = alias_docs(named);
        let module = &mut self.annotator.module;
        let text = if is_complete && (is_msgspec || named.parameters.is_empty()) {
            let alias = module.standard("typing", "TypeAlias");
            shape.statement(0, &format!("{class}: {alias} = "), "")
        } else {
            let function = module.installed("typing_extensions", "TypeAliasType");
            let written = if is_complete {
                shape.clone()
            } else {
                string(&shape.flat()).into()
            };
            let mut items = vec![string(class).into(), written];
            if !named.parameters.is_empty() {
                let variables = named
                    .parameters
                    .iter()
                    .map(|parameter| module.type_variable(parameter));
                let comma = if named.parameters.len() == 1 { "," } else { "" };
                let variables = variables.collect::<Vec<_>>().join(", ");
                items.push(format!("type_params=({variables}{comma})").into());
            }
            let late = Expr::call(&function, items);
            if is_complete || !named.parameters.is_empty() {
                late.statement(0, &format!("{class} = "), "")
            } else {
                // pyright takes the call for a variable where the circle begins in another file.
                let checking = module.standard("typing", "TYPE_CHECKING");
                let alias = module.standard("typing", "TypeAlias");
                let known = Expr::from(string(&shape.flat()));
                let known = known.statement(4, &format!("{class}: {alias} = "), "");
                let late = late.statement(4, &format!("{class} = "), "");
                format!("if {checking}:\n{known}else:\n{late}")
            }
        };
        debug_assert!(self.annotator.names.contains_key(key));
        self.annotator.module.assignments(text + &docs);
        Ok(())
    }

    pub(super) fn literals(&mut self, members: &[Shape]) -> Expr {
        let literal = self.annotator.module.standard("typing", "Literal");
        let members = members.iter().filter_map(|member| match member {
            Shape::Literal(text) => Some(string(text).into()),
            _ => None,
        });
        Expr::subscript(&literal, members.collect())
    }

    /// The members of a union; literals share one `Literal`, which stands where the first of them is.
    fn union(&mut self, key: &Key, union: &Union) -> Result<Expr, Error> {
        if self.annotator.style == Style::Msgspec {
            return self.msgspec_union(key, union);
        }
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
            return Ok(only.clone());
        }
        let option = match self.discriminator(union) {
            Some(field) => format!("discriminator={}", string(&field)),
            // serde takes the first that fits.
            None => "union_mode=\"left_to_right\"".to_owned(),
        };
        Ok(self
            .annotator
            .annotated(Expr::Or(members), vec![option.into()]))
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

    pub(super) fn field_names(&self, record: &Record) -> Vec<String> {
        let mut scope = Scope::new(Use::Field, self.annotator.casing);
        record
            .fields
            .iter()
            .map(|field| scope.name(&field.read))
            .collect()
    }

    /// The bases of a class, with its type parameters.
    pub(super) fn bases(&mut self, named: &Named, first: Option<&str>) -> Vec<Expr> {
        let mut bases: Vec<Expr> = first.into_iter().map(Expr::from).collect();
        if !named.parameters.is_empty() {
            let generic = self.annotator.module.standard("typing", "Generic");
            let variables = named.parameters.iter();
            let variables =
                variables.map(|parameter| self.annotator.module.type_variable(parameter).into());
            bases.push(Expr::subscript(&generic, variables.collect()));
        }
        bases
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

/// The first line of a class.
pub(super) fn class_line(class: &str, bases: Vec<Expr>) -> String {
    if bases.is_empty() {
        return format!("class {class}:\n");
    }
    Expr::call(class, bases).statement(0, "class ", ":")
}

pub(super) fn class_docs(named: &Named, class: &str, kind: &str) -> String {
    let mut docs = match named.docs.trim() {
        "" => format!("The {kind} `{class}` of the app."),
        _ => rustdoc(&named.docs),
    };
    if let Some(note) = &named.deprecated {
        docs += &format!("\n\nDeprecated: {note}");
    }
    docstring(&docs, 4)
}

fn alias_docs(named: &Named) -> String {
    let mut docs = rustdoc(&named.docs);
    if let Some(note) = &named.deprecated {
        docs += &format!("\n\nDeprecated: {note}");
    }
    if docs.trim().is_empty() {
        String::new()
    } else {
        docstring(&docs, 0)
    }
}

pub(super) fn attribute_docs(docs: &str, deprecated: Option<&str>) -> String {
    let mut docs = rustdoc(docs);
    if let Some(note) = deprecated {
        docs += &format!("\n\nDeprecated: {note}");
    }
    if docs.trim().is_empty() {
        String::new()
    } else {
        docstring(&docs, 4)
    }
}
