//! The types with a form in Python, and how to make JSON of them and read it again.

use std::any::type_name;

use arbitrary::{Arbitrary, Error, Result as Generated, Unstructured};
use serde::{Serialize, de::DeserializeOwned};
use specta::{Type, Types};

use crate::{
    absence, collections, converted, documented,
    enums::{adjacent, external, internal, plain, untagged},
    errors, events, flat, foreign, generics, naming, numbers, pointers, python_names,
    structs::{self, Point},
    tasks, times,
    twins::{left, right},
};

/// Values that nest deeper than this are not made: serde reads 128 levels, and pydantic fewer.
const DEPTH: usize = 60;

/// Who reads what Rust has written of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Rust too.
    Both,
    /// Only others, as Rust itself reads other names than it writes. What they write of it Rust reads.
    Renamed,
    /// Only others: Rust refuses what it writes, such as null for NaN.
    Out,
}

/// A type of the gallery.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// Its path in Rust, with its arguments.
    pub name: &'static str,
    /// What it is in Python, as an expression in the module of the bindings.
    pub python: &'static str,
    pub way: Way,
    /// Makes JSON of a value.
    pub generate: fn(&mut Unstructured<'_>) -> Generated<String>,
    /// Reads JSON as the type, and writes it again; or says why serde refuses it.
    pub check: fn(&str) -> Result<String, String>,
    /// Collects the type for an export.
    pub collect: fn(&mut Types),
    /// Whether two texts are JSON of equal values.
    pub same: fn(&str, &str) -> Result<bool, String>,
}

impl Entry {
    fn new<T>(python: &'static str, way: Way) -> Self
    where
        T: Serialize + DeserializeOwned + Type + PartialEq + for<'a> Arbitrary<'a>,
    {
        Self {
            name: type_name::<T>(),
            python,
            way,
            generate: |u| match write(&T::arbitrary(u)?) {
                Ok(json) if depth(&json) <= DEPTH => Ok(json),
                _ => Err(Error::IncorrectFormat),
            },
            check: |json| read::<T>(json).and_then(|value| write(&value)),
            collect: |types| {
                types.register_mut::<T>();
            },
            same: |one, other| Ok(read::<T>(one)? == read::<T>(other)?),
        }
    }
}

fn read<T: DeserializeOwned>(json: &str) -> Result<T, String> {
    serde_json::from_str(json).map_err(|error| error.to_string())
}

fn write<T: Serialize>(value: &T) -> Result<String, String> {
    serde_json::to_string(value).map_err(|error| error.to_string())
}

/// How deep the objects and lists of JSON are within each other.
fn depth(json: &str) -> usize {
    let (mut depth, mut deepest) = (0, 0);
    let (mut is_text, mut is_escaped) = (false, false);
    for byte in json.bytes() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => is_text = !is_text,
            b'[' | b'{' if !is_text => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !is_text => depth -= 1,
            _ => {}
        }
    }
    deepest
}

/// Bytes to make values of, the same ones for each seed: any, with text between them.
#[must_use]
pub fn stream(seed: u64, length: usize) -> Vec<u8> {
    const TEXTS: [&str; 8] = [
        "hello world",
        "\"'\\/\u{8}\u{c}\n\r\t\0\u{7f}",
        "größe",
        "日本語",
        "\u{1f41b}\u{1f468}\u{200d}\u{1f469}",
        "e\u{301}\u{2028}\u{feff}\u{202e}",
        "\u{d7ff}\u{e000}\u{10ffff}",
        "$ref {} %s <a>",
    ];
    // Numbers as xorshift64* makes them.
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = move || {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32
    };
    let mut bytes = Vec::new();
    while bytes.len() < length {
        let [choice, a, b, c, ..] = (next() | next() << 32).to_le_bytes();
        match choice {
            0..64 => bytes.extend_from_slice(TEXTS[usize::from(choice % 8)].as_bytes()),
            64..96 => bytes.extend_from_slice(&[0, a & 1, 0xff]),
            _ => bytes.extend_from_slice(&[a, b, c]),
        }
    }
    bytes.truncate(length);
    bytes
}

/// Every type with samples.
#[must_use]
pub fn entries() -> Vec<Entry> {
    let mut entries = typescript_entries();
    entries.extend(other_entries());
    entries
}

/// Their types, for a builder.
#[must_use]
pub fn types(entries: &[Entry]) -> Types {
    let mut types = Types::default();
    for entry in entries {
        (entry.collect)(&mut types);
    }
    types
}

/// Lists types by their modules. Those of `Way::Both` have no word in front; what is not a class's name in Python follows.
macro_rules! gallery {
    (@way) => { Way::Both };
    (@way $way:ident) => { Way::$way };
    (@python $name:ident) => { stringify!($name) };
    (@python $name:ident $python:literal) => { $python };
    (
        $(#[$attribute:meta])*
        $entries:ident
        $($module:ident { $($([$way:ident])? $name:ident $(<$($argument:ty),+>)? $(= $python:literal)?,)* })*
    ) => {
        $(#[$attribute])*
        #[must_use]
        pub fn $entries() -> Vec<Entry> {
            vec![$($(
                Entry::new::<$module::$name $(<$($argument),+>)?>(
                    gallery!(@python $name $($python)?),
                    gallery!(@way $($way)?),
                ),
            )*)*]
        }
    };
}

gallery! {
    /// Those that specta has no TypeScript for.
    other_entries
    collections { ByLargeNumber, }
    plain { Nameless, }
    structs { SaysAnotherName = "AnotherName", }
}

gallery! {
    /// Those that specta has TypeScript for.
    typescript_entries
    absence { Nullable, LeftOut, Patch, Defaults, Settings, Cached, Login, Draft, Whatever, }
    collections { Lists, Arrays, Tuples, Sets, ByText, ByNumber, ByOther, Inventory, Path, Tags, Color, }
    converted {
        Transparent, TransparentText, Celsius, Vector, NotEmpty, Switch, Outcomes, Holder, AsText, Inlined,
    }
    documented { Quotes, Markdown, Foreign, LongWords, EmptyAndOld, OldUnit, Old, Ages, OldAges, }
    adjacent { Packet, Setting, OddPackets, OpenPacket, KeywordPacket, Steps, OnlySignals, }
    external {
        Mouse, Cell, OddVariants, Parenthesized, Renamed, OnlyNewtypes, OnlyOne, PartlySkipped, [Out] OneDirection, WithRest, KeywordVariants,
    }
    internal {
        Shape, Message, Extensible, Layers, NumbersByName, OnlyUnits, OnlyOneKind, StrictCommand, AwkwardTag, Branches,
    }
    plain {
        Urgency, Only, Numbered, Spelling, Format, Words, SignNames, Länge,
        Lower, Upper, Pascal, Camel, Snake, ScreamingSnake, Kebab, ScreamingKebab,
    }
    untagged { Scalar, Key, Figure, Answers, TaggedOrNot, OnlyOneForm, Shouted, }
    errors { TaskError, Refusal, DrawError, StorageError, ParseFailure, AnyError, Code, }
    events { Progress, FileChanged, MessageReceived, Counted, Finished, ThemeChanged, PointerMoved, Class, }
    flat {
        Metadata, Article, Magazine, PerhapsPlaced, PerhapsBoth, PerhapsSent, Somewhere, Pinned, Envelope, Parcel, Chosen, Scores, Open, OpenValue, OnlyOthers, Record,
        Twofold, Boxed,
    }
    foreign { Identifiers, TaskId, Addresses, Link, Blobs, Blob, Json, Anything, }
    generics {
        Page<u8> = "Page[U8]",
        Page<Point> = "Page[Point]",
        Page<generics::Page<String>> = "Page[Page[str]]",
        Both<u8, Option<Point>> = "Both[U8, Point | None]",
        Both<String, Vec<bool>> = "Both[str, list[Bool]]",
        Perhaps<u32> = "Perhaps[U32]",
        Library<i64> = "Library[I64]",
        Either<u8, Point> = "Either[U8, Point]",
        Either<String, generics::Page<bool>> = "Either[str, Page[Bool]]",
        Loaded<String> = "Loaded[str]",
        Loaded<Point> = "Loaded[Point]",
        OneOrMany<Point> = "OneOrMany[Point]",
        Change<i32> = "Change[I32]",
        Change<Option<String>> = "Change[str | None]",
        Wrapper<Vec<u8>> = "list[U8]",
        Twice<bool> = "tuple[Bool, Bool]",
        Node<char> = "Node[Char]",
        Labelled<Point> = "Labelled[Point]",
        Id<Point> = "Id",
        Marked,
        ByKey<u8, Point> = "ByKey[U8, Point]",
        ByKey<String, bool> = "ByKey[str, Bool]",
        OrText<String> = "OrText[str]",
        AtMostThree = "AtMost",
        Uses,
    }
    naming {
        LowerFields, UpperFields, PascalFields, CamelFields, SnakeFields, ScreamingSnakeFields, KebabFields,
        ScreamingKebabFields, Awkward, Keywords, Builtins, ModelAttributes, Signs, Escapes, Alike, [Renamed] Directed, Aliased,
        AVeryLongNameOfATypeThatDoesNotFitOnOneLineOfPythonTogetherWithAnythingElseThatStandsThereWithIt,
        lower_case = "LowerCase",
        Größe,
        TypeAdapter = "FormField",
    }
    numbers {
        Integers, Wide, WideButSmall, NeverZero, Fractions, [Out] AnyFractions, Atoms, Bounds, Count, Huge, Ratio, Letter,
    }
    pointers { Pointers, Chain, Tree, Directory, Drawer, Folder, Expression, Filter, Document, Forest, Trie, }
    python_names {
        Field, BaseModel, Annotated, Literal, UUID, JsonValue, U16, Enum, TypeVar,
        Commands = "PythonNamesCommands",
        Events = "PythonNamesEvents",
        Exception = "PythonNamesException",
        ValueError = "PythonNamesValueError",
        None = "PythonNamesNone",
    }
    structs {
        Point, Line, UserId, Meters, Place, PlaceOfPlace, Nickname, Named, Mixed, NestedTuples, TupleOfOne,
        NewtypeOfTuple, TupleOfNone, TupleWithSecret, Unit, Empty, NewtypeOfUnit, HoldsUnits, SaysItsName,
        Strict, LongTuple,
    }
    tasks { Task, Project, }
    times { Std, Chrono, Time, Jiff, JiffSpan, Moment, Birthday, Timeout, Schedule, }
    left { Item = "LeftItem", Inner = "LeftInner", }
    right { Item = "RightItem", Inner = "RightInner", }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(entry: &Entry) -> impl Iterator<Item = String> {
        let streams =
            (0..300).map(|seed| stream(seed, 40 + 7 * usize::try_from(seed).expect("it is small")));
        let values = streams.map(|bytes| (entry.generate)(&mut Unstructured::new(&bytes)));
        values.filter_map(Result::ok)
    }

    #[test]
    fn every_sample_survives_serde() {
        for entry in entries() {
            let name = entry.name;
            let mut made = 0;
            for json in values(&entry) {
                made += 1;
                if entry.way != Way::Both {
                    continue;
                }
                let again =
                    (entry.check)(&json).unwrap_or_else(|error| panic!("{name}: {error}: {json}"));
                assert_eq!(
                    (entry.same)(&json, &again),
                    Ok(true),
                    "{name}: {json} became {again}"
                );
            }
            assert!(made > 100, "{name}: only {made} values");
        }
    }

    #[test]
    fn what_rust_does_not_read_again_is_marked() {
        for entry in entries() {
            let is_refused = values(&entry).any(|json| (entry.check)(&json).is_err());
            assert_eq!(is_refused, entry.way != Way::Both, "{}", entry.name);
        }
    }

    #[test]
    fn no_two_entries_are_of_one_type() {
        let mut names: Vec<&str> = entries().iter().map(|entry| entry.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), entries().len());
    }
}
