//! Commands whose names, arguments or documentation are awkward.

use std::collections::HashMap;

use serde_json::Value;

use crate::{
    documented::EmptyAndOld,
    enums::plain::Urgency,
    naming::{
        AVeryLongNameOfATypeThatDoesNotFitOnOneLineOfPythonTogetherWithAnythingElseThatStandsThereWithIt as Long,
        Awkward,
    },
    numbers::Integers,
    tasks::Task,
};

/// All of its arguments are keywords of Python or names of its own.
#[tauri::command]
#[specta::specta]
pub(crate) fn keywords(class: u8, from: u8, self_: u8, r#type: u8, import: Option<u8>) -> Vec<u8> {
    vec![class, from, self_, r#type, import.unwrap_or_default()]
}

#[tauri::command]
#[specta::specta]
pub(crate) fn builtins(
    list: Vec<u8>,
    str: String,
    dict: HashMap<String, i64>,
    int: i64,
    print: bool,
) -> (Vec<u8>, String) {
    drop((dict, int, print));
    (list, str)
}

/// Only the last arguments can have defaults.
#[tauri::command]
#[specta::specta]
pub(crate) fn optional_first(
    first: Option<u8>,
    second: u8,
    third: Option<u8>,
    fourth: Option<String>,
) -> (Option<u8>, u8, Option<u8>, Option<String>) {
    (first, second, third, fourth)
}

#[tauri::command]
#[specta::specta]
pub(crate) fn only_optional(first: Option<u8>, value: Option<Value>) -> bool {
    first.is_some() || value.is_some()
}

#[tauri::command]
#[specta::specta]
pub(crate) fn list() -> HashMap<String, Vec<Option<Task>>> {
    HashMap::new()
}

#[tauri::command]
#[specta::specta]
pub(crate) fn import() -> Option<i32> {
    Some(1)
}

#[tauri::command]
#[specta::specta]
pub(crate) fn print(value: Value) -> Value {
    value
}

/// Counts, as it did before
#[tauri::command]
#[specta::specta]
#[deprecated = "use `count`"]
pub(crate) fn old_count() -> Option<i32> {
    None
}

#[tauri::command]
#[specta::specta]
#[deprecated]
pub(crate) async fn older_count(of: Option<Urgency>) -> Result<u8, String> {
    of.map(|of| of as u8).ok_or_else(|| "of what?".into())
}

/// Its docs have a "quote", a \ backslash, three quotes """ and end with one"
///
/// ```
/// invoke("documented")
/// ```
#[tauri::command]
#[specta::specta]
pub(crate) fn documented() {}

#[tauri::command]
#[specta::specta]
pub(crate) fn with_many_arguments(
    first_argument_of_many: String,
    second_argument_of_many: String,
    third_argument_of_many: Vec<Urgency>,
    integers: Integers,
    awkward: Awkward,
) -> EmptyAndOld {
    drop((
        first_argument_of_many,
        second_argument_of_many,
        third_argument_of_many,
    ));
    drop((integers, awkward));
    EmptyAndOld {}
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn a_command_with_a_name_that_is_so_long_that_it_hardly_fits_on_one_line_of_python(
    an_argument_with_a_name_that_is_so_long_that_it_hardly_fits_on_one_line_of_python: Long,
) -> Long {
    an_argument_with_a_name_that_is_so_long_that_it_hardly_fits_on_one_line_of_python
}

/// Its name on the wire is no identifier.
#[tauri::command(rename = "say it aloud!")]
#[specta::specta]
pub(crate) fn say_it(text: String, times: usize) -> String {
    text.repeat(times.min(9))
}

/// Its arguments have their names in Rust, of which specta does not know.
#[tauri::command(rename_all = "snake_case")]
#[specta::specta]
pub(crate) fn named_as_in_rust(
    first_name: String,
    point_2d: Option<u8>,
    plain: Option<u8>,
) -> (String, Option<u8>, Option<u8>) {
    (first_name, point_2d, plain)
}

/// The same names, as Tauri has them by default.
#[tauri::command]
#[specta::specta]
pub(crate) fn named_as_in_javascript(
    first_name: String,
    point_2d: Option<u8>,
    plain: Option<u8>,
) -> (String, Option<u8>, Option<u8>) {
    (first_name, point_2d, plain)
}
