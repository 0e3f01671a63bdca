"""The code of `docs/questions.md` runs: apps in the test host, pages with `FakeHost`, TypeScript in the quickstart."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import time
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from running import PATIENCE_S, ask, make_folders, running, until_ready
from sidecar_bridge.testing import FakeHost
from snippets import ROOT, blocks_of
from test_page import QUICKSTART, typecheck

PAGE = ROOT / "docs/questions.md"
BLOCKS = blocks_of(PAGE)
RUN = {block.file: block.text for block in BLOCKS if block.kind.startswith("run")}
SPAWN = {"command": ["python3", "main.py"], "cwd": "$RESOURCE/sidecar"}
NEWCOMERS_ASK = [
    "thread",
    "job",
    "Flask",
    "Django",
    "Litestar",
    "workers",
    "print and logging",
    "tray",
    "menu",
    "shortcut",
    "the end take",
    "/docs",
    "Gradio",
    "NiceGUI",
    "two sidecars",
    "files go",
    "request.client",
    "middleware",
    "webviews",
    "TypeScript",
    "Workers",
    "AppImage",
    "Flatpak",
    "Snap",
    "Nix",
    "updater",
]


def test_every_code_block_is_run() -> None:
    kinds = {block.kind for block in BLOCKS}
    assert kinds == {"run with the test host", "run with FakeHost", "vite.config.ts", "configuration", "page"}


@pytest.mark.parametrize("word", NEWCOMERS_ASK)
def test_a_question_asks_it(word: str) -> None:
    assert any(word in heading for heading in re.findall(r"^## (.*)$", PAGE.read_text(), re.MULTILINE))


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """The folders of an app, whose sidecar is to be written."""
    make_folders(tmp_path)
    return tmp_path


def test_a_thread_and_a_job_call_the_app(app: Path) -> None:
    (app / "sidecar/main.py").write_text(RUN["sidecar/main.py"])
    with running(app, dict(SPAWN)) as states:
        until_ready(states)
        assert ask(app, "/thread", "POST") is None
        job: Any = ask(app, "/jobs/in_a_job", "POST")
        assert "state" in job, job
        end = time.monotonic() + PATIENCE_S
        while job["state"] in {"queued", "running"}:
            assert time.monotonic() < end, job
            job = ask(app, f"/jobs/{job['id']}")
        assert job["state"] == "done", job


def test_print_and_logging_go_to_the_apps_log(app: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (app / "sidecar/main.py").write_text(RUN["sidecar/logs.py"])
    with running(app, dict(SPAWN)) as states:
        until_ready(states)
        assert ask(app, "/say") is None
    said = "".join(capfd.readouterr())
    assert "python: printed\n" in said
    assert "python: ERROR orders: logged\n" in said


def test_a_route_sees_this_machine(app: Path) -> None:
    (app / "sidecar/main.py").write_text(RUN["sidecar/seen.py"])
    with running(app, dict(SPAWN)) as states:
        until_ready(states)
        assert ask(app, "/seen") == ["127.0.0.1", "http://localhost/seen"]


def test_pages_of_their_own_have_a_window(fake_host: FakeHost) -> None:
    names: dict[str, Any] = {}
    exec(compile(RUN["pages.py"], str(PAGE), "exec", dont_inherit=True), names)
    fake_host.answers("plugin:webview|create_webview_window")

    async def run() -> str:
        async with names["lifespan"](names["app"]):
            url: str = fake_host.args_of("plugin:webview|create_webview_window")[0]["options"]["url"]
            with await asyncio.to_thread(urlopen, url, timeout=PATIENCE_S) as answer:
                return str(answer.read().decode())

    assert "swagger" in asyncio.run(run())


def test_the_python_passes_mypy_and_ruff(tmp_path: Path) -> None:
    for name, text in RUN.items():
        (tmp_path / Path(name).name).write_text(text)
    config = str(ROOT / "python/pyproject.toml")
    for command in (
        ["mypy", "--strict", "--config-file", config, "."],
        ["ruff", "format", "--check", "--config", str(ROOT / "ruff.toml"), "."],
    ):
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_typescript_typechecks() -> None:
    typecheck(QUICKSTART, "ts", [block.text for block in BLOCKS if block.language == "ts"])


def test_the_configuration_is_one() -> None:
    schema = json.loads((ROOT / "schemas/config.schema.json").read_text())
    (text,) = [block.text for block in BLOCKS if block.kind == "configuration"]
    Draft202012Validator(schema).validate(json.loads(text))


def test_serve_takes_no_workers() -> None:
    from sidecar_bridge import serve  # noqa: PLC0415 - for this one alone

    options: Any = {"workers": 4}
    with pytest.raises(TypeError, match="a sidecar serves in one process"):
        serve("no:app", **options)


def test_the_apps_of_other_frameworks_are_there() -> None:
    apps = " ".join(each.name for each in (ROOT / "tests/frameworks/apps").iterdir())
    assert all(name in apps for name in ("django", "flask", "litestar", "quart", "starlette"))
