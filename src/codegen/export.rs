//! From the [`Schema`] to files.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
};

use tauri::Runtime;
use tauri_specta::{Builder, BuilderConfiguration, LanguageExt};

use super::{
    annotations::Annotator,
    commands, definitions, document,
    error::Error,
    events,
    module::Module,
    msgspec,
    names::{ClassName, ClassNames, class_names},
    options::{Layout, Python, Style},
    read,
    schema::Schema,
};
use crate::contract::Contract;

/// The mark in every exported file, by which an export knows its own files.
const MARK: &str = "with tauri-plugin-sidecar-bridge; do not edit.";

/// The docstring of an app's own module.
const DOCS: &str = "Typed commands and events of the Tauri app, for its Python sidecar.";

impl LanguageExt for Python {
    type Error = Error;

    /// Writes the files. Leaves current ones alone, so that no watcher sees a change.
    fn export(self, configuration: &BuilderConfiguration, path: &Path) -> Result<(), Error> {
        let files = self.files(configuration, path)?;
        if self.layout == Layout::Package {
            for leftover in leftovers(&files, path)? {
                fs::remove_file(leftover)?;
            }
        }
        for (path, text) in files {
            if fs::read(&path).is_ok_and(|written| written == text.as_bytes()) {
                continue;
            }
            if let Some(directory) = path.parent() {
                fs::create_dir_all(directory)?;
            }
            fs::write(path, text)?;
        }
        Ok(())
    }
}

impl Python {
    /// Checks that the files at `path` are those that an export would write. It is for a test, and for CI.
    ///
    /// # Errors
    /// [`Error::Stale`] if a file differs, is missing or is left over; the errors of [`Builder::export`].
    pub fn check<R: Runtime>(
        self,
        builder: &Builder<R>,
        path: impl Into<PathBuf>,
    ) -> Result<(), Error> {
        builder.export(Check(self), path.into())
    }
}

/// Compares the files instead of writing them.
struct Check(Python);

impl LanguageExt for Check {
    type Error = Error;

    fn export(self, configuration: &BuilderConfiguration, path: &Path) -> Result<(), Error> {
        let stale = |path: PathBuf, what| {
            let remedy = self
                .0
                .command_line
                .as_deref()
                .unwrap_or("what exports it")
                .to_owned();
            Err(Error::Stale { path, what, remedy })
        };
        let files = self.0.files(configuration, path)?;
        if self.0.layout == Layout::Package
            && let Some(leftover) = leftovers(&files, path)?.pop()
        {
            return stale(leftover, "is not made any more");
        }
        for (path, text) in files {
            match fs::read(&path) {
                Ok(written) if written == text.as_bytes() => {}
                Ok(_) => return stale(path, "is out of date"),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    return stale(path, "is missing");
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

/// The files in the directory that an earlier export has made and this one does not make.
fn leftovers(files: &BTreeMap<PathBuf, String>, directory: &Path) -> Result<Vec<PathBuf>, Error> {
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(vec![]),
        Err(error) => return Err(error.into()),
    };
    let mut leftovers = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let is_python = path.extension().is_some_and(|extension| extension == "py");
        if is_python && !files.contains_key(&path) && fs::read_to_string(&path)?.contains(MARK) {
            leftovers.push(path);
        }
    }
    leftovers.sort();
    Ok(leftovers)
}

/// The contract of an app: a hash of its commands, events and types. Documentation does not count.
///
/// # Errors
/// The errors of [`Builder::export`].
pub fn contract<R: Runtime>(builder: &Builder<R>) -> Result<Contract, Error> {
    let mut contract = None;
    builder.export(Read(&mut contract), "")?;
    contract.ok_or_else(|| io::Error::other("the builder exported nothing").into())
}

/// Takes the contract instead of writing files.
struct Read<'a>(&'a mut Option<Contract>);

impl LanguageExt for Read<'_> {
    type Error = Error;

    fn export(self, configuration: &BuilderConfiguration, _: &Path) -> Result<(), Error> {
        *self.0 = Some(document::contract(&read::schema(configuration)?));
        Ok(())
    }
}

impl Python {
    /// Gives the text of every file.
    fn files(
        &self,
        configuration: &BuilderConfiguration,
        path: &Path,
    ) -> Result<BTreeMap<PathBuf, String>, Error> {
        let schema = read::schema(configuration)?;
        let is_package = self.layout == Layout::Package;
        let names = class_names(&schema.types, is_package);
        if !is_package {
            let mut annotator = self.annotator(&schema, &names, "");
            definitions::write(&mut annotator)?;
            write_calls(&mut annotator);
            let text = self.finish(annotator, DOCS);
            return Ok([(path.to_owned(), text)].into());
        }
        let mut files = BTreeMap::new();
        let modules: BTreeSet<&str> = names.values().map(|name| &*name.module).collect();
        for module in modules {
            let mut annotator = self.annotator(&schema, &names, module);
            definitions::write(&mut annotator)?;
            let text = self.finish(
                annotator,
                &format!("The types of the Rust module `{module}`."),
            );
            files.insert(path.join(format!("{module}.py")), text);
        }
        let mut annotator = self.annotator(&schema, &names, "");
        write_calls(&mut annotator);
        let text = self.finish(annotator, DOCS);
        files.insert(path.join("__init__.py"), text);
        Ok(files)
    }

    fn annotator<'a>(
        &self,
        schema: &'a Schema,
        names: &'a ClassNames,
        file: &str,
    ) -> Annotator<'a> {
        let own = names.values().filter(|name| name.module == file);
        let mut defined: BTreeSet<String> =
            own.map(|ClassName { name, .. }| name.clone()).collect();
        if file.is_empty() {
            defined
                .extend(["AsyncCommands", "AsyncEvents", "Commands", "Events"].map(str::to_owned));
        }
        if self.style == Style::Msgspec && msgspec::has_field_named_field(schema, self.casing) {
            defined.insert("field".to_owned());
        }
        let options = (self.style, self.casing);
        Annotator::new(schema, names, options, file, Module::new(defined))
    }

    fn finish(&self, annotator: Annotator<'_>, docs: &str) -> String {
        let made = match &self.command_line {
            Some(line) => format!("Generated by `{line}` {MARK}"),
            None => format!("Generated {MARK}"),
        };
        let contract = document::contract(annotator.schema);
        annotator
            .module
            .finish(&format!("{docs}\n\n{made}\nContract: {contract}."))
    }
}

/// Writes the calls of the host: commands and events, and the contract that covers both.
fn write_calls(annotator: &mut Annotator<'_>) {
    let contract = document::contract(annotator.schema);
    let function = annotator.bridge("contract");
    let final_ = annotator.module.standard("typing", "Final");
    annotator
        .module
        .assignments(format!("CONTRACT: {final_} = {function}(\"{contract}\")\n"));
    events::write_constants(annotator);
    commands::write(annotator);
    events::write(annotator);
}
