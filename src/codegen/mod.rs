#![doc = include_str!("../../docs/bindings.md")]
#![expect(
    clippy::format_push_string,
    reason = "the text is short, and `write!` into a string has a result that nobody can use"
)]

mod annotations;
mod commands;
mod definitions;
mod document;
mod enums;
mod error;
mod events;
mod export;
mod layout;
mod module;
mod msgspec;
mod names;
mod options;
mod parts;
mod pydantic;
mod read;
mod reader;
mod records;
mod rust;
mod schema;
mod serde;
mod types;
mod unreadable;
mod writer;

pub use self::{
    error::Error,
    export::contract,
    options::{Casing, Layout, Python, Style},
};
