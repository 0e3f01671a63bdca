//! Python and serde agree: on what a value is in JSON, in both directions, and on what is none.

use arbitrary::Unstructured;
use gallery::samples::{Entry, Way, stream};
use serde_json::{Value, json};

use tauri_plugin_sidecar_bridge::codegen::Style;

use crate::{JUDGED, STYLES, exported, here, run};

/// How many values of each type; the seed differs from run to run, and is told when a value fails.
const VALUES: usize = 60;

/// One type with its samples.
struct Sample {
    entry: Entry,
    texts: Vec<String>,
}

fn samples(entries: &[Entry], seed: u64) -> Vec<Sample> {
    let make = |entry: &Entry| {
        let streams = (0..).map(|index| {
            stream(
                seed.wrapping_add(index),
                40 + 9 * usize::try_from(index % 200).unwrap_or(0),
            )
        });
        let values =
            streams.filter_map(|bytes| (entry.generate)(&mut Unstructured::new(&bytes)).ok());
        Sample {
            entry: *entry,
            texts: values.take(VALUES).collect(),
        }
    };
    entries.iter().map(make).collect()
}

fn seed() -> u64 {
    let chosen = std::env::var("GALLERY_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok());
    chosen.unwrap_or_else(|| u64::from(std::process::id()))
}

/// What Python answers to each request.
fn ask(index: usize, directory: &str, requests: impl Iterator<Item = Value>) -> Vec<Vec<Value>> {
    let lines: Vec<String> = requests.map(|request| request.to_string()).collect();
    let library = if STYLES[index].1 == Style::Msgspec {
        "msgspec"
    } else {
        "pydantic"
    };
    let script = here("tests/python/round_trip.py").display().to_string();
    let answers = run(
        "python",
        &["-W", "error", &script, directory, library],
        &lines.join("\n"),
    );
    let answers = answers
        .lines()
        .map(|line| serde_json::from_str(line).expect("it answers in JSON"));
    let answers: Vec<Vec<Value>> = answers.collect();
    assert_eq!(answers.len(), lines.len());
    answers
}

fn is_same(one: &str, other: &str) -> bool {
    let parse = |text| serde_json::from_str::<Value>(text).ok();
    parse(one) == parse(other)
}

fn agrees(index: usize) {
    let seed = seed();
    let directory = exported("agreement", index).display().to_string();
    let mut taken = JUDGED[index].taken.clone();
    if STYLES[index].1 == Style::Msgspec {
        // It has no float for the null that Rust writes for NaN.
        taken.retain(|entry| entry.python != "AnyFractions");
    }
    let samples = samples(&taken, seed);
    let requests = samples
        .iter()
        .map(|sample| json!({ "type": sample.entry.python, "texts": sample.texts }));
    let answers = ask(index, &directory, requests);
    let mut back = Vec::new();
    for (Sample { entry, texts }, answers) in samples.iter().zip(answers) {
        let mut pairs = Vec::new();
        for (text, answer) in texts.iter().zip(answers) {
            let name = entry.name;
            let Some(written) = answer["written"].as_str() else {
                panic!(
                    "GALLERY_SEED={seed}: {name}: Python refuses {text}: {}",
                    answer["refused"]
                );
            };
            if entry.way == Way::Out {
                continue;
            }
            let read = (entry.check)(written);
            let read = read.unwrap_or_else(|error| {
                panic!("GALLERY_SEED={seed}: {name}: {text} became {written}: {error}")
            });
            if entry.way == Way::Both {
                let same = (entry.same)(text, written);
                assert_eq!(
                    same,
                    Ok(true),
                    "GALLERY_SEED={seed}: {name}: {text} became {written}"
                );
            }
            // What Rust does not read again, such as a field that it skips, is not for Python to give back.
            if (entry.check)(text).is_ok_and(|again| is_same(text, &again)) {
                pairs.push([text.clone(), read]);
            }
        }
        back.push((entry, pairs));
    }
    let requests = back
        .iter()
        .map(|(entry, pairs)| json!({ "type": entry.python, "pairs": pairs }));
    for ((entry, pairs), answers) in back.iter().zip(ask(index, &directory, requests)) {
        for (pair, answer) in pairs.iter().zip(answers) {
            assert_eq!(
                answer, true,
                "GALLERY_SEED={seed}: {}: {pair:?} are two values to Python",
                entry.name
            );
        }
    }
}

#[test]
fn pydantic_models_agree_with_serde() {
    agrees(0);
}

#[test]
fn dataclasses_agree_with_serde() {
    agrees(1);
}

#[test]
fn typed_dicts_agree_with_serde() {
    agrees(2);
}

#[test]
fn msgspec_structs_agree_with_serde() {
    agrees(3);
}

/// Values that differ from a valid one in one place.
fn spoilt(value: &Value) -> Vec<Value> {
    let others = [
        json!(null),
        json!(true),
        json!(-1),
        json!(1.5),
        json!(1e40),
        json!("x"),
        json!(""),
        json!([]),
        json!({}),
        json!([null]),
        json!({ "other": 1 }),
        json!(u64::MAX),
        json!(i64::MIN),
        json!("2024-13-01"),
    ];
    let mut spoilt: Vec<Value> = others.into_iter().filter(|other| other != value).collect();
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate().take(3) {
                spoilt.extend(self::spoilt(item).into_iter().take(8).map(|other| {
                    let mut items = items.clone();
                    items[index] = other;
                    items.into()
                }));
            }
            spoilt.push(items.iter().skip(1).cloned().collect());
            spoilt.push(items.iter().cloned().chain([json!(0)]).collect());
        }
        Value::Object(members) => {
            for (name, member) in members.iter().take(12) {
                spoilt.extend(self::spoilt(member).into_iter().take(10).map(|other| {
                    let mut members = members.clone();
                    members.insert(name.clone(), other);
                    members.into()
                }));
                let mut fewer = members.clone();
                fewer.remove(name);
                spoilt.push(fewer.into());
            }
        }
        _ => {}
    }
    spoilt
}

/// Types of which Python takes more than Rust, and why.
const LENIENT: [(&str, &[&str]); 4] = [
    (
        "null stands for NaN, which Rust writes so and does not read",
        &[
            "collections::Lists",
            "enums::internal::Shape",
            "events::Progress",
            "numbers::Fractions",
            "numbers::AnyFractions",
            "numbers::Ratio",
            "structs::Meters",
        ],
    ),
    (
        "a string has rules that are in Rust's code only",
        &[
            "converted::NotEmpty",
            "converted::Holder",
            "converted::AsText",
            "foreign::Addresses",
            "times::Chrono",
            "times::Time",
            "times::Jiff",
        ],
    ),
    (
        "a tag that does not tell members of a union apart has a default",
        &[
            "enums::internal::Layers",
            "enums::internal::OnlyOneKind",
            "flat::Twofold",
        ],
    ),
    (
        "Rust reads other names than it writes",
        &["naming::Directed"],
    ),
];

fn is_lenient(entry: &Entry) -> bool {
    let name = entry.name.strip_prefix("gallery::").unwrap_or(entry.name);
    LENIENT.iter().any(|(_, names)| names.contains(&name))
}

#[test]
fn pydantic_refuses_what_serde_refuses() {
    let (seed, index) = (seed(), 0);
    let directory = exported("refusal", index).display().to_string();
    let samples = samples(&JUDGED[index].taken, seed);
    let strict = samples.iter().filter(|sample| !is_lenient(&sample.entry));
    let wrong = strict.map(|Sample { entry, texts }| {
        let values = texts
            .iter()
            .take(6)
            .filter_map(|text| serde_json::from_str(text).ok());
        let wrong = values
            .flat_map(|value: Value| spoilt(&value))
            .map(|value| value.to_string());
        let refused = wrong.filter(|text| (entry.check)(text).is_err());
        (entry, refused.collect::<Vec<_>>())
    });
    let wrong: Vec<_> = wrong.collect();
    let requests = wrong
        .iter()
        .map(|(entry, texts)| json!({ "type": entry.python, "texts": texts }));
    let mut taken = Vec::new();
    for ((entry, texts), answers) in wrong.iter().zip(ask(index, &directory, requests)) {
        for (text, answer) in texts.iter().zip(answers) {
            if answer["refused"].is_null() {
                taken.push(format!(
                    "{}: {text} became {}",
                    entry.name, answer["written"]
                ));
            }
        }
    }
    assert!(
        taken.is_empty(),
        "GALLERY_SEED={seed}: Python takes\n{}",
        taken.join("\n")
    );
}
