//! Rust reads and writes the JSON in `tests/golden`, one file for each type and variant that travels. Python does the same in
//! `python/tests/test_golden.py`, TypeScript in `guest-js/tests/golden.test.ts`.
#![cfg(feature = "codegen")]

use std::{collections::BTreeMap, fs, path::Path};

use serde_json::Value;
use tauri_plugin_sidecar_bridge::schemas::{rewritten, wire_names};

/// The files by their names without `.json`.
fn golden() -> BTreeMap<String, String> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let entries = fs::read_dir(directory).expect("it is there");
    let files = entries.map(|entry| {
        let path = entry.expect("it is there").path();
        let name = path
            .file_stem()
            .and_then(|name| name.to_str())
            .expect("UTF-8")
            .to_owned();
        (name, fs::read_to_string(path).expect("it is text"))
    });
    files.collect()
}

#[test]
fn each_is_read_and_written_as_it_is() {
    for (name, text) in golden() {
        let type_name = name.split('.').next().unwrap_or(&name);
        let written = rewritten(type_name, &text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let read: Value = serde_json::from_str(&text).expect("it is JSON");
        assert_eq!(written, read, "{name}");
    }
}

#[test]
fn every_type_and_variant_has_one() {
    let files = golden();
    for name in wire_names() {
        assert!(files.contains_key(&name), "add tests/golden/{name}.json");
    }
}
