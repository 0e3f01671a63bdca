//! What serde never reads below a tag, in an untagged enum or in what is flattened: refused for arguments, and only for those.
#![allow(
    clippy::needless_pass_by_value,
    reason = "commands own what they are given"
)]

use std::{
    collections::{BTreeMap, HashMap},
    fmt::Debug,
};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use specta::Type;
use tauri::test::MockRuntime;
use tauri_plugin_sidecar_bridge::codegen::Style;
use tauri_specta::{Builder, Commands, Event, collect_commands, collect_events};

use crate::{directory, export, python};

macro_rules! types {
    ($($item:item)*) => { $(#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)] $item)* };
}

types! {
    struct Counts { counts: BTreeMap<u8, String> }
    #[serde(tag = "type")] enum Tagged { Of { counts: BTreeMap<u8, String> } }
    #[serde(tag = "type")] enum TaggedBelow { Of { below: Vec<Option<Counts>> } }
    #[derive(Event)] #[serde(tag = "type")] enum TaggedNewtype { Of(Counts) }
    #[serde(tag = "type")] enum TaggedGeneric { Of { pages: Pages<HashMap<i64, bool>> } }
    #[serde(tag = "type")] enum TaggedFlags { Of { flags: BTreeMap<bool, u8> } }
    #[serde(tag = "type", content = "content")] enum ContentFirst { Of(Counts) }
    #[serde(tag = "a", content = "b")] enum TagFirst { Of(Counts) }
    #[serde(untagged)] enum Untagged { Of(Counts), Text(String) }
    enum OneUntagged { Of(Counts), #[serde(untagged)] Text(String) }
    struct Flattened { own: BTreeMap<u8, u8>, #[serde(flatten)] counts: Counts }
    struct FlattenedOthers { #[serde(flatten)] others: BTreeMap<String, u128> }
    #[serde(tag = "type")] enum TaggedWide { Of { wide: Option<i128> } }
    #[serde(untagged)] enum UntaggedWide { Of(u128) }
    enum Parenthesized { Nothing(), Text(String) }
    #[serde(tag = "a", content = "b")] enum ParenthesizedContent { Nothing(), Text(String) }
    #[serde(tag = "type")] enum ParenthesizedBelow { Of { it: Parenthesized } }
    struct NotFlattened { own: BTreeMap<u8, u8>, #[serde(flatten)] rest: Rest }
    struct Rest { wide: u64, letters: BTreeMap<char, u8> }
    struct Pages<T> { pages: Vec<T> }
    struct Wide { wide: u128 }
}

fn counts() -> Counts {
    Counts {
        counts: [(1, "one".to_owned())].into(),
    }
}

/// Whether serde reads what it has written, as Tauri gives it to a command.
fn is_read<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) -> bool {
    let json = serde_json::to_value(value).expect("it is written");
    serde_json::from_value::<T>(json).is_ok_and(|read| read == *value)
}

fn exported(builder: &Builder<MockRuntime>) -> Result<(), String> {
    let file = directory("unreadable").join("bindings.py");
    let refused =
        export(builder, python(Style::Pydantic), &file).map_err(|error| error.to_string());
    refused.map_err(|message| message.replace(&format!("{}::", module_path!()), ""))
}

fn taking(commands: Commands<MockRuntime>) -> Result<(), String> {
    exported(&Builder::new().commands(commands))
}

const KEYS: &str = "Rust cannot read a map with integers or truth values as keys below a tag, in an untagged enum or in what \
    is flattened; use strings as keys, or a Vec of pairs";
const WIDE: &str = "Rust cannot read an integer of 128 bits below a tag, in an untagged enum or in what is flattened; use 64 \
    bits or a String";

/// A test for each type: the place in the message, the message, and a value that serde writes and does not read.
macro_rules! refused {
    ($($test:ident: $type:ty, $place:literal, $message:expr, $value:expr;)*) => {$(
        #[test]
        fn $test() {
            #[tauri::command]
            #[specta::specta]
            fn take(it: $type) -> bool { it == $value }
            assert!(!is_read::<$type>(&$value));
            let message = format!("{}, in argument `it` of command `take`: {}", $place, $message);
            assert_eq!(taking(collect_commands![take]), Err(message));
        }
    )*};
}

refused! {
    keys_below_a_tag: Tagged, "field `counts` of `Tagged::Of`", KEYS, Tagged::Of { counts: counts().counts };
    keys_further_below: TaggedBelow, "field `counts` of `Counts`", KEYS, TaggedBelow::Of { below: vec![Some(counts())] };
    keys_of_a_newtype: TaggedNewtype, "field `counts` of `TaggedNewtype::Of`", KEYS, TaggedNewtype::Of(counts());
    keys_of_a_parameter: TaggedGeneric, "field `pages` of `Pages`", KEYS,
        TaggedGeneric::Of { pages: Pages { pages: vec![[(1, true)].into()] } };
    truth_values_as_keys: TaggedFlags, "field `flags` of `TaggedFlags::Of`", KEYS, TaggedFlags::Of { flags: [(true, 1)].into() };
    content_before_the_tag: ContentFirst, "field `counts` of `Counts`", KEYS, ContentFirst::Of(counts());
    untagged: Untagged, "field `counts` of `Counts`", KEYS, Untagged::Of(counts());
    beside_an_untagged_variant: OneUntagged, "field `counts` of `Counts`", KEYS, OneUntagged::Of(counts());
    flattened: Flattened, "field `counts` of `Flattened`", KEYS, Flattened { own: BTreeMap::new(), counts: counts() };
    others: FlattenedOthers, "type `FlattenedOthers`", WIDE, FlattenedOthers { others: [("a".to_owned(), 1)].into() };
    wide_below_a_tag: TaggedWide, "field `wide` of `TaggedWide::Of`", WIDE, TaggedWide::Of { wide: Some(1) };
    wide_and_untagged: UntaggedWide, "type `UntaggedWide`", WIDE, UntaggedWide::Of(1);
}

#[test]
fn a_tuple_variant_without_fields() {
    #[tauri::command]
    #[specta::specta]
    fn take(it: Vec<Parenthesized>) {
        drop(it);
    }
    #[tauri::command]
    #[specta::specta]
    fn take_others(content: ParenthesizedContent, below: ParenthesizedBelow) {
        drop((content, below));
    }
    assert!(!is_read(&Parenthesized::Nothing()));
    let message = "type `Parenthesized::Nothing`, in argument `it` of command `take`: Rust cannot read a tuple variant without \
        fields; leave out its parentheses";
    assert_eq!(taking(collect_commands![take]), Err(message.to_owned()));
    let below = ParenthesizedBelow::Of {
        it: Parenthesized::Nothing(),
    };
    assert!(is_read(&ParenthesizedContent::Nothing()) && is_read(&below));
    assert_eq!(taking(collect_commands![take_others]), Ok(()));
}

#[test]
fn an_argument_of_128_bits() {
    #[tauri::command]
    #[specta::specta]
    fn take(it: u128) -> bool {
        it == 1
    }
    let message = "argument `it` of command `take`: Rust cannot read an integer of 128 bits that is an argument itself; \
        make it a field of a struct, or use 64 bits or a String";
    assert_eq!(taking(collect_commands![take]), Err(message.to_owned()));
}

#[test]
fn what_is_read_is_taken() {
    #[tauri::command]
    #[specta::specta]
    fn take(
        plain: Counts,
        tag_first: TagFirst,
        flat: NotFlattened,
        wide: Wide,
        maybe: Option<u128>,
    ) {
        drop((plain, tag_first, flat, wide, maybe));
    }
    let rest = Rest {
        wide: u64::MAX,
        letters: [('a', 1)].into(),
    };
    assert!(is_read(&NotFlattened {
        own: [(1, 1)].into(),
        rest
    }));
    assert!(is_read(&counts()) && is_read(&TagFirst::Of(counts())) && is_read(&Wide { wide: 1 }));
    assert_eq!(taking(collect_commands![take]), Ok(()));
}

#[test]
fn what_rust_only_gives_away_is_taken() {
    #[tauri::command]
    #[specta::specta]
    fn give(on_step: tauri::ipc::Channel<TaggedWide>) -> Result<Flattened, Untagged> {
        drop(on_step);
        Err(Untagged::Of(counts()))
    }
    let builder = Builder::new()
        .commands(collect_commands![give])
        .events(collect_events![TaggedNewtype])
        .typ::<UntaggedWide>();
    assert_eq!(exported(&builder), Ok(()));
}
