//! What has no form in Python: each is an error that names it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use specta::Type;
use tauri::{ipc::Channel, test::MockRuntime};
use tauri_plugin_sidecar_bridge::codegen::Python;
use tauri_specta::{Builder, BuilderConfiguration, Commands, LanguageExt, collect_commands};

/// Renders without writing, and gives the error's text.
struct Refusal<'a>(&'a mut String);

impl LanguageExt for Refusal<'_> {
    type Error = std::io::Error;

    fn export(
        self,
        configuration: &BuilderConfiguration,
        _: &std::path::Path,
    ) -> Result<(), std::io::Error> {
        let error = Python::default()
            .render(configuration)
            .expect_err("it has no form");
        *self.0 = error.to_string();
        Ok(())
    }
}

fn message(builder: &Builder<MockRuntime>) -> String {
    let mut text = String::new();
    builder
        .export(Refusal(&mut text), "unused")
        .expect("nothing is written");
    text
}

fn type_message<T: Type>() -> String {
    message(&Builder::new().typ::<T>())
}

fn command_message(commands: Commands<MockRuntime>) -> String {
    message(&Builder::new().commands(commands))
}

/// A test per type: its definition, and what its refusal says.
macro_rules! refused {
    ($($test:ident: $item:item => $message:literal;)*) => {$(
        #[test]
        fn $test() {
            #[derive(Serialize, Deserialize, Type)]
            $item
            assert_eq!(type_message::<Refused>(), $message.replace("HERE", module_path!()));
        }
    )*};
}

refused! {
    a_tuple: struct Refused { pair: (u8, String) } =>
        "field `pair` of `HERE::Refused`: a tuple has no form in Python yet; use a struct with named fields";
    a_tuple_struct: struct Refused(u8, u8); =>
        "type `HERE::Refused`: a tuple has no form in Python yet; use a struct with named fields";
    a_newtype_of_a_tuple: struct Refused((u8, u8)); =>
        "type `HERE::Refused`: a tuple has no form in Python yet; use a struct with named fields";
    a_variant_with_a_value: enum Refused { Plain, Full(String) } =>
        "variant `Full` of type `HERE::Refused`: a variant that is not a plain string in JSON has no form in Python \
         yet; use variants without fields, not tagged and not untagged";
    no_variants: enum Refused {} =>
        "type `HERE::Refused`: an enum without variants has no form in Python yet; give it one";
    integer_keys: struct Refused { by_number: BTreeMap<u8, u8> } =>
        "field `by_number` of `HERE::Refused`: a map whose keys are not strings has no form in Python yet; \
         use String keys or a Vec of a struct";
    a_huge_integer: struct Refused { huge: u128 } =>
        "field `huge` of `HERE::Refused`: the type `u128` has no form in Python yet; \
         use one of at most 64 bits, or a String";
    a_result_in_a_field: struct Refused { outcome: Result<u8, String> } =>
        "field `outcome` of `HERE::Refused`: a Result that is not what a command returns has no form in Python yet; \
         use an Option";
    a_newtype_of_itself: struct Refused(Vec<Refused>); =>
        "type `HERE::Refused`: `HERE::Refused`, a newtype that holds itself, has no form in Python yet; \
         use a struct with named fields";
    two_names_for_one: struct Refused { #[serde(rename = "aB")] one: u8, a_b: u8 } =>
        "type `HERE::Refused`: `aB` and `a_b` are both `a_b` in Python; rename one";
    no_identifier: struct Refused { #[serde(rename = "1st")] first: u8 } =>
        "type `HERE::Refused`: the name `1st` gives no identifier in Python; rename it";
}

#[derive(Serialize, Deserialize, Type)]
struct Tagged {
    #[serde(flatten)]
    inner: Inner,
    own: u8,
}

#[derive(Serialize, Deserialize, Type)]
struct Inner {
    other: u8,
}

#[test]
fn a_flattened_field() {
    let message = type_message::<Tagged>();
    assert!(
        message.contains("refused::Tagged`: a struct with #[serde(flatten)]"),
        "{message}"
    );
}

#[derive(Serialize, Deserialize, Type)]
#[serde(tag = "kind")]
enum Shape {
    Point,
}

#[derive(Serialize, Deserialize, Type)]
#[serde(untagged)]
enum Untagged {
    Nothing,
}

#[test]
fn tagged_and_untagged_enums() {
    for message in [type_message::<Shape>(), type_message::<Untagged>()] {
        assert!(
            message.contains("a variant that is not a plain string in JSON"),
            "{message}"
        );
    }
}

#[derive(Serialize, Deserialize, Type)]
struct Page<T> {
    items: Vec<T>,
}

#[tauri::command]
#[specta::specta]
fn page() -> Page<u8> {
    Page { items: vec![] }
}

#[test]
fn a_generic_type() {
    let message = command_message(collect_commands![page]);
    assert!(
        message.contains("the generic type `codegen::refused::Page`"),
        "{message}"
    );
}

#[tauri::command]
#[specta::specta]
fn watch(on_change: Channel<u8>) {
    drop(on_change);
}

#[test]
fn a_channel() {
    let message = command_message(collect_commands![watch]);
    let expected = "argument `on_change` of command `watch`: a Channel has no form in Python yet; emit events instead";
    assert_eq!(message, expected);
}

#[tauri::command]
#[specta::specta]
fn both() -> (u8, u8) {
    (0, 0)
}

#[tauri::command]
#[specta::specta]
fn fails() -> Result<(), (u8, u8)> {
    Err((0, 0))
}

#[test]
fn results_and_errors_of_commands() {
    let message = command_message(collect_commands![both]);
    assert!(
        message.starts_with("the result of command `both`: a tuple"),
        "{message}"
    );
    let message = command_message(collect_commands![fails]);
    assert!(
        message.starts_with("the error of command `fails`: a tuple"),
        "{message}"
    );
}

mod other {
    #[derive(serde::Serialize, serde::Deserialize, specta::Type)]
    pub struct Inner {
        pub other: u8,
    }
}

#[test]
fn one_name_for_two_types() {
    assert_eq!(
        message(&Builder::new().typ::<Inner>().typ::<other::Inner>()),
        "two types are called `Inner` in Python: `codegen::refused::Inner` and `codegen::refused::other::Inner`; \
         rename one with #[serde(rename = \"...\")]"
    );
}

#[derive(Serialize, Deserialize, Type)]
struct Field {
    a: u8,
}

#[derive(Serialize, Deserialize, Type)]
#[serde(rename = "FormField")]
struct TypeAdapter {
    a: u8,
}

#[test]
fn a_name_of_the_module() {
    assert_eq!(
        type_message::<Field>(),
        "type `codegen::refused::Field`: the name `Field` is one that the generated module uses itself; rename it"
    );
}

#[derive(Serialize, Deserialize, Type)]
struct Directed {
    #[serde(rename(serialize = "out", deserialize = "in"))]
    way: u8,
}

#[test]
fn names_that_differ_by_direction() {
    assert_eq!(
        type_message::<Directed>(),
        "no one shape of JSON serves both directions: incompatible field key for 'Directed.way' in unified mode: \
         serialize=Some(\"out\"), deserialize=Some(\"in\"); give it one, or use one type for each direction"
    );
}

#[derive(Serialize, Deserialize, Type)]
struct Outage {
    reason: String,
}

#[derive(Serialize, Deserialize, Type)]
struct OutageCommandError {
    reason: String,
}

#[tauri::command]
#[specta::specta]
fn clash() -> Result<OutageCommandError, Outage> {
    Err(Outage {
        reason: String::new(),
    })
}

#[test]
fn a_type_called_as_an_exception() {
    let message = command_message(collect_commands![clash]);
    assert!(
        message.starts_with("two types are called `OutageCommandError` in Python: "),
        "{message}"
    );
}

#[tauri::command]
#[specta::specta]
#[allow(non_snake_case, reason = "it is to look like the other one")]
fn findAll() {}

#[tauri::command]
#[specta::specta]
fn find_all() {}

#[test]
fn one_name_for_two_commands() {
    assert_eq!(
        command_message(collect_commands![find_all, findAll]),
        "the app's commands: `find_all` and `findAll` are both `find_all` in Python; rename one"
    );
}

#[test]
fn a_renamed_type_is_taken() {
    let builder = Builder::<MockRuntime>::new().typ::<TypeAdapter>();
    let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("codegen/renamed.py");
    builder
        .export(Python::default(), &file)
        .expect("its name in JSON is free");
    let text = std::fs::read_to_string(file).expect("it was written");
    assert!(text.contains("class FormField(_Model):"), "{text}");
}
