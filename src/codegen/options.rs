//! How an app's bindings for Python look.

use std::borrow::Cow;

/// Writes an app's commands, events and types for Python; by default as one module with pydantic models.
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct Python {
    pub(super) command_line: Option<Cow<'static, str>>,
    pub(super) style: Style,
    pub(super) casing: Casing,
    pub(super) layout: Layout,
}

/// What structs become in Python.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Style {
    /// pydantic models, which check their values.
    #[default]
    Pydantic,
    /// Dataclasses, which pydantic reads and writes. They do not check the values that Python code gives them.
    Dataclass,
    /// `TypedDict`s: plain dictionaries with the names of JSON, read and written by pydantic.
    TypedDict,
    /// `msgspec.Struct`s, read and written by msgspec. NaN and infinity, which Rust writes as null, are refused.
    Msgspec,
}

/// How fields, arguments, commands and events are called in Python.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Casing {
    /// In snake_case.
    #[default]
    Snake,
    /// As in JSON, if Python can have that name.
    AsOnTheWire,
}

/// How the output is divided into files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Layout {
    /// One module, at the path of the export.
    #[default]
    Module,
    /// A package, in the directory at that path: a module for the types of each Rust module, and the commands, events and
    /// constants in `__init__.py`. Other files in the directory are removed if an export made them.
    Package,
}

impl Python {
    /// The command that writes the files again, such as `cargo test -p quickstart`. The heads of the files name it.
    pub fn command_line(mut self, command_line: impl Into<Cow<'static, str>>) -> Self {
        self.command_line = Some(command_line.into());
        self
    }

    /// What structs become.
    pub fn style(mut self, style: Style) -> Self {
        self.style = style;
        self
    }

    /// How fields, arguments, commands and events are called.
    pub fn casing(mut self, casing: Casing) -> Self {
        self.casing = casing;
        self
    }

    /// How the output is divided into files.
    pub fn layout(mut self, layout: Layout) -> Self {
        self.layout = layout;
        self
    }
}

impl Style {
    /// The Python package that generated code of this style imports from.
    pub(super) fn support(self) -> &'static str {
        match self {
            Self::Pydantic | Self::Dataclass | Self::TypedDict => {
                "sidecar_bridge.bindings.pydantic"
            }
            Self::Msgspec => "sidecar_bridge.bindings.msgspec",
        }
    }

    /// The module and the name of the function for constraints.
    pub(super) fn options(self) -> (&'static str, &'static str) {
        match self {
            Self::Pydantic | Self::Dataclass | Self::TypedDict => ("pydantic", "Field"),
            Self::Msgspec => ("msgspec", "Meta"),
        }
    }

    pub(super) fn is_pydantic(self) -> bool {
        self != Self::Msgspec
    }
}
