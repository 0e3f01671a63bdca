//! The gallery in TypeScript: `tsc --strict` takes for each type what serde writes, and no other kind of JSON.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    mem::{Discriminant, discriminant},
    path::{Path, PathBuf},
    process::Command,
};

use arbitrary::Unstructured;
use gallery::samples::{Entry, stream, typescript_entries};
use serde_json::{Value, json};
use specta_typescript::{Layout, Typescript};
use tauri::test::MockRuntime;
use tauri_specta::Builder;

/// How many values of each type tsc reads.
const VALUES: usize = 12;

/// Where TypeScript's types say something else than serde does, and why.
const EXCEPTIONS: [(&str, &str); 3] = [
    (
        "flat::OpenValue",
        "what holds nothing but a flattened Value is any JSON to specta, and an object to serde",
    ),
    (
        "flat::Pinned",
        "a flattened newtype of an Option has all members to specta, and none of them for None to serde",
    ),
    (
        "times::Chrono",
        "chrono's TimeDelta is a string to specta, and seconds and nanoseconds to serde",
    ),
];

/// What tsc says of a map whose keys are a type parameter: specta does not bound it.
const KEYS_OF_ANY_TYPE: &str = "Type 'K' is not assignable to type 'string | number | symbol'.";

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Exports the gallery; the prefixes tell apart what has one name in two modules.
fn export(file: &Path) {
    let builder: Builder<MockRuntime> = gallery::builder_of(&typescript_entries());
    let typescript = Typescript::default().layout(Layout::ModulePrefixedName);
    builder
        .export(typescript, file)
        .expect("each has TypeScript");
}

/// A type of Rust, as `type_name` gives it, in TypeScript.
fn typescript(rust: &str) -> String {
    let (name, arguments) = match rust.split_once('<') {
        Some((path, inner)) => (path, arguments(inner.strip_suffix('>').unwrap_or(inner))),
        None => (rust, vec![]),
    };
    match (name, &arguments[..]) {
        // These have lost their parameters, which nothing of them mentions, or have another name.
        ("gallery::generics::Id", _) => "bindings.gallery_generics_Id".into(),
        ("gallery::generics::AtMost", _) => "bindings.gallery_generics_AtMost".into(),
        ("gallery::naming::TypeAdapter", _) => "bindings.gallery_naming_FormField".into(),
        ("bool", _) => "boolean".into(),
        ("char" | "alloc::string::String", _) => "string".into(),
        ("core::option::Option", [inner]) => format!("({inner} | null)"),
        ("alloc::vec::Vec", [item]) => format!("{item}[]"),
        (path, []) if !path.contains("::") => "number".into(),
        (path, []) => format!("bindings.{}", path.replace("::", "_")),
        (path, _) => format!(
            "bindings.{}<{}>",
            path.replace("::", "_"),
            arguments.join(", ")
        ),
    }
}

/// What stands between commas that are in no brackets of their own.
fn arguments(text: &str) -> Vec<String> {
    let mut depth = 0;
    let parts = text.split(|letter| {
        depth += i32::from(letter == '<') - i32::from(letter == '>');
        letter == ',' && depth == 0
    });
    parts.map(|part| typescript(part.trim())).collect()
}

fn samples(entry: &Entry) -> Vec<Value> {
    let streams = (0..).map(|seed| stream(seed, 300));
    let values = streams.filter_map(|bytes| (entry.generate)(&mut Unstructured::new(&bytes)).ok());
    let values = values
        .take(VALUES)
        .map(|text| serde_json::from_str(&text).expect("JSON"));
    values.collect()
}

/// JSON of a kind that no value of the type has, if serde refuses it.
fn of_another_kind(entry: &Entry, samples: &[Value]) -> Option<Value> {
    let kinds: Vec<Discriminant<Value>> = samples.iter().map(discriminant).collect();
    let all = [
        json!(true),
        json!("text"),
        json!(1),
        json!([]),
        json!({}),
        json!(null),
    ];
    let mut others = all
        .into_iter()
        .filter(|other| !kinds.contains(&discriminant(other)));
    others.find(|other| (entry.check)(&other.to_string()).is_err())
}

/// Whether TypeScript has the type itself: of two types of one name, specta takes either one for both, from run to run, once
/// they differ by direction (specta-serde 0.0.13).
fn is_itself(entry: &Entry) -> bool {
    !entry.name.starts_with("gallery::twins::")
}

/// Leaves out what tauri-specta writes as no TypeScript has it: arguments and constants whose names JavaScript has another use
/// for, and commands with generic types whose arguments it loses.
fn without_keywords(bindings: &str) -> String {
    let arguments = ["(class: ", ", class: ", "(import: ", ", import: ", "<T>"];
    let constants = ["export const class ", "export const 2nd constant "];
    let is_left_out = |line: &str| {
        let is_command = line.contains("__TAURI_INVOKE");
        is_command && arguments.iter().any(|argument| line.contains(argument))
            || constants.iter().any(|constant| line.starts_with(constant))
    };
    let lines: Vec<&str> = bindings.lines().filter(|line| !is_left_out(line)).collect();
    lines.join("\n")
}

/// The types of which tsc says something else than serde, by what it says.
fn disagreements() -> BTreeMap<&'static str, String> {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("gallery-tsc");
    fs::create_dir_all(&directory).expect("it is ours");
    let bindings = directory.join("bindings.ts");
    export(&bindings);
    let text = fs::read_to_string(&bindings).expect("it was written");
    fs::write(&bindings, without_keywords(&text)).expect("it is ours");
    let mut lines = vec![(
        "",
        r#"import type * as bindings from "./bindings.js";"#.to_owned(),
    )];
    for entry in typescript_entries().into_iter().filter(is_itself) {
        let (name, values) = (typescript(entry.name), samples(&entry));
        let other = of_another_kind(&entry, &values);
        lines.extend(values.iter().map(|value| {
            (
                entry.name,
                format!("export {{}}; {{ const value: {name} = {value}; }}"),
            )
        }));
        if let Some(other) = other {
            lines.push((entry.name, "// @ts-expect-error".into()));
            lines.push((entry.name, format!("{{ const value: {name} = {other}; }}")));
        }
    }
    let text = lines.iter().map(|(_, line)| one_line(line));
    let text: Vec<String> = text.collect();
    fs::write(directory.join("samples.ts"), text.join("\n")).expect("it is ours");
    let mut found = BTreeMap::new();
    for line in tsc(&directory).lines() {
        let number = line
            .strip_prefix("samples.ts(")
            .and_then(|rest| rest.split(',').next());
        match number.and_then(|number| number.parse::<usize>().ok()) {
            Some(number) => {
                let (entry, sample) = &lines[number - 1];
                found
                    .entry(*entry)
                    .or_insert_with(|| format!("{line}\n  {sample}"));
            }
            None => assert!(
                line.starts_with(' ') || line.ends_with(KEYS_OF_ANY_TYPE),
                "{line}"
            ),
        }
    }
    found
}

/// The same without what ends a line to tsc, though not in JSON (ECMA-262, 12.3).
fn one_line(line: &str) -> String {
    line.replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

/// What `tsc --strict` prints of the samples in a directory.
fn tsc(directory: &Path) -> String {
    let modules = here("node_modules");
    let config = json!({
        "compilerOptions": {
            "strict": true, "noEmit": true, "target": "ES2022", "module": "NodeNext", "skipLibCheck": true,
            "lib": ["ES2022", "DOM"], "types": [],
            "paths": { "@tauri-apps/api/*": [modules.join("@tauri-apps/api/*.d.ts")] },
        },
        "include": ["*.ts"],
    });
    fs::write(directory.join("tsconfig.json"), config.to_string()).expect("it is ours");
    fs::write(directory.join("package.json"), r#"{ "type": "module" }"#).expect("it is ours");
    let output = Command::new("node")
        .arg(modules.join("typescript/bin/tsc"))
        .args(["--pretty", "false"])
        .current_dir(directory)
        .output()
        .expect("node is on PATH, and scripts/setup has installed tsc");
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn tsc_takes_what_serde_writes_and_nothing_else() {
    let found = disagreements();
    let names: BTreeSet<&str> = found
        .keys()
        .map(|name| name.trim_start_matches("gallery::"))
        .collect();
    let expected: BTreeSet<&str> = EXCEPTIONS.map(|(name, _)| name).into();
    let messages: Vec<&str> = found.values().map(String::as_str).collect();
    assert_eq!(names, expected, "\n{}", messages.join("\n"));
}
