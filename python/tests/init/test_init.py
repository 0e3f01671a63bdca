"""`python -m sidecar_bridge init`, on apps in the shape of public ones."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from difflib import unified_diff
from pathlib import Path

import apps
import pytest
import tree_sitter_rust
from tree_sitter import Language, Parser

from sidecar_bridge._app.formats import open_document
from sidecar_bridge._app.places import find_app

LINE = ".plugin(tauri_plugin_sidecar_bridge::init())"
CHECKOUT = Path(__file__).parents[3]


@pytest.fixture(params=apps.ALL)
def app(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return apps.make(tmp_path, apps.ALL[request.param])


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sidecar_bridge", "init", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, stdin=subprocess.DEVNULL, timeout=300, check=False)
    # Not in text mode, which would change the ends of lines.
    return subprocess.CompletedProcess(command, done.returncode, done.stdout.decode(), done.stderr.decode())


def repository(folder: Path, ignored: str | None = None) -> None:
    subprocess.run(["git", "init", "-q", folder], check=True, timeout=60)
    if ignored is not None:
        (folder / ".gitignore").write_bytes(ignored.encode())


def contents(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes().decode() for path in files}


def changed(before: dict[str, str], after: dict[str, str]) -> tuple[list[str], list[str]]:
    """Give the lines that have gone, and those that have come in files that were there."""
    lines = [
        line
        for name, text in before.items()
        for line in list(unified_diff(text.splitlines(keepends=True), after[name].splitlines(keepends=True), n=0))[2:]
    ]
    return [line[1:] for line in lines if line[0] == "-"], [line[1:] for line in lines if line[0] == "+"]


def is_within(old: str, new: str) -> bool:
    """Tell whether a line was only added to."""
    rest = iter(new)
    return all(character in rest for character in old)


def test_an_app_gets_the_bridge_by_few_lines_and_only_once(app: Path) -> None:
    before = contents(app)
    done = run(app, "--yes")
    assert (done.returncode, done.stderr) == (0, "")
    after = contents(app)
    gone, come = changed(before, after)
    # A line that is gone has come again with something added, such as a comma.
    assert [line for line in gone if not any(is_within(line.strip(), new) for new in come)] == []
    assert len(come) <= 25
    again = run(app, "--yes")
    assert (again.returncode, again.stderr) == (0, "")
    assert again.stdout.startswith("nothing to do: ")
    assert contents(app) == after


def test_all_files_can_be_read_afterwards_and_keep_their_comments(app: Path) -> None:
    before = contents(app)
    assert run(app, "--yes").returncode == 0
    rust = Parser(Language(tree_sitter_rust.language()))
    for name, text in contents(app).items():
        path = app / name
        match path.suffix:
            case ".json" | ".json5":
                open_document(path)
            case ".toml":
                tomllib.loads(text.replace("\r\n", "\n"))
            case ".rs":
                assert not rust.parse(text.encode()).root_node.has_error
            case ".py":
                ast.parse(text)
        if path.suffix == ".json":
            json.loads(text)
        for mark in ("# ", "// ", "/* "):
            assert before.get(name, "").count(mark) <= text.count(mark)


def test_the_ends_of_lines_stay_as_windows_has_them(app: Path) -> None:
    files = [path for path in app.rglob("*") if path.is_file()]
    for path in files:
        path.write_bytes(re.sub(rb"\r?\n", b"\r\n", path.read_bytes()))
    assert run(app, "--yes").returncode == 0
    assert [path for path in files if re.search(rb"(?<!\r)\n", path.read_bytes())] == []


def test_the_app_says_then_what_the_bridge_reads(app: Path) -> None:
    assert run(app, "--yes").returncode == 0
    found = find_app(app)
    spawn = found.settings["plugins"]["sidecar-bridge"]["sidecars"]["python"]["spawn"]
    folder = (found.tauri / spawn["dev"]["cwd"]).resolve()
    assert (folder / spawn["command"][1]).is_file()
    assert spawn["dev"]["reload"] == [spawn["dev"]["cwd"]]
    rust = "".join(path.read_text() for path in (found.tauri / "src").glob("*.rs"))
    assert rust.count(LINE) == 1
    capabilities = [open_document(path).value for path in found.capabilities()]
    (sidecar,) = [each for each in capabilities if "remote" in each]
    assert sidecar["remote"]["urls"] == ["sidecar-bridge://python"]
    assert sidecar["windows"] == found.windows()
    assert sum("sidecar-bridge:default" in each["permissions"] for each in capabilities) == 1


def test_what_is_shown_is_what_would_be_written(app: Path) -> None:
    repository(app)
    before = contents(app)
    shown = run(app, "--dry-run")
    assert shown.returncode == 0
    assert contents(app) == before
    # git takes the diff for what it is.
    diff = shown.stdout[: shown.stdout.index("\n\nfiles: ")] + "\n"
    subprocess.run(["git", "apply", "--unidiff-zero"], cwd=app, input=diff.encode(), check=True, timeout=30)
    assert run(app, "--yes").stdout.startswith("nothing to do: ")


def test_nothing_is_written_where_nobody_agrees(app: Path) -> None:
    before = contents(app)
    done = run(app)
    assert done.returncode == 64
    assert "there is nobody to ask; say --yes to write" in done.stderr
    assert contents(app) == before


def test_a_file_that_cannot_be_written_undoes_the_others(app: Path) -> None:
    before = contents(app)
    # It is written after the manifest, the builder and the configuration.
    last = next(iter(find_app(app).capabilities()), app / "pyproject.toml")
    last.chmod(0o444)
    done = run(app, "--yes")
    assert done.returncode == 64
    assert f"{last} cannot be written: it is read-only; make it writable. All files are as they were" in done.stderr
    assert contents(app) == before
    assert not [path for path in app.rglob("*") if path.is_dir() and not any(path.iterdir())]


@pytest.mark.parametrize(
    ("shape", "node", "python"),
    [
        (apps.VANILLA, "npm install", "pip install -r sidecar/requirements.txt"),
        (apps.REACT, "pnpm install", "uv sync"),
        (apps.REACT, "pnpm install", "uv run pnpm tauri dev"),
        (apps.WORKSPACE, "(cd apps/desktop && yarn install)", "pip install -r apps/desktop/sidecar/requirements.txt"),
        (apps.JSON5, "bun install", "pip install -r sidecar/requirements.txt"),
        (apps.TOML, "poetry run cargo tauri dev", "poetry install"),
        (apps.SHELL, "npm install", "pip install -r backend/requirements.txt"),
    ],
    ids=["vanilla", "react", "react: start", "workspace", "json5", "toml", "shell"],
)
def test_it_says_what_installs_the_packages(shape: dict[str, str], node: str, python: str, tmp_path: Path) -> None:
    said = run(apps.make(tmp_path, shape), "--yes").stdout.partition("Next:\n")[2]
    assert f"  {node}" in said
    assert f"  {python}\n" in said


@pytest.mark.parametrize(
    ("package", "start"),
    [
        ({"scripts": {"tauri": "tauri"}}, "npm run tauri dev"),
        ({"scripts": {"tauri": "tauri"}, "packageManager": "pnpm@9.12.0"}, "pnpm tauri dev"),
        ({"devDependencies": {"@tauri-apps/cli": "^2"}}, "npx tauri dev"),
        ({"dependencies": {"@tauri-apps/cli": "^2"}, "packageManager": "bun@1.3.0"}, "bunx tauri dev"),
        ({"devDependencies": {"@tauri-apps/cli": "^2"}, "packageManager": "yarn@4.0.0"}, "yarn tauri dev"),
        ({}, "cargo tauri dev"),
    ],
)
def test_it_says_what_starts_the_app(package: dict[str, object], start: str, tmp_path: Path) -> None:
    app = apps.make(tmp_path, apps.VANILLA)
    (app / "package.json").write_text(json.dumps({"name": "app", **package}))
    said = run(app, "--yes").stdout.partition("Next:\n")[2]
    assert f"  {start}, in that environment" in said


def test_a_page_with_a_bundler_imports_the_package(tmp_path: Path) -> None:
    said = run(apps.make(tmp_path, apps.REACT), "--yes").stdout.partition("Next:\n")[2]
    assert 'import { fetch } from "tauri-plugin-sidecar-bridge-api"' in said


@pytest.mark.parametrize(
    ("shape", "script"),
    [
        (apps.VANILLA, "node_modules/tauri-plugin-sidecar-bridge-api/dist-js/global.js"),
        (apps.TOML, "dist-js/global.js of the npm package tauri-plugin-sidecar-bridge-api"),
    ],
    ids=["vanilla", "no package.json"],
)
def test_a_page_without_a_bundler_takes_the_one_script(shape: dict[str, str], script: str, tmp_path: Path) -> None:
    said = run(apps.make(tmp_path, shape), "--yes").stdout.partition("Next:\n")[2]
    assert f"  copy {script} beside the page" in said
    assert 'await SidecarBridge.fetch("/hello")' in said
    assert "import {" not in said


def test_the_page_asks_for_a_route_that_is_there(tmp_path: Path) -> None:
    """An app that has a sidecar has not the route of the one that `init` writes."""
    said = run(apps.make(tmp_path, apps.SHELL), "--yes").stdout.partition("Next:\n")[2]
    assert 'fetch("/…")' in said
    assert "/hello" not in said


def test_the_lock_file_may_be_that_of_a_workspace_around_the_app(tmp_path: Path) -> None:
    app = apps.make(tmp_path / "examples/app", apps.JSON5 | {"bun.lock": ""})
    (app / "bun.lock").unlink()
    (tmp_path / "pnpm-lock.yaml").touch()
    (tmp_path / ".git").mkdir()
    assert "  pnpm install\n" in run(app, "--yes").stdout


def test_pdm_has_a_project_too(tmp_path: Path) -> None:
    project = '[project]\nname = "backend"\nversion = "0"\ndependencies = []\n\n[tool.pdm]\ndistribution = false\n'
    app = apps.make(tmp_path, apps.VANILLA | {"pyproject.toml": project})
    assert "  pdm install\n" in run(app, "--yes").stdout
    (requirement,) = tomllib.loads((app / "pyproject.toml").read_text())["project"]["dependencies"]
    assert requirement.startswith("tauri-sidecar-bridge[fastapi]~=")


@pytest.mark.parametrize("shape", apps.ALL.values(), ids=apps.ALL)
def test_a_checkout_gives_paths_that_lead_there(shape: dict[str, str], tmp_path: Path) -> None:
    app = find_app(apps.make(tmp_path, shape))
    assert run(tmp_path, "--yes", "--from", str(CHECKOUT)).returncode == 0
    crate = tomllib.loads((app.tauri / "Cargo.toml").read_text())["dependencies"]["tauri-plugin-sidecar-bridge"]
    assert (app.tauri / crate["path"]).resolve() == CHECKOUT
    if app.page is not None:
        package = json.loads((app.page / "package.json").read_text())["dependencies"]["tauri-plugin-sidecar-bridge-api"]
        assert (app.page / package.removeprefix("file:")).resolve() == CHECKOUT / "guest-js"
    python = "".join(
        path.read_text() for path in tmp_path.rglob("*") if path.name in ("pyproject.toml", "requirements.txt")
    )
    assert "/python" in python


def test_a_checkout_that_is_none_is_refused(tmp_path: Path) -> None:
    done = run(apps.make(tmp_path, apps.VANILLA), "--yes", "--from", "src")
    assert done.returncode == 64
    assert "src is no checkout of tauri-plugin-sidecar-bridge" in done.stderr


def test_what_the_shell_plugin_needs_is_named_by_file_and_line(tmp_path: Path) -> None:
    said = run(apps.make(tmp_path, apps.SHELL), "--dry-run").stdout
    lines = said.partition("can go once the bridge is used:\n")[2].splitlines()
    found = dict(line.strip().split(": ", 1) for line in lines)
    assert "`serve(app)`" in found["backend/server.py:9"]
    assert "CORS" in found["backend/server.py:6"]
    assert "needs no port" in found["src/main.js:4"]
    assert "polls" in found["src/main.js:3"]
    assert "starts the sidecar" in found["src/main.js:1"]
    assert "`externalBin` can go" in found["src-tauri/tauri.conf.json:24"]
    assert "`shell:allow-spawn` can go" in found["src-tauri/capabilities/default.json:8"]
    assert "ends the sidecar" in found["src-tauri/src/lib.rs:9"]


@pytest.mark.skipif(sys.platform == "win32", reason="says that it is not permitted")
def test_a_folder_where_a_file_belongs(tmp_path: Path) -> None:
    app = apps.make(tmp_path, apps.VANILLA)
    (app / "sidecar/main.py").mkdir(parents=True)
    assert f"{app / 'sidecar/main.py'} is a folder where a file belongs; move it" in run(app, "--yes").stderr


def test_an_app_without_a_sidecar_has_nothing_that_can_go(tmp_path: Path) -> None:
    assert "can go" not in run(apps.make(tmp_path, apps.REACT), "--dry-run").stdout


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"src-tauri/src/lib.rs": "pub fn run() {}\n"}, "no `tauri::Builder::default()` in"),
        (
            {"src-tauri/src/more.rs": "fn more() { tauri::Builder::default().run(x); }\n"},
            "there are several builders: ",
        ),
        ({"src-tauri/tauri.conf.json": '{ "app": { }\n'}, "tauri.conf.json:1 is not valid JSON; correct it"),
        ({"src-tauri/tauri.conf.json": "[" * 5000 + "]" * 5000}, "tauri.conf.json:1 is nested more than 127 deep, "),
        ({"package.json": '{"a":\n' * 5000 + "1" + "}" * 5000}, "package.json:128 is nested more than 127 deep, "),
        ({"src-tauri/capabilities/deep.json": "[" * 128 + "]" * 128}, "deep.json:1 is nested more than 127 deep, "),
        ({"src-tauri/tauri.conf.json": "[" * 5000}, "tauri.conf.json:1 is not valid JSON; correct it"),
        ({"src-tauri/tauri.conf.json": '{\n"a": 1n }'}, "tauri.conf.json:2 is not valid JSON: 1n; correct it"),
        ({"src-tauri/tauri.conf.json": '{"a": ' + "- " * 5000 + "1}"}, "tauri.conf.json:1 is not valid JSON: - - -"),
        ({"src-tauri/tauri.conf.json": r'{"a": "\u{41}"}'}, r'tauri.conf.json:1 is not valid JSON: "\u{41}"; corr'),
        ({"src-tauri/Cargo.toml": "[package\n"}, "Cargo.toml is not valid TOML: "),
        ({"src-tauri/Cargo.toml": f"a = {'[' * 5000}{']' * 5000}\n"}, "Cargo.toml is not valid TOML: "),
        ({"src-tauri/tauri.conf.json": "[]"}, "tauri.conf.json has a form in which "),
        ({"src-tauri/tauri.conf.json": '{"plugins": 5}'}, "tauri.conf.json has a form in which "),
        ({"src-tauri/tauri.conf.json": '{"bundle": null}'}, "tauri.conf.json has a form in which "),
        ({"package.json": '{"dependencies": null}'}, "package.json has a form in which "),
        (
            {"other/tauri.conf.json": "{}", "other/Cargo.toml": ""},
            "has several Tauri apps: `other`, `src-tauri`; name one with --tauri",
        ),
        (
            {
                f"{n}/{name}": "{}" if name != "Cargo.toml" else ""
                for n in range(8)
                for name in ("tauri.conf.json", "Cargo.toml")
            },
            "has several Tauri apps: `0`, `1`, `2`, `3`, `4` and 4 more; name one with --tauri",
        ),
    ],
)
def test_an_app_that_cannot_be_changed_is_as_it_was(change: dict[str, str], reason: str, tmp_path: Path) -> None:
    app = apps.make(tmp_path, apps.VANILLA | change)
    before = contents(app)
    done = run(app, "--yes")
    assert done.returncode == 64
    assert reason in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert contents(app) == before


def test_a_source_that_python_cannot_read_is_no_sidecar(tmp_path: Path) -> None:
    app = apps.make(tmp_path, apps.VANILLA | {"deep.py": "FastAPI" + ".x" * 50_000})
    done = run(app, "--yes")
    assert (done.returncode, done.stderr) == (0, "")
    assert (app / "sidecar/main.py").is_file()


def test_a_manifest_with_a_mark_before_its_text_keeps_it(tmp_path: Path) -> None:
    app = apps.make(tmp_path, apps.VANILLA)
    manifest = app / "src-tauri/Cargo.toml"
    manifest.write_bytes(b"\xef\xbb\xbf" + manifest.read_bytes())
    before = manifest.read_text(encoding="utf-8")
    assert run(app, "--yes").returncode == 0
    after = manifest.read_text(encoding="utf-8")
    assert after.startswith(before[:80])
    assert "tauri-plugin-sidecar-bridge" in after


@pytest.mark.skipif(sys.platform == "win32", reason="a link needs a right there")
def test_a_link_to_nowhere_is_no_source(tmp_path: Path) -> None:
    app = apps.make(tmp_path, apps.VANILLA)
    # As Emacs makes one for each file with changes that are not saved.
    (app / "src-tauri/src/.#lib.rs").symlink_to("ada@analytical.1843:1")
    assert run(app, "--yes").returncode == 0


def test_one_of_several_builders_is_named(tmp_path: Path) -> None:
    more = {"src-tauri/src/more.rs": "fn more() {\n    tauri::Builder::default().run(x);\n}\n"}
    app = apps.make(tmp_path, apps.VANILLA | more)
    assert run(app, "--yes", "--builder", "more.rs:2").returncode == 0
    assert f"tauri::Builder::default(){LINE}.run(x)" in (app / "src-tauri/src/more.rs").read_text()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, ".venv/\n__pycache__/\n"),
        ("node_modules\r\ndist", "node_modules\r\ndist\r\n.venv/\r\n__pycache__/\r\n"),
        ("/.venv\n", "/.venv\n__pycache__/\n"),
        ("*.pyc\n", "*.pyc\n.venv/\n"),
        (".*\n__pycache__\n", ".*\n__pycache__\n"),
    ],
)
def test_git_leaves_out_what_python_makes(before: str | None, after: str, tmp_path: Path) -> None:
    app = apps.make(tmp_path, apps.VANILLA)
    repository(app, before)
    done = run(app, "--yes")
    assert (done.returncode, done.stderr) == (0, "")
    assert (app / ".gitignore").read_bytes().decode() == after
    assert run(app, "--yes").stdout.startswith("nothing to do: ")
    for folder in (".venv", "sidecar/__pycache__"):
        (app / folder).mkdir()
        (app / folder / "main.cpython-312.pyc").touch()
    listed = ["git", "-C", str(app), "status", "--short", "--untracked-files=all"]
    seen = subprocess.run(listed, capture_output=True, text=True, check=True, timeout=60).stdout
    assert ".pyc" not in seen
    assert "sidecar/main.py" in seen


def test_the_lines_for_git_go_into_the_file_that_is_there(tmp_path: Path) -> None:
    app = apps.make(tmp_path / "apps/desk", apps.VANILLA)
    repository(tmp_path, "target\n")
    assert run(app, "--yes").returncode == 0
    assert (tmp_path / ".gitignore").read_text() == "target\n.venv/\n__pycache__/\n"
    assert not (app / ".gitignore").exists()


def test_an_environment_of_another_manager_needs_no_line(tmp_path: Path) -> None:
    app = apps.make(
        tmp_path, apps.VANILLA | {"pyproject.toml": "[project]\nname = 'x'\nversion = '1'\n", "uv.lock": ""}
    )
    repository(app)
    assert run(app, "--yes").returncode == 0
    assert (app / ".gitignore").read_text() == "__pycache__/\n"


def test_without_a_repository_there_is_nothing_for_git(tmp_path: Path) -> None:
    app = apps.make(tmp_path, apps.VANILLA)
    assert run(app, "--yes").returncode == 0
    assert not (app / ".gitignore").exists()


def test_no_app_is_no_app(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()  # the search ends there
    done = run(tmp_path)
    assert done.returncode == 64
    assert "has no Tauri app: none of tauri.conf.json, tauri.conf.json5, Tauri.toml is in it" in done.stderr


def test_the_sidecar_is_that_of_the_readme() -> None:
    ours = (CHECKOUT / "python/sidecar_bridge/_init/sidecar.py.txt").read_text()
    assert f"<!-- new app: sidecar/main.py -->\n```python\n{ours}```\n" in (CHECKOUT / "README.md").read_text()
