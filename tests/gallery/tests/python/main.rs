//! The gallery in Python: the text, what Python's tools say of it, and that Python and serde agree on every value.

mod agreement;
mod refused;
mod text;
mod unreadable;

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::LazyLock,
};

use gallery::samples::{Entry, entries};
use tauri::test::MockRuntime;
use tauri_plugin_sidecar_bridge::codegen::{Error, Python, Style};
use tauri_specta::Builder;

/// The styles, with the names of their snapshots.
const STYLES: [(&str, Style); 4] = [
    ("bindings", Style::Pydantic),
    ("dataclass", Style::Dataclass),
    ("typed_dict", Style::TypedDict),
    ("msgspec_struct", Style::Msgspec),
];

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// A directory of the test's own, empty.
fn directory(test: &str) -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("gallery")
        .join(test);
    drop(fs::remove_dir_all(&directory));
    fs::create_dir_all(&directory).expect("it is ours");
    directory
}

fn python(style: Style) -> Python {
    Python::default()
        .command_line("scripts/generate")
        .style(style)
}

fn export(builder: &Builder<MockRuntime>, python: Python, path: &Path) -> Result<(), Error> {
    builder.export(python, path)
}

/// The types that a style takes, and why it refuses the others.
struct Judged {
    taken: Vec<Entry>,
    refused: Vec<String>,
}

fn judge(style: Style) -> Judged {
    let directory = directory(&format!("judged-{style:?}"));
    let mut judged = Judged {
        taken: vec![],
        refused: vec![],
    };
    for entry in entries() {
        let builder = Builder::new().types(&gallery::samples::types(&[entry]));
        match export(&builder, python(style), &directory.join("bindings.py")) {
            Ok(()) => judged.taken.push(entry),
            Err(error) => judged.refused.push(error.to_string()),
        }
    }
    judged
}

/// What each style takes, once for all tests.
static JUDGED: LazyLock<Vec<Judged>> =
    LazyLock::new(|| STYLES.map(|(_, style)| judge(style)).into_iter().collect());

/// Exports what a style takes of the gallery as the module `bindings`, and gives its directory.
fn exported(test: &str, index: usize) -> PathBuf {
    let (name, style) = STYLES[index];
    let directory = directory(&format!("{test}-{name}"));
    let taken = &JUDGED[index].taken;
    // The commands once: they look the same in every style, and mention types that some cannot have.
    let builder = match style {
        Style::Pydantic => gallery::builder_of(taken),
        _ => Builder::new().types(&gallery::samples::types(taken)),
    };
    export(&builder, python(style), &directory.join("bindings.py"))
        .expect("each of them was taken");
    directory
}

/// Runs a program and gives what it printed; panics with all that it said if it fails.
fn run(program: &str, arguments: &[&str], input: &str) -> String {
    let mut child = Command::new(program)
        .args(arguments)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{program}: {error}; scripts/test puts it on PATH"));
    let mut stdin = child.stdin.take().expect("it was asked for");
    let input = input.to_owned();
    // It may answer before it has read all.
    let writing = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().expect("it ends");
    drop(writing.join());
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(
        output.status.success(),
        "{program} {} failed\n{out}{err}",
        arguments.join(" ")
    );
    out.into_owned()
}
