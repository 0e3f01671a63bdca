"""The README's snippets are what they say: pieces of the quickstart, or a new app that really runs."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from running import ask, make_folders, running, until_ready
from snippets import ROOT, Block, blocks_of, stands_in

BLOCKS = [block for block in blocks_of(ROOT / "README.md") if block.language != "sh"]
KINDS = {"from", "new app", "development", "slow start", "defaults"}


def block(kind: str, file: str) -> str:
    (text,) = [block.text for block in BLOCKS if (block.kind, block.file) == (kind, file)]
    return text


def new_app(file: str) -> str:
    return block("new app", file)


def spawn_of(text: str) -> Any:
    return json.loads(text)["plugins"]["sidecar-bridge"]["sidecars"]["python"]["spawn"]


def test_every_code_block_says_where_it_comes_from() -> None:
    assert {block.kind for block in BLOCKS} == KINDS


@pytest.mark.parametrize("block", [block for block in BLOCKS if block.kind == "from"], ids=lambda block: block.file)
def test_a_snippet_stands_in_the_file_that_it_names(block: Block) -> None:
    assert stands_in(block.text, ROOT / block.file)


def test_the_first_screens_snippets_are_short() -> None:
    assert all(len(block.text.splitlines()) <= 8 for block in BLOCKS[:3])


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


def test_the_defaults_are_those_of_the_schema() -> None:
    schema = json.loads((ROOT / "schemas/config.schema.json").read_text())
    keys = schema["$defs"]["Spawn"]["properties"]
    stated = json.loads(block("defaults", "spawn"))
    assert stated == {key: keys[key]["default"] for key in stated}


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """The new app's folder, as `tauri dev` leaves it."""
    make_folders(tmp_path)
    (tmp_path / "sidecar/main.py").write_text(new_app("sidecar/main.py"))
    return tmp_path


def test_the_sidecar_runs_as_configured(app: Path) -> None:
    with running(app, spawn_of(new_app("src-tauri/tauri.conf.json"))) as states:
        until_ready(states)
        assert ask(app, "/hello") == "Hello from FastAPI"


def test_in_development_a_changed_file_starts_the_sidecar_again(app: Path) -> None:
    spawn = spawn_of(new_app("src-tauri/tauri.conf.json")) | spawn_of(block("development", "src-tauri/tauri.conf.json"))
    with running(app, spawn) as states:
        until_ready(states)
        main = app / "sidecar/main.py"
        main.write_text(main.read_text().replace("Hello from FastAPI", "Hello again"))
        until_ready(states)
        assert ask(app, "/hello") == "Hello again"


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
