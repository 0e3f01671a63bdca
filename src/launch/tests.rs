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

/// A path from there. Windows goes up at once, where that means the same.
fn from_start(path: &str) -> PathBuf {
    std::path::absolute(start().join(path)).expect("a path")
}

#[test]
fn what_the_app_ships_is_in_the_resource_directory() {
    let app = app();
    let resources = app.path().resource_dir().expect("a directory");
    // On Windows, Tauri gives a verbatim path.
    let resources = dunce::simplified(&resources).to_owned();
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

#[test]
fn a_word_that_begins_with_a_variable_of_tauris_is_a_path() {
    let app = app();
    let data = app.path().app_data_dir().expect("a directory");
    let spawn = Spawn::new(["python3", "$APPDATA/main.py", "$UNKNOWN/x", "--at=$APPDATA"])
        .env("DATABASE", "$APPDATA/db.sqlite")
        .env("PRICE", "$5");
    let started = launch(app.handle(), spawn).expect("it can start");
    let file = data.join("main.py").display().to_string();
    assert_eq!(started.arguments, [&file, "$UNKNOWN/x", "--at=$APPDATA"]);
    let database = data.join("db.sqlite").display().to_string();
    assert_eq!(started.env["DATABASE"], database);
    assert_eq!(started.env["PRICE"], "$5");
    assert_eq!(started.directories["appData"], data);
}

#[test]
fn a_bare_name_is_looked_up_beside_the_app_first() {
    let app = app();
    let own = tauri::utils::platform::current_exe().expect("a program");
    let name = own
        .file_stem()
        .and_then(|name| name.to_str())
        .expect("text");
    let started = launch(app.handle(), Spawn::new([name]).sha256("0".repeat(64)));
    assert_eq!(started.expect("it is one file").program, own);
    let started = launch(app.handle(), Spawn::new(["python3"])).expect("it can start");
    assert_eq!(started.program, Path::new("python3"));
}

/// Tests are development: `tauri::is_dev()` holds.
#[test]
fn what_only_development_has_is_where_the_app_is_started() {
    let app = app();
    let resources = app.path().resource_dir().expect("a directory");
    // On Windows, Tauri gives a verbatim path.
    let resources = dunce::simplified(&resources).to_owned();
    let dev = Dev::new()
        .command(["../.venv/bin/python", "main.py"])
        .cwd("../sidecar")
        .reload("../sidecar")
        .reload("$RESOURCE/shared");
    let spawn = Spawn::new(["$RESOURCE/python"])
        .sha256("0".repeat(64))
        .dev(dev);
    let watched = watched(app.handle(), &spawn.dev).expect("they resolve");
    assert_eq!(
        watched,
        [from_start("../sidecar"), resources.join("shared")]
    );
    let started = launch(app.handle(), spawn).expect("it can start");
    assert_eq!(started.program, from_start("../.venv/bin/python"));
    assert_eq!(started.cwd, from_start("../sidecar"));
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

#[test]
fn the_path_of_a_program_may_lack_its_suffix() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join(format!("tool{EXE_SUFFIX}"));
    std::fs::write(&file, "").expect("written");
    assert_eq!(with_suffix(directory.path().join("tool")), file);
    assert_eq!(with_suffix(file.clone()), file);
    let absent = directory.path().join("absent");
    assert_eq!(with_suffix(absent.clone()), absent);
}
