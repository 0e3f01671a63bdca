//! The Python exporter: the text, what its tools and Python itself say of it, and what it refuses.
#![cfg(feature = "codegen")]
#![allow(
    deprecated,
    reason = "deprecated items are among what has a form in Python"
)]
#![allow(
    missing_docs,
    reason = "types of the gallery without docs are meant to be without"
)]

#[path = "codegen/gallery.rs"]
mod gallery;
#[path = "codegen/refused.rs"]
mod refused;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    env, fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
    time::SystemTime,
};

use gallery::{
    Awkward, Empty, Numbers, Project, Refusal, Task, TaskError, Urgency, UserId, builder,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use tauri::test::MockRuntime;
use tauri_plugin_sidecar_bridge::codegen::Python;
use tauri_specta::Builder;

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Exports the gallery as `gallery.py` into a directory of the test's own.
fn export(test: &str) -> PathBuf {
    export_as(test, "gallery.py", &builder())
}

fn export_as(test: &str, name: &str, builder: &Builder<MockRuntime>) -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("codegen")
        .join(test);
    let file = directory.join(name);
    let python = Python::default().command_line("cargo test --test codegen");
    builder
        .export(python, &file)
        .expect("every type of the gallery has a form");
    file
}

/// Runs `python3` and gives what it printed; panics with all that it said if it fails.
fn python(arguments: &[&str], path: &Path, input: &str) -> String {
    let mut child = Command::new("python3")
        .args(arguments)
        .env("PYTHONPATH", path)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("python3 is on PATH");
    let mut stdin = child.stdin.take().expect("it was asked for");
    stdin.write_all(input.as_bytes()).expect("python3 reads");
    drop(stdin);
    let output = child.wait_with_output().expect("python3 ends");
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(
        output.status.success(),
        "python3 {} failed; mypy, ruff, pydantic and sidecar_bridge must be those of .venv, which scripts/test puts \
         first on PATH\n{out}{err}",
        arguments.join(" ")
    );
    out.into_owned()
}

#[test]
fn the_gallery_is_as_expected() {
    let written = fs::read_to_string(export("expected")).expect("it was written");
    let expected = here("tests/codegen/expected.py");
    if env::var_os("BLESS").is_some() {
        fs::write(&expected, &written).expect("the file can be written");
    }
    let expected = fs::read_to_string(expected).unwrap_or_default();
    assert!(
        written == expected,
        "tests/codegen/expected.py is out of date; run: \
         BLESS=1 cargo test --features codegen --test codegen, and read the diff\n{written}"
    );
}

#[test]
fn mypy_and_ruff_have_nothing_to_say() {
    let mut files = vec![export("checks")];
    for (name, builder) in [
        ("types_only.py", gallery::types_only()),
        ("command_only.py", gallery::command_only()),
        ("nothing.py", Builder::new()),
    ] {
        files.push(export_as("checks", name, &builder));
    }
    let directory = files[0].parent().expect("it is in a directory");
    let files: Vec<&str> = files
        .iter()
        .map(|file| file.to_str().expect("UTF-8"))
        .collect();
    let project = here("python/pyproject.toml").display().to_string();
    let run = |tool: &[&str], options: &[&str]| {
        python(
            &[&["-m"], tool, options, &files[..]].concat(),
            directory,
            "",
        );
    };
    let cache = directory.join("mypy").display().to_string();
    run(
        &["mypy"],
        &["--strict", "--config-file=", "--cache-dir", &cache],
    );
    let plain = [
        "--isolated",
        "--no-cache",
        "--line-length=120",
        "--target-version=py311",
    ];
    run(&["ruff", "check"], &plain);
    run(&["ruff", "check"], &["--no-cache", "--config", &project]);
    run(&["ruff", "format", "--diff"], &plain);
}

#[test]
fn commands_of_a_plugin_have_its_name() {
    let file = export_as("plugin", "bindings.py", &gallery::command_only());
    let text = fs::read_to_string(file).expect("it was written");
    assert!(
        text.contains("self._invoke(\"plugin:tasks|ping\", {}, _NONE)"),
        "{text}"
    );
}

fn task() -> Task {
    Task {
        owner_id: UserId("ada".into()),
        urgency: Urgency::Now,
        due: None,
        parent: None,
        children: vec![],
        by_name: HashMap::new(),
        tags: BTreeSet::new(),
        left_out: vec![],
        note: None,
        kind: "bug \u{1f41b}".into(),
        remark: String::new(),
        anything: json!({ "a": [1, null, true, { "b": "c" }] }),
        perhaps: None,
        cache: 0,
        project: None,
    }
}

fn full_task() -> Task {
    Task {
        due: Some(u32::MAX),
        parent: Some(Box::new(task())),
        children: vec![task(), task()],
        by_name: HashMap::from([("one".into(), Arc::new(task()))]),
        tags: BTreeSet::from(["b".into(), "a".into()]),
        left_out: vec![i64::MIN, i64::MAX],
        note: Some("because".into()),
        perhaps: Some(json!([])),
        project: Some(Project {
            tasks: vec![task()],
        }),
        ..task()
    }
}

fn numbers() -> Numbers {
    Numbers {
        small: (),
        i8: i8::MIN,
        i16: i16::MIN,
        i32: i32::MIN,
        i64: i64::MIN,
        u8: u8::MAX,
        u16: u16::MAX,
        u32: u32::MAX,
        u64: u64::MAX,
        single: 1.5,
        double: 1e-300,
        letter: '\u{1f41b}',
        yes: true,
        three: [1, 2, 3],
    }
}

fn awkward() -> Awkward {
    Awkward {
        class: 1,
        r#async: 2,
        list: vec![3],
        str: "4".into(),
        schema: "5".into(),
        model_config: "6".into(),
        model_dump_more: "7".into(),
        reference: "8".into(),
        weird_key: "9".into(),
        long: BTreeMap::from([("a".into(), vec![None, Some(Urgency::NotToday)])]),
        longer_than_a_line: BTreeMap::new(),
    }
}

/// Panics if serde reads other values from the JSON than those that it wrote.
type Check = Box<dyn Fn(&Value)>;

/// The values as serde writes them, and the check that what Python made of them is read as the same values.
fn round_trip<T>(values: Vec<T>) -> (Value, Check)
where
    T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug + 'static,
{
    let written = serde_json::to_value(&values).expect("serde writes it");
    let check = move |made: &Value| {
        let read: Vec<T> = serde_json::from_value(made.clone())
            .unwrap_or_else(|error| panic!("serde refuses what Python wrote: {error}: {made}"));
        assert_eq!(read, values);
    };
    (written, Box::new(check))
}

/// The same value with one field changed, which serde refuses.
fn spoilt<T: Serialize + DeserializeOwned>(value: &T, field: &str, wrong: &Value) -> Value {
    let mut json = serde_json::to_value(value).expect("serde writes it");
    json[field] = wrong.clone();
    assert!(
        serde_json::from_value::<T>(json.clone()).is_err(),
        "serde takes {json}"
    );
    json
}

#[test]
fn the_models_read_and_write_what_serde_does() {
    let values = [
        ("Task", round_trip(vec![task(), full_task()])),
        ("Numbers", round_trip(vec![numbers(), Numbers::default()])),
        ("Awkward", round_trip(vec![awkward()])),
        ("Urgency", round_trip(vec![Urgency::NotToday, Urgency::Now])),
        (
            "TaskError",
            round_trip(vec![TaskError::NotFound, TaskError::Locked]),
        ),
        (
            "Refusal",
            round_trip(vec![Refusal {
                reason: String::new(),
            }]),
        ),
        ("Empty", round_trip(vec![Empty {}])),
    ];
    let valid: BTreeMap<&str, &Value> = values
        .iter()
        .map(|(name, (json, _))| (*name, json))
        .collect();
    let wrong = [
        ("i8", json!(-129)),
        ("u8", json!(256)),
        ("u8", json!(-1)),
        ("u16", json!("1")),
        ("u32", json!(1.5)),
        ("u32", json!(true)),
        ("u64", json!(null)),
        ("double", json!("nothing")),
        ("letter", json!("ab")),
        ("yes", json!("perhaps")),
        ("three", json!([1, 2])),
    ];
    let wrong: Vec<Value> = wrong
        .iter()
        .map(|(field, value)| spoilt(&numbers(), field, value))
        .collect();
    let invalid = json!({
        "Numbers": wrong,
        "Task": [
            spoilt(&task(), "urgency", &json!("Now")),
            spoilt(&task(), "ownerId", &json!(null)),
            spoilt(&task(), "tags", &json!({})),
            spoilt(&task(), "byName", &json!([])),
            spoilt(&task(), "due", &json!(-1)),
        ],
    });

    let file = export("round-trip");
    let directory = file.parent().expect("it is in a directory");
    let script = here("tests/codegen/round_trip.py").display().to_string();
    let input = json!({ "valid": valid, "invalid": invalid }).to_string();
    let made = python(&["-W", "error", "-B", &script], directory, &input);
    let made: Value = serde_json::from_str(&made).expect("Python writes JSON");
    for (name, (_, check)) in values {
        check(&made[name]);
    }
}

#[test]
fn a_current_file_is_left_alone() {
    let file = export("current");
    let written = |file: &Path| {
        fs::metadata(file)
            .and_then(|data| data.modified())
            .expect("it is there")
    };
    let old = SystemTime::UNIX_EPOCH;
    fs::File::options()
        .write(true)
        .open(&file)
        .and_then(|file| file.set_modified(old))
        .expect("it is ours");
    export("current");
    assert_eq!(written(&file), old);
    fs::write(&file, "stale").expect("it is ours");
    export("current");
    assert!(
        fs::read_to_string(&file)
            .expect("it is there")
            .contains("class Commands:")
    );
}
