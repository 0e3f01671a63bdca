//! The rule of paths.

use std::path::{PathBuf, absolute};

use tauri::{
    Manager,
    test::{mock_builder, mock_context, noop_assets},
};

use super::{
    super::{
        paths::{ConfigPath, VARIABLES},
        *,
    },
    parse,
};

fn resolved(path: &str, relative_to: Folder) -> PathBuf {
    let app = mock_builder()
        .build(mock_context(noop_assets()))
        .expect("it builds");
    let path = ConfigPath::of(path).expect(path);
    path.resolve(app.handle(), relative_to)
        .expect("a directory")
}

#[test]
fn a_path_is_below_a_variable_or_absolute_or_relative_to_a_folder() {
    let app = mock_builder()
        .build(mock_context(noop_assets()))
        .expect("it builds");
    let resources = app.path().resource_dir().expect("a directory");
    // On Windows, Tauri gives a verbatim path.
    let resources = dunce::simplified(&resources).to_owned();
    let temporary = app.path().temp_dir().expect("a directory");
    let start = std::env::current_dir().expect("a directory");
    // Windows goes up at once, where that means the same.
    let above = absolute(start.join("../sidecar")).expect("a path");
    let beside = absolute(start.join("a/../b")).expect("a path");
    let rooted = if cfg!(windows) {
        "C:/srv/../etc"
    } else {
        "/srv/../etc"
    };
    for (path, of_resources, of_start) in [
        ("sidecar", resources.join("sidecar"), start.join("sidecar")),
        ("./$odd", resources.join("$odd"), start.join("$odd")),
        (".", resources.clone(), start.clone()),
        ("../sidecar", resources.join("../sidecar"), above),
        ("a/../b", resources.join("a/../b"), beside),
        (rooted, rooted.into(), rooted.into()),
        ("$RESOURCE", resources.clone(), resources.clone()),
        (
            "$RESOURCE/a/b",
            resources.join("a/b"),
            resources.join("a/b"),
        ),
        (
            "$RESOURCE/../a",
            resources.join("../a"),
            resources.join("../a"),
        ),
        ("$TEMP/a$b", temporary.join("a$b"), temporary.join("a$b")),
    ] {
        assert_eq!(resolved(path, Folder::Resources), of_resources, "{path}");
        assert_eq!(resolved(path, Folder::Start), of_start, "{path}");
    }
}

/// Only the first part of a path is a variable, and only as a whole.
#[test]
fn an_unknown_variable_is_an_error_where_the_configuration_is_read() {
    for path in [
        "$RESORCE/sidecar",
        "$RESOURCES",
        "$resource",
        "$",
        "$PWD/x",
        "$RESOURCE.d/x",
    ] {
        for spawn in [
            format!(r#"{{"command":["python3"],"cwd":"{path}"}}"#),
            format!(r#"{{"command":["{path}"]}}"#),
            format!(r#"{{"command":["python3"],"dev":{{"command":["{path}"]}}}}"#),
            format!(r#"{{"command":["python3"],"dev":{{"cwd":"{path}"}}}}"#),
            format!(r#"{{"command":["python3"],"dev":{{"reload":["{path}"]}}}}"#),
        ] {
            let json = format!(r#"{{"sidecars":{{"python":{{"spawn":{spawn}}}}}}}"#);
            let error = parse(&json).expect_err(&json);
            for part in [path, "$APPDATA", "$RESOURCE,", "begin with `./`"] {
                assert!(error.contains(part), "{part} is not in: {error}");
            }
        }
    }
    let arguments = r#"{"sidecars":{"python":{"spawn":{"command":["python3","$ANYTHING"]}}}}"#;
    parse(arguments).expect("arguments are the program's own affair");
}

#[test]
fn all_of_tauris_variables_are_known() {
    for variable in [
        "$AUDIO",
        "$RESOURCE",
        "$APPLOG",
        "$EXE",
        "$HOME",
        "$TEMPLATE",
    ] {
        assert!(VARIABLES.contains(&variable), "{variable}");
    }
    for variable in VARIABLES.iter() {
        ConfigPath::of(variable).expect(variable);
    }
}

#[test]
fn a_program_without_a_separator_is_looked_up_on_path() {
    let program = |word: &str| Command::of([word]).expect(word).program;
    assert_eq!(program("python3"), Program::OnPath("python3".into()));
    for word in [
        "bin/python",
        "./python",
        "../python",
        "/usr/bin/python3",
        "$EXE",
    ] {
        let file = Program::File(ConfigPath::of(word).expect(word));
        assert_eq!(program(word), file);
    }
}

/// Unlike the file system, JSON knows no path that is not UTF-8; Rust may say one.
#[cfg(unix)]
#[test]
fn rust_may_say_a_path_that_is_not_utf_8() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt, path::Path};

    let path = Path::new(OsStr::from_bytes(b"/srv/\xff"));
    let config = Config::new().sidecar("python", Spawn::new(["python3"]).cwd(path));
    config.check().expect("nothing is wrong");
    assert!(serde_json::to_string(&config).is_err());
}
