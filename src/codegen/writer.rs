//! The parts of a file's definitions that all styles share.

use std::collections::BTreeSet;

use super::{
    annotations::Annotator,
    layout::{Expr, docstring, rustdoc, string},
    names::{Scope, Use},
    schema::{Key, Named, Record, Shape},
};

/// Writes the types of one file.
pub(super) struct Writer<'a, 'b> {
    pub(super) annotator: &'a mut Annotator<'b>,
    pub(super) waiting: BTreeSet<Key>,
    pub(super) written: BTreeSet<Key>,
}

impl Writer<'_, '_> {
    pub(super) fn literals(&mut self, members: &[Shape]) -> Expr {
        let literal = self.annotator.module.standard("typing", "Literal");
        let members = members.iter().filter_map(|member| match member {
            Shape::Literal(text) => Some(string(text).into()),
            _ => None,
        });
        Expr::subscript(&literal, members.collect())
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
