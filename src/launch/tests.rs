use std::path::Path;

use tauri::{
    App, Manager,
    test::{MockRuntime, mock_builder, mock_context, noop_assets},
};

use super::*;
use crate::config::Dev;

fn app() -> App<MockRuntime> {
    mock_builder()
        .build(mock_context(noop_assets()))
        .expect("it builds")
}

fn start() -> PathBuf {
    std::env::current_dir().expect("a directory")
}

#[test]
fn what_the_app_ships_is_in_the_resource_directory() {
    let app = app();
    let resources = app.path().resource_dir().expect("a directory");
    let launch = |spawn| launch(app.handle(), spawn).expect("it can start");
    let started = launch(Spawn::new(["python/bin/python", "../main.py"]).cwd("sidecar"));
    assert_eq!(started.program, resources.join("python/bin/python"));
    assert_eq!(
        started.arguments,
        ["../main.py"],
        "arguments stay as they are"
    );
    assert_eq!(started.cwd, resources.join("sidecar"));
    let started = launch(Spawn::new(["python3"]));
    assert_eq!(
        started.program,
        Path::new("python3"),
        "it is looked up on PATH"
    );
    assert_eq!(started.cwd, resources);
}

/// Tests are development: `tauri::is_dev()` holds.
#[test]
fn what_only_development_has_is_where_the_app_is_started() {
    let app = app();
    let resources = app.path().resource_dir().expect("a directory");
    let dev = Dev::new()
        .command(["../.venv/bin/python", "main.py"])
        .cwd("../sidecar")
        .reload("../sidecar")
        .reload("$RESOURCE/shared");
    let spawn = Spawn::new(["$RESOURCE/python"])
        .sha256("0".repeat(64))
        .dev(dev);
    let watched = watched(app.handle(), &spawn).expect("they resolve");
    assert_eq!(
        watched,
        [start().join("../sidecar"), resources.join("shared")]
    );
    let started = launch(app.handle(), spawn).expect("it can start");
    assert_eq!(started.program, start().join("../.venv/bin/python"));
    assert_eq!(started.cwd, start().join("../sidecar"));
    assert_eq!(
        started.sha256, None,
        "that is of the program that the app ships"
    );
}

#[test]
fn a_checksum_is_of_one_file() {
    let spawn = Spawn::new(["python3"]).sha256("0".repeat(64));
    let error = launch(app().handle(), spawn).expect_err("which python3?");
    assert!(error.to_string().contains("looked up on PATH"), "{error}");
}
