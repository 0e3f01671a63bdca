//! One of every kind of type and command that an app may have.
//!
//! Tests export it to Python and TypeScript, and run what they make of it.
#![allow(
    missing_docs,
    reason = "types without docs are among what is to be exported"
)]
#![allow(
    deprecated,
    reason = "deprecated items are among what is to be exported"
)]
#![allow(
    uncommon_codepoints,
    reason = "Python takes another letter for one of them"
)]

pub mod absence;
pub mod collections;
pub mod commands;
pub mod converted;
pub mod documented;
pub mod enums;
pub mod errors;
pub mod events;
pub mod flat;
pub mod foreign;
mod generate;
pub mod generics;
pub mod naming;
pub mod numbers;
pub mod pointers;
pub mod python_names;
pub mod samples;
pub mod structs;
pub mod tasks;
pub mod times;
pub mod twins;

use serde_json::json;
use tauri::Runtime;
use tauri_specta::{Builder, Events, collect_events};

use crate::{errors::Refusal, samples::Entry, structs::Point};

/// The gallery's commands, events, constants and types.
///
/// The app that runs it has to manage a [`commands::special::Calls`].
#[must_use]
pub fn builder<R: Runtime>() -> Builder<R> {
    builder_of(&samples::entries())
}

/// The same with these types only, beside those that commands and events mention.
///
/// Some have no form in TypeScript, and some none in one style of Python or the other. What is mentioned has all of them.
#[must_use]
pub fn builder_of<R: Runtime>(entries: &[Entry]) -> Builder<R> {
    let builder = Builder::new()
        .commands(commands::all())
        .events(events())
        .types(&samples::types(entries))
        // Without it there is no TypeScript for integers of 64 bits.
        .dangerously_cast_bigints_to_number();
    constants(builder)
}

fn events() -> Events {
    collect_events![
        events::Progress,
        events::FileChanged,
        events::MessageReceived,
        events::Counted,
        events::Finished,
        events::ThemeChanged,
        events::PointerMoved,
        events::Class,
    ]
}

/// One of each kind of JSON.
fn constants<R: Runtime>(builder: Builder<R>) -> Builder<R> {
    builder
        .constant("VERSION", env!("CARGO_PKG_VERSION"))
        .constant("maxRetries", 3)
        .constant("LARGEST", u64::MAX)
        .constant("SMALLEST", i64::MIN)
        .constant("TIMEOUT_SECONDS", 1.5)
        .constant("IS_PRERELEASE", true)
        .constant("NOTHING", ())
        .constant("LANGUAGES", ["de", "日本語", "\"'\\\n"])
        .constant("ORIGIN", Point { x: 0, y: -1 })
        .constant("DEFAULT_REFUSAL", Refusal { reason: String::new() })
        .constant("class", "a keyword")
        .constant("CONTRACT", "a name that the bindings have")
        .constant("2nd constant", json!({ "list": [1, null, { "deep": [[], {}] }], "$ref": 1e100, "a b": false }))
        .constant(
            "A_LONG_TEXT",
            "It is so long that it does not fit on a line of one hundred and twenty characters, and it stays whole all the same.",
        )
}
