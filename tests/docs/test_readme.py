"""The README's snippets are what they say: pieces of the quickstart, or a new app that really runs."""

from __future__ import annotations

import http.client
import json
import os
import re
import select
import socket
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(
    r"<!-- (?P<kind>from|new app|development|slow start): (?P<file>\S+) -->\n```\w+\n(?P<text>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)
BLOCKS = [match.groupdict() for match in BLOCK.finditer((ROOT / "README.md").read_text())]
PATIENCE_S = 20


def block(kind: str, file: str) -> str:
    (text,) = [block["text"] for block in BLOCKS if block["kind"] == kind and block["file"] == file]
    return text


def new_app(file: str) -> str:
    return block("new app", file)


def spawn_of(text: str) -> Any:
    return json.loads(text)["plugins"]["sidecar-bridge"]["sidecars"]["python"]["spawn"]


def normal(text: str) -> str:
    return textwrap.dedent("\n".join(line.rstrip() for line in text.strip("\n").splitlines()))


def test_every_code_block_says_where_it_comes_from() -> None:
    fences = re.findall(r"^```(\w+)$", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert len([fence for fence in fences if fence != "sh"]) == len(BLOCKS)


@pytest.mark.parametrize(
    "block", [block for block in BLOCKS if block["kind"] == "from"], ids=lambda block: block["file"]
)
def test_a_snippet_stands_in_the_file_that_it_names(block: dict[str, str]) -> None:
    wanted = normal(block["text"])
    lines = (ROOT / block["file"]).read_text().splitlines()
    height = len(wanted.splitlines())
    pieces = (normal("\n".join(lines[start : start + height])) for start in range(len(lines)))
    assert wanted in pieces


def test_the_first_screens_snippets_are_short() -> None:
    assert all(len(block["text"].splitlines()) <= 8 for block in BLOCKS[:3])


def test_the_quickstart_is_small() -> None:
    quickstart = ROOT / "examples/quickstart"
    files = ["src-tauri/src/main.rs", "src-tauri/build.rs", "sidecar/main.py", "src/main.ts"]
    lines = [line.strip() for file in files for line in (quickstart / file).read_text().splitlines()]
    code = [line for line in lines if line and not line.startswith(("//", "/*", "# ", "<!--"))]
    assert len(code) <= 200


def test_the_plugin_line_is_the_quickstarts() -> None:
    main = (ROOT / "examples/quickstart/src-tauri/src/main.rs").read_text()
    assert new_app("src-tauri/src/lib.rs").strip() in main


def test_the_capability_has_the_quickstarts_form() -> None:
    ours = json.loads(new_app("src-tauri/capabilities/sidecar.json"))
    quickstart = json.loads((ROOT / "examples/quickstart/src-tauri/capabilities/sidecar.json").read_text())
    assert ours["remote"] == quickstart["remote"]
    assert ours["local"] is quickstart["local"] is False


def test_the_page_typechecks() -> None:
    folder = ROOT / "examples/quickstart/node_modules/.readme"
    folder.mkdir(exist_ok=True)
    (folder / "main.ts").write_text(new_app("src/main.ts"))
    (folder / "tsconfig.json").write_text('{ "extends": "../../tsconfig.json", "include": ["main.ts"] }')
    tsc = ["npx", "--no-install", "tsc", "--noEmit", "--project", str(folder)]
    subprocess.run(tsc, cwd=ROOT / "examples/quickstart", check=True, timeout=120)


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """The new app's folder, as `tauri dev` leaves it."""
    for folder in ("src-tauri", "sidecar", "run"):
        (tmp_path / folder).mkdir(mode=0o700)
    (tmp_path / "sidecar/main.py").write_text(new_app("sidecar/main.py"))
    return tmp_path


@contextmanager
def running(app: Path, spawn: Any) -> Iterator[Iterator[Any]]:
    """Run the app, and give its sidecar's states as they come."""
    host = os.environ.get("SIDECAR_BRIDGE_TEST_HOST") or pytest.fail(
        "set SIDECAR_BRIDGE_TEST_HOST, or run scripts/test"
    )
    spawn["cwd"] = spawn["cwd"].replace("$RESOURCE", str(app))
    command = [host, json.dumps({"sidecars": {"python": {"spawn": spawn}}})]
    environment = os.environ | {
        "XDG_RUNTIME_DIR": str(app / "run"),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, cwd=app / "src-tauri"
    ) as process:
        assert process.stdin is not None
        try:
            yield states(process)
        finally:
            process.stdin.close()
            assert process.wait(PATIENCE_S) == 0
    assert list((app / "run").iterdir()) == []


def states(process: subprocess.Popen[bytes]) -> Iterator[Any]:
    assert process.stdout is not None
    while True:
        readable, _, _ = select.select([process.stdout], [], [], PATIENCE_S)
        assert readable, "no status in time"
        state = json.loads(process.stdout.readline())["state"]
        assert state["phase"] in {"starting", "ready", "restarting"}, state
        yield state


def until_ready(states: Iterator[Any]) -> list[Any]:
    seen = []
    for state in states:
        seen.append(state)
        if state["phase"] == "ready":
            break
    return seen


def test_the_sidecar_runs_as_configured(app: Path) -> None:
    with running(app, spawn_of(new_app("src-tauri/tauri.conf.json"))) as states:
        until_ready(states)
        (endpoint,) = app.glob("run/sidecar-bridge-*/sidecar.sock")
        assert get(endpoint, "/hello") == "Hello from FastAPI"


def test_in_development_a_changed_file_starts_the_sidecar_again(app: Path) -> None:
    spawn = spawn_of(new_app("src-tauri/tauri.conf.json")) | spawn_of(block("development", "src-tauri/tauri.conf.json"))
    with running(app, spawn) as states:
        until_ready(states)
        main = app / "sidecar/main.py"
        main.write_text(main.read_text().replace("Hello from FastAPI", "Hello again"))
        until_ready(states)
        (endpoint,) = app.glob("run/sidecar-bridge-*/sidecar.sock")
        assert get(endpoint, "/hello") == "Hello again"


def test_a_slow_start_is_reported(app: Path) -> None:
    serve = 'from sidecar_bridge import serve\nserve(app, log_level="warning")\n'
    (app / "sidecar/main.py").write_text(block("slow start", "sidecar/main.py") + serve)
    with running(app, spawn_of(new_app("src-tauri/tauri.conf.json"))) as states:
        activities = [state["activity"] for state in until_ready(states) if state["phase"] == "starting"]
    # A status may be passed over that another follows at once.
    percents = [activity["percent"] for activity in activities if activity and activity["name"] == "loading the model"]
    assert percents
    assert percents == sorted(set(percents))
    assert set(percents) <= set(range(0, 100, 10))


def get(endpoint: Path, path: str) -> object:
    connection = http.client.HTTPConnection("localhost", timeout=PATIENCE_S)
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect(str(endpoint))
    connection.request("GET", path)
    reply: object = json.loads(connection.getresponse().read())
    connection.close()
    return reply
