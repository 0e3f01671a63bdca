"""`python -m sidecar_bridge bundle`, with the real PyInstaller, and what it builds under the real host."""

from __future__ import annotations

import fcntl
import hashlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hosts import LIMIT_S, HostProcess

from sidecar_bridge._bundle import check, order, spec
from sidecar_bridge._bundle.build import _without_links

TEXT = (Path(__file__).parents[2] / "docs/guides/package.md").read_text()
BUILD_LIMIT_S = 300

MAIN = """
import os, signal
import sidecar_bridge
if os.environ.get("DIES"):
    print("the last line", end="")
    os.kill(os.getpid(), signal.SIGKILL)
from routes import greet_in_job, jobs
# Each worker runs this file, too, and must not get as far as workers of its own.
with jobs:
    greet_in_job.submit()
    sidecar_bridge.serve("routes:app")
"""

ROUTES = """
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from pathlib import Path
import sidecar_bridge
from fastapi import FastAPI
from pydantic import BaseModel
from sidecar_bridge.jobs import Job, Jobs

hidden = import_module("plug" + "ins")
here = Path(__file__).parent

class Answer(BaseModel):
    migrations: str
    wave: str
    hidden: str
    workers: list[str]

def greet(how: str) -> str:
    return sidecar_bridge.get_host().invoke("greet", {"name": how})["message"]

def greeted(how: str) -> str:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context(how)) as pool:
        return pool.submit(greet, how).result()

jobs = Jobs()

@jobs.job
def greet_in_job(_job: Job) -> str:
    return greet("job")

app = FastAPI()

@app.get("/answer")
def answer() -> Answer:
    names: dict[str, str] = {}
    exec((here / "migrations/versions/0001.py").read_text(), names)
    workers = [greeted(how) for how in ("spawn", "forkserver", "fork")]
    workers.append(greet_in_job.submit().result(60))
    return Answer(migrations=names["revision"], wave=names["wave"].__name__, hidden=hidden.NAME, workers=workers)
"""

WORKERS = [f"Hello, {how}!" for how in ("spawn", "forkserver", "fork", "job")]
ANSWER = {"migrations": "0001", "wave": "wave", "hidden": "hidden", "workers": WORKERS}

COMMAND = [sys.executable, "-m", "sidecar_bridge", "bundle"]


class Built(NamedTuple):
    """What a build said, and what it made."""

    said: str
    program: Path


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = tmp_path_factory.mktemp("project")
    sources = project / "sidecar"
    (sources / "migrations/versions/__pycache__").mkdir(parents=True)
    (sources / "main.py").write_text(MAIN)
    (sources / "routes.py").write_text(ROUTES)
    (sources / "plugins.py").write_text('NAME = "hidden"\n')
    (sources / "migrations/versions/0001.py").write_text("import wave\nrevision = '0001'\n")
    (sources / "migrations/versions/__pycache__/0001.pyc").write_bytes(b"")
    (project / "src-tauri").mkdir()
    (project / "src-tauri/tauri.conf.json").write_text("{}")
    return project


def bundle(project: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "TAURI_ENV_TARGET_TRIPLE"} | env
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        timeout=BUILD_LIMIT_S,
        check=False,
    )


def build(project: Path, *arguments: str) -> str:
    (documented,) = re.findall(r"^```sh\npython -m sidecar_bridge bundle (.*)\n```$", TEXT, re.MULTILINE)
    done = bundle(project, *documented.split(), "--hidden-import", "plugins", *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.fixture(scope="module")
def folder(project: Path) -> Built:
    """A sidecar as the folder for `resources`."""
    return Built(build(project), project / "src-tauri/sidecar/python/python")


@pytest.fixture(scope="module")
def file(project: Path) -> Built:
    """A sidecar as the file for `externalBin`."""
    said = build(project, "--layout", "external-bin", "--name", "my-app-python")
    (program,) = (project / "src-tauri/sidecar").glob("my-app-python-*")
    return Built(said, program)


def documented(label: str) -> Any:
    (text,) = re.findall(rf"^<!-- {label} -->\n```\w+\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
    return json.loads(text)


def digests(directory: Path) -> dict[str, str]:
    files = (path for path in directory.rglob("*") if path.is_file())
    return {str(path.relative_to(directory)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Path]:
    """The test host where a `.deb` puts an app, without its sidecar."""
    host = os.environ.get("SIDECAR_BRIDGE_TEST_HOST") or pytest.fail(
        "set SIDECAR_BRIDGE_TEST_HOST, or run scripts/test"
    )
    (tmp_path / "usr/bin").mkdir(parents=True)
    (tmp_path / "usr/lib/test-host").mkdir(parents=True)
    (tmp_path / "run").mkdir(mode=0o700)
    shutil.copy(host, tmp_path / "usr/bin/test-host")
    yield tmp_path
    shutil.rmtree(tmp_path)  # it is large


def answer(installed: Path, config: Any) -> Any:
    """Run the app, for which there is no Python on this machine, and ask its sidecar."""
    run = str(installed / "run")
    env = {"PATH": str(installed / "usr/bin"), "TMPDIR": run, "XDG_RUNTIME_DIR": run}
    host = HostProcess(str(installed / "usr/bin/test-host"), config["plugins"]["sidecar-bridge"], env)
    try:
        host.wait_for("ready")
        (endpoint,) = installed.glob("run/sidecar-bridge-*/sidecar.sock")
        connection = http.client.HTTPConnection("localhost", timeout=LIMIT_S)
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(str(endpoint))
        connection.request("GET", "/answer")
        body = json.loads(connection.getresponse().read())
        connection.close()
        host.stop()
    finally:
        host.kill()
    return body


def test_the_folder_serves_as_documented(folder: Built, installed: Path) -> None:
    (place,) = documented("tauri.conf.json: bundle")["bundle"]["resources"].values()
    shutil.copytree(folder.program.parent, installed / "usr/lib/test-host" / place)
    config = documented("tauri.conf.json: plugins")
    assert answer(installed, config) == ANSWER


def test_the_file_serves_as_documented(file: Built, installed: Path) -> None:
    triple = order._triple(None)
    assert file.program.name == f"my-app-python-{triple}"
    shutil.copy(file.program, installed / "usr/bin/my-app-python")
    config = documented("tauri.conf.json: plugins, one file")
    assert answer(installed, config) == ANSWER


def test_it_says_what_was_built_and_what_to_configure(folder: Built, file: Built) -> None:
    for built, label in [(folder, ""), (file, ", one file")]:
        first, result, add, *config = built.said.splitlines()
        assert re.fullmatch(r"building [\w-]+ with PyInstaller [\d.]+, log: .*/build\.log", first)
        assert re.fullmatch(r".*/src-tauri/sidecar/.*: [\d.]+ MB, built in \d+ s, starts in [\d.]+ s", result)
        assert add.endswith("/src-tauri/tauri.conf.json:")
        expected = [documented(f"tauri.conf.json: {piece}{label}") for piece in ("bundle", "plugins")]
        assert [json.loads(line) for line in config] == expected


def test_what_it_prints_is_not_held_back(folder: Built) -> None:
    done = subprocess.run([folder.program], env={"DIES": "1"}, capture_output=True, timeout=LIMIT_S, check=False)
    assert (done.returncode, done.stdout) == (-signal.SIGKILL, b"the last line")


def test_a_program_whose_workers_do_not_begin_is_refused(small: Path) -> None:
    (small / "main.py").write_text(
        "import sys, sidecar_bridge\nif sys.argv[1:]: sys.exit(2)\nsidecar_bridge.serve(print)\n"
    )
    done = bundle(small, "main.py")
    remedy = "call `multiprocessing.freeze_support()` first in the file that is built"
    assert done.returncode == 1
    assert f"a worker of `multiprocessing` does not begin (spawn: exit code 2); {remedy}" in done.stderr
    assert_former(small)


def test_the_folder_is_what_tauri_copies(folder: Built) -> None:
    """`ResourcePaths` of tauri-utils gives files only, and follows no link to a directory."""
    directory = folder.program.parent
    assert not [path for path in directory.rglob("*") if path.is_symlink()]
    assert os.access(folder.program, os.X_OK)
    assert (directory / "_internal/migrations/versions/0001.py").is_file()
    assert not list(directory.rglob("__pycache__"))
    for stranger in ("pytest", "mypy"):
        assert not list(directory.rglob(f"{stranger}*"))


def test_nothing_else_is_left(folder: Built, file: Built, project: Path) -> None:
    assert {path.name for path in (project / "src-tauri").iterdir()} == {
        "tauri.conf.json",
        "sidecar",
        ".sidecar-bridge",
    }
    assert {path.name for path in (project / "src-tauri/sidecar").iterdir()} == {"python", file.program.name}
    assert (project / "src-tauri/.sidecar-bridge/.gitignore").read_text() == "*\n"
    assert {path.name for path in project.iterdir()} == {"sidecar", "src-tauri"}


def test_building_again_is_quick_and_gives_the_same(folder: Built, project: Path) -> None:
    before = digests(folder.program.parent)
    (folder.program.parent / "former").touch()
    build(project)
    assert digests(folder.program.parent) == before
    log = (project / "src-tauri/.sidecar-bridge/python/build.log").read_text()
    assert "Initializing module dependency graph" not in log


def test_other_packages_begin_anew(
    folder: Built, project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(spec, "_packages", lambda: "others")
    order = _order(project, tmp_path)
    order.cache.mkdir()
    spec.write_spec(order, None)
    assert not order.cache.exists()
    order.cache.mkdir()
    spec.write_spec(order, None)
    assert order.cache.exists()


def _order(project: Path, work: Path) -> order.Order:
    return order.Order(
        entry=project / "sidecar/main.py",
        name="python",
        to=work,
        triple="",
        layout="resources",
        include=[],
        hidden=[],
        work=work,
    )


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A project that builds in seconds, and what seems to be the sidecar of a former build."""
    (tmp_path / "main.py").write_text("import plugins\n")
    former = tmp_path / "src-tauri/sidecar/python"
    former.mkdir(parents=True)
    (former / "python").write_text("former")
    return tmp_path


def assert_former(small: Path) -> None:
    assert [path.name for path in (small / "src-tauri/sidecar").iterdir()] == ["python"]
    assert (small / "src-tauri/sidecar/python/python").read_text() == "former"


def test_what_does_not_start_does_not_replace_the_former(small: Path) -> None:
    (small / "src-tauri/sidecar/.python.killed").mkdir()
    done = bundle(small, "main.py")
    log = small / "src-tauri/.sidecar-bridge/python/build.log"
    reason = "what was built does not start: No module named 'plugins'; install it"
    assert (done.returncode, done.stderr) == (1, f"python -m sidecar_bridge: {reason}, the log is {log}\n")
    assert "Traceback (most recent call last):" in log.read_text()
    assert_former(small)


def test_the_documented_complaint_is_the_real_one(project: Path) -> None:
    (complaint,) = re.findall(r"^<!-- a missing module -->\n```text\n(.*?)…$", TEXT, re.DOTALL | re.MULTILINE)
    said = "Traceback:\nModuleNotFoundError: No module named 'plugins'\n[PYI-1:ERROR] Failed to execute script\n"
    assert complaint.endswith(f": {check._diagnosis(project / 'sidecar', 1, said)}, the log is ")


@pytest.mark.parametrize(
    ("status", "text", "reason"),
    [
        (0, "hello\n", "it ended with exit code 0 before it called `serve`"),
        (1, "FileNotFoundError: [Errno 2] No such file or directory: 'a.txt'\n", "'a.txt'; add it with --include"),
        (1, "sqlalchemy.exc.ArgumentError: no URL\n", "sqlalchemy.exc.ArgumentError: no URL; correct that"),
        (None, "", "it calls no `serve` within 120 s; move what takes so long into the lifespan"),
    ],
)
def test_it_says_why_a_sidecar_does_not_start(tmp_path: Path, status: int | None, text: str, reason: str) -> None:
    assert reason in check._diagnosis(tmp_path, status, text)


def test_a_sidecar_that_never_serves_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(check, "_LIMIT_S", 0.2)
    program = tmp_path / "sidecar"
    program.write_text("#!/bin/sh\nsleep 1000 & exec sleep 1000\n")
    program.chmod(0o755)
    # The pipe ends with the last process that has it.
    mine, theirs = os.pipe()
    assert check._status(program, dict(os.environ), tmp_path, theirs) is None
    os.close(theirs)
    assert os.read(mine, 1) == b""
    os.close(mine)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_interrupted_build_leaves_the_former(small: Path, number: int) -> None:
    with subprocess.Popen([*COMMAND, "main.py"], cwd=small, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith(b"building python")
        process.send_signal(number)
        _, error = process.communicate(timeout=LIMIT_S)
    assert (process.returncode, error) == (1, b"python -m sidecar_bridge: interrupted; start it again\n")
    assert_former(small)


def test_two_builds_at_once_are_refused(small: Path) -> None:
    work = small / "src-tauri/.sidecar-bridge/python"
    work.mkdir(parents=True)
    with (work / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = bundle(small, "main.py")
    assert done.returncode == 1
    assert f"another build is at work in {work}; wait for its end" in done.stderr
    assert_former(small)


def test_a_module_that_is_not_there_is_refused(small: Path) -> None:
    done = bundle(small, "main.py", "--hidden-import", "no_such_module")
    assert done.returncode == 1
    assert "no module `no_such_module`; install it, or correct --hidden-import" in done.stderr
    assert_former(small)
    # PyInstaller complains only where it looks anew.
    assert not (small / "src-tauri/.sidecar-bridge/python/pyinstaller").exists()


@pytest.mark.parametrize(
    ("arguments", "status", "reason"),
    [
        (["none.py"], 64, "no file `none.py` here; name the one that calls `serve`"),
        (["src-tauri"], 64, "no file `src-tauri` here"),
        (["main.py", "--name", "../x"], 64, "`../x` is no name; use 1 to 32 of a-z, 0-9 and -"),
        (["main.py", "--layout", "external-bin"], 64, "would install `python` as /usr/bin/python; say another name"),
        (["main.py", "--include", "none"], 64, "no file or folder `none` here; correct --include"),
        (["main.py", "--to", "main.py/there"], 64, "main.py/there cannot be written: Not a directory; name another"),
        (
            ["main.py", "--target", "riscv64gc-unknown-linux-gnu"],
            64,
            "and cannot build for riscv64gc-unknown-linux-gnu",
        ),
        (["broken.py"], 1, "broken.py is no Python: '(' was never closed (broken.py, line 1); correct it"),
    ],
)
def test_what_cannot_be_built_is_refused_in_one_line(
    small: Path, arguments: list[str], status: int, reason: str
) -> None:
    (small / "broken.py").write_text("(")
    done = bundle(small, *arguments)
    assert done.returncode == status
    assert reason in done.stderr
    assert done.stderr.startswith("python -m sidecar_bridge: ")
    assert len(done.stderr.splitlines()) == 1
    assert_former(small)


def test_tauri_says_what_it_builds_for(small: Path) -> None:
    own = order.own_triple()
    other = own.replace("linux-gnu", "windows-msvc").replace("unknown", "pc")
    done = bundle(small, "main.py", TAURI_ENV_TARGET_TRIPLE=other)
    assert done.returncode == 64
    assert f"this Python is of {own} and cannot build for {other}; use one of that system" in done.stderr


def test_without_pyinstaller_it_says_what_to_install(small: Path) -> None:
    code = "import sys; sys.modules['PyInstaller'] = None; from sidecar_bridge._cli import main; sys.exit(main())"
    command = [sys.executable, "-c", code, "bundle", "main.py"]
    done = subprocess.run(command, cwd=small, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    assert done.returncode == 64
    assert "no module PyInstaller; install it with pip install 'tauri-sidecar-bridge[bundle]'" in done.stderr


@pytest.mark.skipif(shutil.which("rustc") is None, reason="there is no rustc to compare with")
def test_the_triple_is_rustc_s() -> None:
    assert order.own_triple() == order._rustc_host()


def test_links_become_what_tauri_makes_of_them(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    (folder / "versions/1").mkdir(parents=True)
    (folder / "versions/1/lib").write_text("code")
    (folder / "versions/1/lib").chmod(0o755)
    (folder / "versions/current").symlink_to("1")
    (folder / "lib").symlink_to("versions/current/lib")
    _without_links(folder)
    found = sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))
    assert found == ["lib", "versions", "versions/1", "versions/1/lib"]
    assert not (folder / "lib").is_symlink()
    assert os.access(folder / "lib", os.X_OK)


def test_the_imports_of_included_files_are_valid_code(tmp_path: Path) -> None:
    (tmp_path / "env.py").write_text(
        "from __future__ import annotations\nfrom . import sibling\nfrom os import *\nimport a.b as c\n"
        "def late():\n    from logging.config import fileConfig\n"
    )
    (tmp_path / "template.py").write_text("{{ not Python }}")
    found = spec._imports([tmp_path / "env.py", tmp_path / "template.py"])
    assert found == {"import a.b", "import os", "import logging.config", "from logging.config import fileConfig"}
    spec._write_never(tmp_path / "imports", found)
    (written,) = (tmp_path / "imports").iterdir()
    compile(written.read_text(), str(written), "exec")
