//! The generated files are current. `scripts/generate` (BLESS=1) writes them.
#![cfg(feature = "codegen")]

use std::{fs, path::Path};

use serde_json::Value;
use specta_typescript::Typescript;
use tauri_plugin_sidecar_bridge::{codegen::Python, schemas};

fn check(path: &str, fresh: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, fresh).expect("the file can be written");
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == fresh,
        "{} is out of date; run scripts/generate",
        path.display()
    );
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

#[test]
fn the_configuration_schema_is_current() {
    check(
        "schemas/config.schema.json",
        &pretty(&schemas::config_schema()),
    );
}

#[test]
fn the_openapi_document_is_current() {
    check("schemas/openapi.json", &pretty(&schemas::openapi()));
}

#[test]
fn the_guest_bindings_are_current() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("bindings.ts");
    schemas::guest::<tauri::test::MockRuntime>()
        .export(Typescript::default().header(GUEST_HEADER), &file)
        .expect("every type has a TypeScript form");
    let (types, commands) = types_apart(&fs::read_to_string(file).expect("it was written"));
    check("guest-js/src/wire/types.ts", &types);
    check("guest-js/src/wire/commands.ts", &commands);
}

const GUEST_HEADER: &str = "// Generated from Rust by scripts/generate; do not edit.\n";

/// Makes two files of the one that tauri-specta writes: the types, and the commands.
///
/// The package's public declarations name the types. Those of the commands name `@tauri-apps/api`, whose own declarations do not
/// compile in every app that checks its libraries. The package has an `invoke` of its own, which leads a worker's calls to its page.
fn types_apart(bindings: &str) -> (String, String) {
    let (commands, types) = bindings
        .split_once("/* Types */\n")
        .expect("tauri-specta puts types after commands");
    let names: Vec<&str> = types
        .lines()
        .filter_map(|line| line.strip_prefix("export type ")?.split(' ').next())
        .filter(|name| commands.contains(name))
        .collect();
    let imports = format!(
        "import type {{ {} }} from \"./types.js\";\n",
        names.join(", ")
    );
    let commands = commands
        .replacen("@tauri-apps/api/core", "./tauri.js", 1)
        .replacen(
            "\n/** Commands */",
            &format!("{imports}\n/** Commands */"),
            1,
        );
    (
        format!("{GUEST_HEADER}\n{}\n", types.trim_end()),
        format!("{}\n", commands.trim_end()),
    )
}

#[test]
fn the_python_bindings_are_current() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("_bindings.py");
    schemas::guest::<tauri::test::MockRuntime>()
        .export(Python::default().command_line("scripts/generate"), &file)
        .expect("every type has a form in Python");
    check(
        "python/sidecar_bridge/_bindings.py",
        &fs::read_to_string(file).expect("it was written"),
    );
}
