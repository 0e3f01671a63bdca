//! An app with every type and kind of command that has a form in Python.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use serde::{Deserialize, Serialize};
use specta::Type;
use tauri::test::MockRuntime;
use tauri_specta::{Builder, Event, collect_commands, collect_events};

/// How urgent it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum Urgency {
    /// It can wait.
    NotToday,
    #[serde(rename = "it's \"now\"")]
    Now,
    #[serde(skip)]
    #[expect(dead_code, reason = "it is never made")]
    Hidden,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct UserId(pub String);

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Type)]
pub struct Numbers {
    pub small: (),
    pub i8: i8,
    pub i16: i16,
    pub i32: i32,
    pub i64: i64,
    pub u8: u8,
    pub u16: u16,
    pub u32: u32,
    pub u64: u64,
    pub single: f32,
    pub double: f64,
    pub letter: char,
    pub yes: bool,
    pub three: [u8; 3],
}

/// A task, and
/// what belongs to it.
///
/// Its docs have a "quote", a \ backslash, three quotes """ and a line that is so long that it does not fit, so that it has to be broken.
///   - an indented line
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Task {
    /// Who has it.
    pub owner_id: UserId,
    pub urgency: Urgency,
    pub due: Option<u32>,
    pub parent: Option<Box<Task>>,
    pub children: Vec<Task>,
    pub by_name: HashMap<String, Arc<Task>>,
    pub tags: BTreeSet<String>,
    /// Serde leaves it out, and takes its default, when it is not there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    #[serde(rename = "type")]
    pub kind: String,
    #[deprecated = "say it in \"note\""]
    pub remark: String,
    pub anything: serde_json::Value,
    pub perhaps: Option<serde_json::Value>,
    #[serde(skip)]
    pub cache: u8,
    pub project: Option<Project>,
}

/// In a circle with `Task`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct Project {
    pub tasks: Vec<Task>,
}

/// Names that Python, pydantic or the annotations need for themselves
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct Awkward {
    pub class: u8,
    pub r#async: u8,
    pub list: Vec<u8>,
    pub str: String,
    pub schema: String,
    pub model_config: String,
    pub model_dump_more: String,
    #[serde(rename = "$ref")]
    pub reference: String,
    #[serde(rename = "weird \"key\"")]
    pub weird_key: String,
    #[serde(
        default,
        rename = "aVeryLongNameThatIsNotTheShortOneThatPythonCouldHaveHad"
    )]
    pub long: BTreeMap<String, Vec<Option<Urgency>>>,
    #[deprecated = "it is so long that its options do not fit on the line of the field, and not on the next"]
    #[serde(default)]
    pub longer_than_a_line: BTreeMap<String, Vec<Option<Urgency>>>,
}

/// Holds
///
///     nothing that is not indented
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
#[deprecated = "there is nothing in it"]
pub struct Empty {}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
#[deprecated]
pub struct Unit;

#[derive(Debug, Clone, Serialize, Deserialize, Type, Event)]
pub struct Progress {
    pub percent: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub enum TaskError {
    NotFound,
    Locked,
}

/// Why nothing was stored
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct Refusal {
    pub reason: String,
}

#[tauri::command]
#[specta::specta]
fn ping() {}

/// Finds tasks.
///
/// The best ones first; it "ends"
#[tauri::command]
#[specta::specta]
async fn find_tasks(search_text: String, limit: Option<u32>) -> Result<Vec<Task>, TaskError> {
    Err(TaskError::NotFound).inspect_err(|_: &TaskError| drop((search_text, limit)))
}

#[tauri::command]
#[specta::specta]
fn store(first: Option<String>, task: Task, r#class: Option<Urgency>) -> Result<(), Refusal> {
    drop((task, r#class));
    first.map(drop).ok_or_else(|| Refusal {
        reason: "it is not the first".into(),
    })
}

#[tauri::command]
#[specta::specta]
fn count(of: Urgency) -> Result<u64, String> {
    match of {
        Urgency::Hidden => Err("nobody may count them".into()),
        shown => Ok(shown as u64),
    }
}

/// Counts, as it did before
#[tauri::command]
#[specta::specta]
#[deprecated = "use `count`"]
fn old_count() -> Option<i32> {
    None
}

#[tauri::command]
#[specta::specta]
fn list() -> HashMap<String, Vec<Option<Task>>> {
    HashMap::new()
}

#[tauri::command]
#[specta::specta]
fn echo(value: serde_json::Value) -> serde_json::Value {
    value
}

#[tauri::command]
#[specta::specta]
fn with_many_arguments(
    first_argument_of_many: String,
    second_argument_of_many: String,
    third_argument_of_many: Vec<Urgency>,
    numbers: Numbers,
    awkward: Awkward,
) -> Empty {
    drop((
        first_argument_of_many,
        second_argument_of_many,
        third_argument_of_many,
    ));
    drop((numbers, awkward));
    Empty {}
}

/// Only types.
pub fn types_only() -> Builder<MockRuntime> {
    Builder::new().typ::<TaskError>()
}

/// Only one command of a plugin, and no type of its own.
pub fn command_only() -> Builder<MockRuntime> {
    let commands = collect_commands![ping];
    Builder::new().plugin_name("tasks").commands(commands)
}

/// The gallery's commands, events and types.
pub fn builder() -> Builder<MockRuntime> {
    Builder::new()
        .commands(collect_commands![
            ping,
            find_tasks,
            store,
            count,
            old_count,
            list,
            echo,
            with_many_arguments
        ])
        .events(collect_events![Progress])
        .typ::<Unit>()
        .disable_serde_phases()
}
