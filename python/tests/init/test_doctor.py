"""`python -m sidecar_bridge doctor`, on apps to which `init` has added the bridge, and which have something wrong."""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import apps
import pytest

import sidecar_bridge
from sidecar_bridge._app.places import find_app
from sidecar_bridge._doctor.surroundings import run_folder

ROOT = Path(__file__).parents[3]
VERSION = metadata.version("tauri-sidecar-bridge")
GLIBC = " ".join(platform.libc_ver()) if platform.libc_ver()[0] == "glibc" else ""


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """An app that `init` has changed, as its developer has it once all is installed."""
    folder = apps.make(tmp_path / "app", apps.VANILLA)
    (folder / ".git").mkdir()
    call(folder, "init", "--yes")
    lock(folder, crate=VERSION, tauri="2.12.5")
    package(folder, VERSION)
    return folder


def lock(app: Path, **versions: str) -> None:
    names = {"crate": "tauri-plugin-sidecar-bridge"}
    entries = [
        f'[[package]]\nname = "{names.get(name, name.rstrip("_").replace("_", "-"))}"\nversion = "{version}"\n'
        for name, version in versions.items()
    ]
    (app / "src-tauri/Cargo.lock").write_text("version = 4\n\n" + "\n".join(entries))


def package(app: Path, version: str) -> None:
    folder = app / "node_modules/tauri-plugin-sidecar-bridge-api"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "package.json").write_text(json.dumps({"version": version}))


def call(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sidecar_bridge", *arguments]
    # `python3` is this one.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    runtime = folder.parent / "run"
    runtime.mkdir(mode=0o700, exist_ok=True)
    known = {name: value for name, value in os.environ.items() if name not in ("SNAP", "APPIMAGE", "FLATPAK_ID")}
    env = known | {"PATH": path, "XDG_RUNTIME_DIR": str(runtime)} | environment
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=300, check=False)


def found(app: Path, **environment: str) -> list[dict[str, Any]]:
    done = call(app, "doctor", "--json", **environment)
    assert done.stderr == ""
    answer = json.loads(done.stdout)
    assert answer["errors"] == sum(each["level"] == "error" for each in answer["findings"])
    assert done.returncode == (1 if answer["errors"] else 0)
    return list(answer["findings"])


def of(check: str, findings: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(each["level"], each["message"]) for each in findings if each["check"] == check]


def change(path: Path, before: str, after: str) -> None:
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))


def test_an_app_to_which_init_has_added_the_bridge_has_no_error(app: Path) -> None:
    findings = found(app)
    assert [each for each in findings if each["level"] != "note"] == []
    assert of("logging", findings) == [
        ("note", "the app has no logger, so what Python prints is lost in a release build")
    ]


def test_each_finding_is_one_line_with_a_remedy_and_a_link(app: Path) -> None:
    lock(app, crate="0.0.1", tauri="2.9.0")
    done = call(app, "doctor")
    assert done.returncode == 1
    *lines, last = done.stdout.splitlines()
    notes = len(lines) - 2
    assert last == f"2 errors, {notes} note{'s' if notes > 1 else ''}"
    assert lines[0].startswith(f"error    versions: the crate is 0.0.1, the npm package is {VERSION}, ")
    assert "; install the same version of all three (https://" in lines[0]
    assert lines[1].startswith("error    versions: tauri is 2.9.0; run `cargo update -p tauri`, for 2.12 or newer (")


def test_every_check_has_its_section(app: Path) -> None:
    sources = "".join(path.read_text() for path in (ROOT / "python/sidecar_bridge/_doctor").glob("*.py"))
    checks = set(re.findall(r'Finding\(\s*"\w+", "([\w-]+)"', sources))
    document = (ROOT / "docs/doctor.md").read_text()
    sections = {line.removeprefix("## ") for line in document.splitlines() if line.startswith("## ")}
    assert checks <= sections
    assert len(checks) == 12


def test_two_versions_of_specta_do_not_fit(app: Path) -> None:
    lock(app, crate=VERSION, tauri="2.12.5", tauri_specta="2.0.0-rc.26", specta="2.0.0-rc.26", specta_="2.0.0-rc.22")
    ((level, message),) = of("versions", found(app))
    assert level == "error"
    assert message.startswith("specta is there as 2.0.0-rc.26 and 2.0.0-rc.22, ")


def test_an_npm_package_that_is_not_installed(app: Path) -> None:
    (app / "node_modules/tauri-plugin-sidecar-bridge-api/package.json").unlink()
    ((level, message),) = of("versions", found(app))
    assert (level, message.partition(" in ")[0]) == ("error", "`tauri-plugin-sidecar-bridge-api` is not installed")


def test_what_init_adds_is_missing(tmp_path: Path) -> None:
    app = apps.make(tmp_path / "app", apps.VANILLA)
    messages = of("setup", found(app))
    assert ("error", "no Rust file registers the plugin") in messages
    assert ("error", "no capability lets a page ask a sidecar") in messages
    assert ("warning", "tauri.conf.json says nothing of `sidecar-bridge`") in messages


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ('["python3.99", "main.py"]', "`python3.99`, which starts `python`, is not found"),
        ('["/no/python", "main.py"]', "`/no/python`, which starts `python`, is not found"),
    ],
)
def test_a_python_that_is_not_there(command: str, reason: str, app: Path) -> None:
    change(app / "src-tauri/tauri.conf.json", '["python3", "main.py"]', command)
    assert of("python", found(app)) == [("error", reason)]


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ('["python3", "main.py"]', '"python3 main.py"', "`command` of `python` is 'python3 main.py'"),
        ('["python3", "main.py"]', "[]", "`command` of `python` is []"),
        ('"sidecars": {', '"sidecars": [], "other": {', "`sidecars` is []"),
    ],
)
def test_a_configuration_that_the_host_does_not_read(before: str, after: str, message: str, app: Path) -> None:
    change(app / "src-tauri/tauri.conf.json", before, after)
    assert ("error", message) in of("setup", found(app))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[5]", "is 5"),
        ('"main"', "is 'main'"),
        ('{"identifier": "a", "permissions": "core:default"}', "`permissions` of "),
        ('[{"identifier": "a", "permissions": [], "windows": "main"}]', "`windows` of "),
        ('{"capabilities": [7]}', "is 7"),
    ],
)
def test_a_capability_that_tauri_does_not_read(content: str, said: str, app: Path) -> None:
    (app / "src-tauri/capabilities/odd.json").write_text(content)
    told = [message for level, message in of("setup", found(app)) if level == "error"]
    assert len(told) == 1
    assert "src-tauri/capabilities/odd.json" in told[0]
    assert said in told[0]


@pytest.mark.parametrize("folder", ["sidecar", "services/api"])
def test_a_program_that_python_does_not_read(folder: str, app: Path) -> None:
    program = app / folder / "main.py"
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text("import os\ndef broken(:\n")
    change(app / "src-tauri/tauri.conf.json", '"../sidecar"', f'"../{folder}"')
    assert ("error", f"{folder}/main.py:2 is no program: invalid syntax") in of("setup", found(app))


def test_a_package_that_the_sidecar_imports_and_its_python_lacks(app: Path) -> None:
    change(app / "sidecar/main.py", "from fastapi", "import no_such_package\nimport json\nimport rows\nfrom fastapi")
    (app / "sidecar/rows.py").touch()
    ((level, message),) = of("python", found(app))
    assert level == "error"
    assert message.startswith("the sidecar imports `no_such_package`, which ")


def test_a_python_without_the_package(app: Path, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "bare"], check=True, timeout=60)
    bare = tmp_path / "bare" / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    change(app / "src-tauri/tauri.conf.json", '["python3", "main.py"]', json.dumps([str(bare), "main.py"]))
    messages = [message for _, message in of("python", found(app))]
    assert f"{bare} has no `tauri-sidecar-bridge`" in messages
    assert f"the sidecar imports `fastapi`, which {bare} has not" in messages


@pytest.mark.skipif(not GLIBC, reason="there is no glibc here")
@pytest.mark.parametrize(
    ("tags", "needs"),
    [
        (["cp311-abi3-manylinux_2_99_x86_64"], "2.99"),
        (["cp311-abi3-manylinux_3_1_x86_64", "cp311-abi3-manylinux_2_100_x86_64"], "2.100"),
        (["cp311-abi3-manylinux_2_99_x86_64", "cp311-abi3-manylinux_2_17_x86_64"], None),
        (["cp311-abi3-linux_x86_64"], None),
        (["cp311-abi3-musllinux_1_2_x86_64"], None),
        ([], None),
    ],
)
def test_an_environment_that_was_made_on_a_newer_glibc(
    tags: list[str], needs: str | None, app: Path, tmp_path: Path
) -> None:
    # It stands first, in place of what this environment says of the package.
    described = tmp_path / "packages/tauri_sidecar_bridge-0.dist-info"
    described.mkdir(parents=True)
    (described / "METADATA").write_text(f"Metadata-Version: 2.1\nName: tauri-sidecar-bridge\nVersion: {VERSION}\n")
    (described / "WHEEL").write_text("Wheel-Version: 1.0\n" + "".join(f"Tag: {tag}\n" for tag in tags))
    path = os.pathsep.join(map(str, (described.parent, Path(sidecar_bridge.__file__).parents[1])))
    python = Path(sys.executable).with_name("python3")
    said = f"{python} runs on {GLIBC}, and its `tauri-sidecar-bridge` needs {needs} or newer"
    assert of("python", found(app, PYTHONPATH=path)) == ([] if needs is None else [("error", said)])


CALLS = """
    await host.window("main").set_title("x")
    await host.window("main").maximize()
    await host.window("other").set_title("x")
    await host.dialog.save()
    await host.invoke("greet", {"name": "x"})
    await host.invoke(chosen)
"""


def test_a_call_that_no_capability_grants(app: Path) -> None:
    change(app / "sidecar/main.py", '    await host.window("main").set_title("Python was here")\n', CALLS)
    findings = found(app)
    assert of("grants", findings) == [
        ("error", "sidecar/main.py:12 calls `plugin:window|maximize` in window `main`, which no capability grants"),
        ("error", "sidecar/main.py:13 calls `plugin:window|set_title` in window `other`, which no capability grants"),
        ("error", "sidecar/main.py:14 calls `plugin:dialog|save`, which no capability grants"),
        ("error", "sidecar/main.py:15 calls `greet`, which no capability grants"),
    ]
    remedies = [each["remedy"] for each in findings if each["check"] == "grants"]
    assert remedies[2] == "add `dialog:allow-save` to the sidecar's capability"
    grant = '["core:window:allow-set-title", "core:window:allow-maximize", "dialog:allow-save", "allow-greet"]'
    change(app / "src-tauri/capabilities/sidecar.json", '["core:window:allow-set-title"]', grant)
    change(app / "src-tauri/capabilities/sidecar.json", '["main"]', '["*"]')
    assert of("grants", found(app)) == []


@pytest.mark.parametrize(
    ("csp", "missing"),
    [
        ("\"default-src 'self'; connect-src ipc: http://ipc.localhost\"", None),
        ('{ "default-src": "\'self\'", "connect-src": ["ipc:", "http://ipc.localhost"] }', None),
        ("\"default-src 'self'; connect-src ipc:\"", "`http://ipc.localhost`"),
        ("\"default-src 'self'\"", "`ipc:` and `http://ipc.localhost`"),
        ("\"img-src 'self'\"", None),
    ],
)
def test_a_csp_that_keeps_the_page_from_the_quick_way(csp: str, missing: str | None, app: Path) -> None:
    change(app / "src-tauri/tauri.conf.json", '"csp": null', f'"csp": {csp}')
    wanted = [] if missing is None else [("warning", f"`connect-src` of the csp lacks {missing}")]
    assert of("csp", found(app)) == wanted


BINDINGS = '''"""Contract: 1-0."""
from sidecar_bridge.bindings.pydantic import Command
_GREET = Command("greet", {}, None, None)
_OLD = Command("old", {}, None, None)
'''


def test_bindings_that_are_not_those_of_the_commands(app: Path) -> None:
    (app / "sidecar/bindings.py").write_text(BINDINGS)
    commands = "fn all() { collect_commands![\n    greet, // typed\n    more::ping::<Wry>,\n]; }\n"
    (app / "src-tauri/src/all.rs").write_text(commands)
    assert of("bindings", found(app)) == [
        ("warning", "sidecar/bindings.py lacks the command `ping`"),
        ("warning", "sidecar/bindings.py has `old`, which the app does not register"),
    ]


def test_what_an_earlier_sidecar_has_left(tmp_path: Path) -> None:
    app = apps.make(tmp_path / "app", apps.SHELL)
    messages = of("leftovers", found(app))
    assert ("note", "backend/server.py:9 is of an earlier sidecar") in messages


def test_a_program_that_does_not_serve_yet(tmp_path: Path) -> None:
    """As `init` leaves it, which changes no Python that is there."""
    app = apps.make(tmp_path / "app", apps.SHELL)
    (app / ".git").mkdir()
    said = "backend/server.py is started as the sidecar and never calls `serve`"
    assert ("error", said) not in of("setup", found(app))
    call(app, "init", "--yes")
    assert ("error", said) in of("setup", found(app))
    server = app / "backend/server.py"
    server.write_text(server.read_text().replace("uvicorn.run(app, port=8008)", "sidecar_bridge.serve(app)"))
    assert ("error", said) not in of("setup", found(app))


@pytest.mark.parametrize("program", ["from flask import Flask\napp = Flask(__name__)\napp.run(port=5000)\n", "def (\n"])
def test_a_program_that_init_has_left_as_it_is(program: str, tmp_path: Path) -> None:
    app = apps.make(tmp_path / "app", apps.VANILLA | {"sidecar/main.py": program})
    (app / ".git").mkdir()
    call(app, "init", "--yes")
    assert (app / "sidecar/main.py").read_text() == program
    assert "nothing to do" in call(app, "init", "--yes").stdout
    message = "sidecar/main.py is started as the sidecar and never calls `serve`"
    assert ("error", message) in of("setup", found(app))


def test_a_program_that_serves_by_another_module(tmp_path: Path) -> None:
    app = apps.make(tmp_path / "app", apps.SHELL | {"backend/shared.py": "def go(app): serve(app)\n"})
    (app / ".git").mkdir()
    call(app, "init", "--yes")
    assert not [said for level, said in of("setup", found(app)) if "never calls" in said]


@pytest.mark.parametrize(("variable", "name"), [("FLATPAK_ID", "Flatpak"), ("SNAP", "Snap"), ("APPIMAGE", "AppImage")])
def test_a_sandbox(variable: str, name: str, app: Path) -> None:
    said = f"{variable} is set: this runs in {name}, whose programs are not those of the system"
    assert of("sandbox", found(app, **{variable: "x"})) == [("note", said)]


@pytest.mark.skipif(sys.platform == "win32", reason="pipes have no path")
def test_a_path_that_is_too_long_for_a_socket(app: Path, tmp_path: Path) -> None:
    long = tmp_path / ("x" * 90)
    long.mkdir(mode=0o700)
    ((level, message),) = of("run-directory", found(app, XDG_RUNTIME_DIR=str(long)))
    assert level == "error"
    assert message.startswith(f"a socket in {long} has a path of {len(str(long)) + 35} bytes, and ")


@pytest.mark.skipif(sys.platform == "win32", reason="pipes have no folder")
def test_a_folder_that_others_may_enter_is_not_taken(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    environment = {"XDG_RUNTIME_DIR": str(tmp_path), "TMPDIR": "/elsewhere"}
    assert run_folder(environment) == Path("/elsewhere")
    tmp_path.chmod(0o700)
    assert run_folder(environment) == tmp_path


@pytest.mark.skipif(sys.platform == "win32", reason="the file has no sockets there")
def test_an_app_that_runs_or_has_ended(app: Path) -> None:
    runtime = app.parent / "run"
    file = runtime / "sidecar-bridge-com.example.app.json"
    socket = runtime / "sidecar.sock"
    socket.touch()
    places = {"join": {"unix": str(socket)}, "listen": {"unix": str(socket)}}
    content = {"protocol": 2, "identifier": "com.example.app", "pid": os.getpid(), "sidecars": {"python": places}}
    file.write_text(json.dumps(content))
    assert of("running", found(app)) == [("note", f"the app runs as process {os.getpid()}, with `python`")]
    socket.unlink()
    assert of("running", found(app))[0][0] == "error"
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait(30)
    file.write_text(json.dumps(content | {"pid": ended.pid}))
    assert of("running", found(app)) == [("warning", f"{file} is of process {ended.pid}, which has ended")]
    file.write_text("{}")
    assert of("running", found(app)) == [("warning", f"{file} cannot be read: 'pid'")]


def test_what_differs_on_a_system_counts(app: Path) -> None:
    name = {"darwin": "macos", "win32": "windows"}.get(sys.platform, "linux")
    patch = {"plugins": {"sidecar-bridge": {"sidecars": {"python": {"spawn": {"command": ["python3.99"]}}}}}}
    (app / f"src-tauri/tauri.{name}.conf.json").write_text(json.dumps(patch))
    assert find_app(app).merged["plugins"]["sidecar-bridge"]["sidecars"]["python"]["spawn"]["cwd"]
    assert of("python", found(app)) == [("error", "`python3.99`, which starts `python`, is not found")]


def test_no_app_is_no_finding(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    done = call(tmp_path, "doctor")
    assert (done.returncode, done.stdout) == (64, "")
    assert "has no Tauri app" in done.stderr
