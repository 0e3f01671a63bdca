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
    let header = "// Generated from Rust by scripts/generate; do not edit.\n";
    schemas::guest::<tauri::test::MockRuntime>()
        .export(Typescript::default().header(header), &file)
        .expect("every type has a TypeScript form");
    check(
        "guest-js/src/wire/bindings.ts",
        &fs::read_to_string(file).expect("it was written"),
    );
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
