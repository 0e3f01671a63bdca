//! The text of the exports: as committed, and in order to Python's tools.

use std::{collections::BTreeSet, env, fs, path::Path};

use gallery::{errors::TaskError, events::Progress, tasks::Task};
use tauri::{ipc::Channel, test::MockRuntime};
use tauri_plugin_sidecar_bridge::codegen::{Casing, Error, Layout, Python, Style};
use tauri_specta::{Builder, collect_commands, collect_events};

use crate::{JUDGED, STYLES, directory, export, exported, here, python, run};

/// Compares with a committed file, or writes it under BLESS=1.
fn compare(name: &str, fresh: &str) {
    let path = here("snapshots").join(name);
    if env::var_os("BLESS").is_some() {
        fs::create_dir_all(here("snapshots")).expect("it is ours");
        fs::write(&path, fresh).expect("it is ours");
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == fresh,
        "{} is out of date; run scripts/generate, and read the diff",
        path.display()
    );
}

#[test]
fn the_exports_are_as_committed() {
    for (index, (name, _)) in STYLES.into_iter().enumerate() {
        let written = fs::read_to_string(exported("committed", index).join("bindings.py"));
        compare(&format!("{name}.py"), &written.expect("it was written"));
    }
}

#[test]
fn what_a_style_refuses_is_as_committed() {
    let mut text = String::new();
    for ((name, _), judged) in STYLES.into_iter().zip(JUDGED.iter()) {
        for message in &judged.refused {
            text += &[name, ": ", message, "\n"].concat();
        }
    }
    compare("refused.txt", &text);
}

/// Keeps a task, and tells how far it is.
#[tauri::command]
#[specta::specta]
#[expect(clippy::unnecessary_wraps, reason = "it is for the bindings' sake")]
fn keep_task(task: Task, on_progress: Channel<Progress>) -> Result<Task, TaskError> {
    drop(on_progress);
    Ok(task)
}

/// A command with a channel, an error and an event, which every style can have.
fn small() -> Builder<MockRuntime> {
    Builder::new()
        .commands(collect_commands![keep_task])
        .events(collect_events![Progress])
}

/// YAML that JSON has, too. The gallery has none: specta-typescript 0.0.13 refuses the type, which is recursive inline.
#[tauri::command]
#[specta::specta]
fn keep_yaml(yaml: serde_yaml::Value) -> Vec<serde_yaml::Value> {
    vec![yaml]
}

#[test]
fn yaml_is_any_json() {
    let builder = Builder::<MockRuntime>::new().commands(collect_commands![keep_yaml]);
    let file = directory("yaml").join("bindings.py");
    export(&builder, python(Style::Pydantic), &file).expect("exported");
    let text = fs::read_to_string(&file).expect("it was written");
    assert!(text.contains("yaml: JsonValue"), "{text}");
    assert!(text.contains("list[JsonValue]"), "{text}");
}

#[test]
fn mypy_pyright_and_ruff_have_nothing_to_say() {
    let mut files = Vec::new();
    for index in 0..STYLES.len() {
        files.push(exported("checked", index).join("bindings.py"));
    }
    let others = directory("checked-others");
    for (name, style) in STYLES {
        let file = others.join(format!("small_{name}.py"));
        export(&small(), python(style), &file).expect("exported");
        files.push(file);
    }
    let wire = others.join("wire.py");
    let casing = python(Style::Pydantic).casing(Casing::AsOnTheWire);
    export(&gallery::builder(), casing, &wire).expect("exported");
    let nothing = others.join("nothing.py");
    export(&Builder::new(), Python::default(), &nothing).expect("exported");
    let package = others.join("package");
    let layout = python(Style::Pydantic).layout(Layout::Package);
    export(&gallery::builder(), layout, &package).expect("exported");
    files.extend([wire, nothing, package]);
    let cache = others.join("mypy").display().to_string();
    for file in files {
        check(&file.display().to_string(), &cache);
    }
}

fn check(file: &str, cache: &str) {
    let plain = [
        "--isolated",
        "--no-cache",
        "--line-length=120",
        "--target-version=py311",
    ];
    run("ruff", &[&["check"], &plain[..], &[file]].concat(), "");
    let plain = ["--isolated", "--no-cache", "--line-length=120"];
    run(
        "ruff",
        &[&["format", "--diff"], &plain[..], &[file]].concat(),
        "",
    );
    run(
        "mypy",
        &["--strict", "--config-file=", "--cache-dir", cache, file],
        "",
    );
    let pyright = here("node_modules/pyright/index.js").display().to_string();
    run(
        "node",
        &[
            &pyright,
            "--pythonpath",
            &run(
                "python",
                &["-c", "import sys; print(sys.executable, end='')"],
                "",
            ),
            file,
        ],
        "",
    );
}

fn tasks(python: Python, path: &Path) -> Result<(), Error> {
    let types = gallery::samples::entries();
    let task = types
        .into_iter()
        .find(|entry| entry.python == "Task")
        .expect("it is there");
    let builder: Builder<MockRuntime> = Builder::new().types(&gallery::samples::types(&[task]));
    export(&builder, python, path)
}

#[test]
fn a_package_has_a_module_for_each_rust_module_and_forgets_old_ones() {
    let package = directory("package").join("app");
    export(
        &gallery::builder(),
        python(Style::Pydantic).layout(Layout::Package),
        &package,
    )
    .expect("exported");
    let names = |directory: &Path| -> BTreeSet<String> {
        let entries = fs::read_dir(directory).expect("it is there");
        entries
            .map(|entry| {
                entry
                    .expect("it is there")
                    .file_name()
                    .into_string()
                    .expect("UTF-8")
            })
            .collect()
    };
    assert!(
        names(&package).contains("gallery_times.py"),
        "{:?}",
        names(&package)
    );
    fs::write(package.join("own.py"), "# somebody's own\n").expect("it is ours");
    tasks(python(Style::Pydantic).layout(Layout::Package), &package).expect("exported");
    let left = [
        "__init__.py",
        "gallery_enums_plain.py",
        "gallery_structs.py",
        "gallery_tasks.py",
        "own.py",
    ];
    assert_eq!(names(&package), left.map(str::to_owned).into());
}

#[test]
fn a_check_tells_what_is_stale_and_how_to_renew_it() {
    let file = directory("stale").join("bindings.py");
    let builder: Builder<MockRuntime> = gallery::builder();
    let check = || python(Style::Pydantic).check(&builder, &file);
    let missing = check().expect_err("there is none").to_string();
    assert!(
        missing.ends_with("bindings.py is missing; run `scripts/generate`"),
        "{missing}"
    );
    export(&builder, python(Style::Pydantic), &file).expect("exported");
    check().expect("it is current");
    tasks(python(Style::Pydantic), &file).expect("exported");
    let stale = check().expect_err("it is another").to_string();
    assert!(
        stale.ends_with("bindings.py is out of date; run `scripts/generate`"),
        "{stale}"
    );
}

#[test]
fn a_current_file_is_left_alone() {
    let file = directory("current").join("bindings.py");
    tasks(python(Style::Pydantic), &file).expect("exported");
    let old = std::time::SystemTime::UNIX_EPOCH;
    let opened = fs::File::options()
        .write(true)
        .open(&file)
        .expect("it is ours");
    opened.set_modified(old).expect("it is ours");
    tasks(python(Style::Pydantic), &file).expect("exported");
    let modified = fs::metadata(&file).and_then(|data| data.modified());
    assert_eq!(modified.expect("it is there"), old);
}

#[test]
fn documentation_is_no_part_of_the_contract() {
    use tauri_plugin_sidecar_bridge::codegen::contract;
    #[derive(serde::Serialize, specta::Type)]
    struct Told;
    let contract_of =
        |builder: &Builder<MockRuntime>| contract(builder).expect("it has a form").to_string();
    let one = contract_of(&gallery::builder());
    assert_eq!(one, contract_of(&gallery::builder()));
    assert_ne!(one, contract_of(&gallery::builder().typ::<Told>()));
    assert_ne!(one, contract_of(&gallery::builder().constant("ANOTHER", 1)));
    assert_eq!(
        contract_of(&Builder::new().plugin_name("tasks"))
            .split(':')
            .next(),
        Some("tasks")
    );
}

/// Good sidecars in the field have it. If it changes for another reason than this command or its types, the document of the
/// contract needs another version.
#[test]
fn the_contract_of_an_app_never_changes() {
    let contract = tauri_plugin_sidecar_bridge::codegen::contract(&small());
    assert_eq!(
        contract.expect("it has a form").to_string(),
        "1-0b1f2e1ee1a4ac949ad5770dde4fdf7f"
    );
}
