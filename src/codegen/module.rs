//! One Python file under construction.

use std::collections::{BTreeMap, BTreeSet};

use super::layout::{docstring, import};

/// Where an import stands in the file: isort's sections.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Section {
    Standard,
    Installed,
    Local,
}

pub(super) struct Module {
    /// The names that the file itself defines. Imports must not hide them.
    defined: BTreeSet<String>,
    /// Modules that are imported as a whole, with their names here.
    modules: BTreeMap<(Section, String), String>,
    imports: BTreeMap<(Section, String), BTreeMap<String, String>>,
    /// Assignments that stand before the first class, by name.
    variables: BTreeMap<String, String>,
    blocks: Vec<Block>,
}

enum Block {
    Assignments(String),
    Definition(String),
}

impl Module {
    pub(super) fn new(defined: BTreeSet<String>) -> Self {
        Self {
            defined,
            modules: BTreeMap::new(),
            imports: BTreeMap::new(),
            variables: BTreeMap::new(),
            blocks: Vec::new(),
        }
    }

    /// Takes a name for a class of the file; false if it is taken.
    pub(super) fn define(&mut self, name: &str) -> bool {
        self.defined.insert(name.to_owned())
    }

    /// Imports from the standard library, and gives the name here.
    pub(super) fn standard(&mut self, from: &str, name: &str) -> String {
        self.import(Section::Standard, from, name)
    }

    /// Imports from an installed package, and gives the name here.
    pub(super) fn installed(&mut self, from: &str, name: &str) -> String {
        self.import(Section::Installed, from, name)
    }

    /// Imports another module of the same package, and gives its name here, which no field can hide.
    pub(super) fn sibling(&mut self, module: &str) -> String {
        let local = format!("_{module}");
        self.imports
            .entry((Section::Local, ".".to_owned()))
            .or_default()
            .insert(module.to_owned(), local.clone());
        local
    }

    fn import(&mut self, section: Section, from: &str, name: &str) -> String {
        if self.defined.contains(name) {
            // `Field` of pydantic is `_pydantic.Field` in a module that has a `Field` of its own.
            let module = from.strip_prefix("sidecar_bridge.").unwrap_or(from);
            let local = format!("_{}", module.replace('.', "_"));
            let qualified = format!("{local}.{name}");
            self.modules.insert((section, from.to_owned()), local);
            return qualified;
        }
        let names = self.imports.entry((section, from.to_owned()));
        names.or_default().insert(name.to_owned(), name.to_owned());
        name.to_owned()
    }

    /// Makes sure of a type variable, and gives its name here.
    pub(super) fn type_variable(&mut self, parameter: &str) -> String {
        let name = format!("_{parameter}");
        let function = self.standard("typing", "TypeVar");
        let line = format!("{name} = {function}(\"{name}\")\n");
        self.variables.insert(name.clone(), line);
        name
    }

    /// Adds lines at the top level that are no class or function.
    pub(super) fn assignments(&mut self, lines: impl Into<String>) {
        self.blocks.push(Block::Assignments(lines.into()));
    }

    /// Adds a class.
    pub(super) fn definition(&mut self, text: impl Into<String>) {
        self.blocks.push(Block::Definition(text.into()));
    }

    /// The import statements of one section, modules first.
    fn imports_of(&self, section: Section) -> String {
        let modules = self.modules.iter().filter(|((of, _), _)| *of == section);
        let modules = modules.map(|((_, module), local)| format!("import {module} as {local}\n"));
        let imports = self.imports.iter().filter(|((of, _), _)| *of == section);
        let imports = imports.map(|((_, from), names)| {
            let mut names: Vec<_> = names.iter().collect();
            names.sort_by_key(|(name, _)| (kind(name), natural(name), *name));
            let (plain, renamed): (Vec<_>, Vec<_>) =
                names.into_iter().partition(|(name, local)| name == local);
            // isort gives each that has another name here a line of its own.
            let renamed = renamed
                .into_iter()
                .map(|(name, local)| format!("from {from} import {name} as {local}\n"));
            let plain: Vec<String> = plain.into_iter().map(|(name, _)| name.clone()).collect();
            let plain = if plain.is_empty() {
                String::new()
            } else {
                import(from, &plain)
            };
            plain + &renamed.collect::<String>()
        });
        modules.chain(imports).collect()
    }

    /// Gives the whole text, with `docs` on top.
    pub(super) fn finish(self, docs: &str) -> String {
        let mut text = docstring(docs, 0);
        text.push_str("\nfrom __future__ import annotations\n");
        for section in [Section::Standard, Section::Installed, Section::Local] {
            let lines = self.imports_of(section);
            if !lines.is_empty() {
                text.push('\n');
                text += &lines;
            }
        }
        let variables: String = self.variables.into_values().collect();
        let first = (!variables.is_empty()).then_some(Block::Assignments(variables));
        let mut after_definition = false;
        for block in first.into_iter().chain(self.blocks) {
            let (body, is_definition) = match block {
                Block::Assignments(body) => (body, false),
                Block::Definition(body) => (body, true),
            };
            let gap = is_definition || after_definition;
            text.push_str(if gap { "\n\n" } else { "\n" });
            text += &body;
            after_definition = is_definition;
        }
        text
    }
}

/// isort's `order-by-type`: constants, classes, then the others.
fn kind(name: &str) -> u8 {
    if name.len() > 1 && !name.contains(char::is_lowercase) {
        0
    } else if name.starts_with(char::is_uppercase) {
        1
    } else {
        2
    }
}

/// A key that sorts as ruff's isort does: without regard to case, and `I8` before `I16`.
fn natural(name: &str) -> Vec<Chunk> {
    let mut chunks = Vec::new();
    for letter in name.chars().flat_map(char::to_lowercase) {
        match (chunks.last_mut(), letter.to_digit(10)) {
            (Some(Chunk::Number(number)), Some(digit)) => {
                *number = number.saturating_mul(10).saturating_add(u64::from(digit));
            }
            (_, Some(digit)) => chunks.push(Chunk::Number(digit.into())),
            (Some(Chunk::Text(text)), None) => text.push(letter),
            (_, None) => chunks.push(Chunk::Text(letter.into())),
        }
    }
    chunks
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Chunk {
    Number(u64),
    Text(String),
}
