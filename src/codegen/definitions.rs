//! The types that a file defines: classes, and aliases for shapes that need no class.

use std::collections::BTreeSet;

use super::{
    annotations::Annotator,
    error::Error,
    layout::{Expr, docstring, rustdoc, string},
    msgspec::is_merged,
    names::{Scope, Use},
    options::Style,
    schema::{Body, Key, Member, Named, Record, Shape, Union},
    writer::{Writer, attribute_docs, class_docs},
};

/// Writes the types of one file, each after the types that it mentions, so that pydantic can build it at once. In a circle, one
/// type has to be the first, and pydantic builds it at its first use.
pub(super) fn write(annotator: &mut Annotator<'_>) -> Result<(), Error> {
    let file = annotator.file.clone();
    let keys = annotator
        .names
        .iter()
        .filter(|(_, name)| name.module == file);
    let mut waiting: BTreeSet<Key> = keys.map(|(key, _)| key.clone()).collect();
    if annotator.style == Style::Msgspec {
        waiting.retain(|key| !is_merged(annotator.schema, key));
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

impl Writer<'_, '_> {
    /// Writes all classes before the aliases: msgspec needs an alias to be complete.
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

    /// Writes a name for a shape that has no class. In a circle of such names, one is a string, which is looked up late.
    fn alias(&mut self, key: &Key, class: &str, named: &Named, shape: &Expr) -> Result<(), Error> {
        let (mentioned, parameters) = named.body.mentions();
        let is_merged = |key: &Key| is_merged(self.annotator.schema, key);
        let is_msgspec = self.annotator.style == Style::Msgspec;
        let is_written =
            |other: &Key| self.written.contains(other) || is_msgspec && is_merged(other);
        let is_complete = mentioned.iter().all(is_written);
        if is_msgspec && (!is_complete || parameters.len() < named.parameters.len()) {
            return Err(Error::unsupported(
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

    fn union(&mut self, key: &Key, union: &Union) -> Result<Expr, Error> {
        if self.annotator.style.is_pydantic() {
            Ok(self.pydantic_union(union))
        } else {
            self.msgspec_union(key, union)
        }
    }

    fn record(
        &mut self,
        key: &Key,
        class: &str,
        named: &Named,
        record: &Record,
    ) -> Result<String, Error> {
        match self.annotator.style {
            Style::Pydantic => Ok(self.model(class, named, record)),
            Style::Dataclass => self.dataclass(key, class, named, record),
            Style::TypedDict => self.typed_dict(key, class, named, record),
            Style::Msgspec => self.msgspec_struct(key, class, named, record),
        }
    }
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
