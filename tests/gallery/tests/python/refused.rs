//! What has no form in Python: an error that names the type, the field and the way out.
#![allow(dead_code, reason = "the types are there to be exported")]

use std::collections::{BTreeMap, HashMap};

use gallery::{generics::Page, structs::Point};
use serde::{Deserialize, Serialize};
use specta::Type;
use tauri::test::MockRuntime;
use tauri_plugin_sidecar_bridge::codegen::Style;
use tauri_specta::Builder;

use crate::{directory, export, python};

macro_rules! types {
    ($($item:item)*) => { $(#[derive(Clone, Serialize, Deserialize, Type)] $item)* };
}

types! {
    enum DirectedVariants { #[serde(rename(serialize = "a", deserialize = "b"))] One, Two }
    enum NoVariants {}
    struct FlatParameter<T> { own: u8, #[serde(flatten)] inner: T }
    struct Toml { value: Vec<toml::Value> }
    struct TomlDate { date: toml::value::Datetime }
    struct YamlNumber { number: serde_yaml::Number }
    struct YamlTagged { tagged: Box<serde_yaml::value::TaggedValue> }
    struct Terminated { text: std::ffi::CString }
    struct OfTheSystem { text: Option<std::ffi::OsString> }
    struct FlatTuple { own: u8, #[serde(flatten)] pair: (u8, u8) }
    struct TwoMaps { #[serde(flatten)] one: HashMap<String, u8>, #[serde(flatten)] other: HashMap<String, u8> }
    struct WithinItself { own: u8, #[serde(flatten)] inner: Option<Box<WithinItself>> }
    struct OptionalKeys { keys: BTreeMap<Option<String>, u8> }
    struct InlinedTwice { #[specta(inline)] one: Page<u8>, #[specta(inline)] other: Page<Point> }
    struct Hidden { shown: u8, #[specta(skip)] #[serde(default)] hidden: u8 }
    #[serde(from = "u8")] struct OnlyFrom { own: u8 }
    #[serde(into = "u8")] struct OnlyInto { own: u8 }
}

impl From<u8> for OnlyFrom {
    fn from(own: u8) -> Self {
        Self { own }
    }
}

impl From<OnlyInto> for u8 {
    fn from(only: OnlyInto) -> Self {
        only.own
    }
}

fn message(builder: &Builder<MockRuntime>) -> String {
    let file = directory("refused").join("bindings.py");
    let refusal = export(builder, python(Style::Pydantic), &file);
    refusal.expect_err("it has no form").to_string()
}

fn type_message<T: Type>() -> String {
    message(&Builder::new().typ::<T>())
}

/// The messages by what is refused.
macro_rules! refused {
    ($($test:ident: $type:ty => $message:literal;)*) => {$(
        #[test]
        fn $test() {
            assert_eq!(type_message::<$type>().replace(&format!("{}::", module_path!()), ""), $message);
        }
    )*};
}

refused! {
    variants_with_a_name_for_each_direction: DirectedVariants => "variant `One` of type `DirectedVariants`: a variant whose name differs by direction has no form in Python; give it one name";
    no_variants: NoVariants => "type `NoVariants`: an enum without variants has no form in Python; give it one";
    a_flattened_parameter: FlatParameter<Point> => "field `inner` of `FlatParameter`: a type parameter that is flattened has no form in Python; flatten a struct, an enum with tags or a map with string keys";
    a_tuple_that_is_flattened: FlatTuple => "invalid `#[serde(flatten)]` target at 'FlatTuple.pair': serde can only flatten structs and maps, but this field's type serializes as a sequence, tuple, or scalar value";
    two_maps: TwoMaps => "field `other` of `TwoMaps`: a second map that is flattened has no form in Python; flatten one map at most";
    flattened_within_itself: WithinItself => "field `inner` of `WithinItself`: a type within itself that is flattened has no form in Python; flatten a struct, an enum with tags or a map with string keys";
    keys_that_may_be_null: OptionalKeys => "field `keys` of `OptionalKeys`: a map whose keys are neither strings, integers, booleans nor plain enums has no form in Python; use such keys, or a Vec of pairs";
    one_type_inlined_in_two_ways: InlinedTwice => "type `gallery::generics::Page`: a type that is inlined with several type parameters has no form in Python; leave out #[specta(inline)]";
    hidden_from_specta_and_not_from_serde: Hidden => "field `hidden` of `Hidden`: a field that is hidden from specta has no form in Python; skip it with serde";
    toml: Toml => "field `value` of `Toml`: `toml::Value`, which takes no null, and whose dates are objects of its own, has no form in Python; convert it into serde_json::Value, or say #[specta(type = serde_json::Value)] if any JSON will do";
    a_date_of_toml: TomlDate => "field `date` of `TomlDate`: `toml::value::Datetime`, which is an object of toml's own, has no form in Python; convert it into serde_json::Value, or say #[specta(type = serde_json::Value)] if any JSON will do";
    a_number_of_yaml: YamlNumber => "field `number` of `YamlNumber`: `serde_yaml::Number`, which is null for NaN, has no form in Python; convert it into serde_json::Value, or say #[specta(type = serde_json::Value)] if any JSON will do";
    a_tag_of_yaml: YamlTagged => "field `tagged` of `YamlTagged`: `serde_yaml::value::TaggedValue`, whose tag is a key, has no form in Python; convert it into serde_json::Value, or say #[specta(type = serde_json::Value)] if any JSON will do";
    text_of_c: Terminated => "field `text` of `Terminated`: `std::ffi::CString`, which is an array of bytes, has no form in Python; use String, PathBuf or Vec<u8>";
    text_of_the_system: OfTheSystem => "field `text` of `OfTheSystem`: `std::ffi::OsString`, which differs by system, has no form in Python; use String, PathBuf or Vec<u8>";
    converted_from_only: OnlyFrom => "type `OnlyFrom`: a type that #[serde(from)] or #[serde(into)] makes differ by direction has no form in Python; convert it both ways, from and into the same type";
    converted_into_only: OnlyInto => "type `OnlyInto`: a type that #[serde(from)] or #[serde(into)] makes differ by direction has no form in Python; convert it both ways, from and into the same type";
}
