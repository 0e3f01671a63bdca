"""Values of another kind than they should have: `doctor` and `init` say what they find, or which file is wrong."""

from __future__ import annotations

import copy
import json
import tomllib
from typing import TYPE_CHECKING, Any

import apps
import pytest
import tomlkit

from sidecar_bridge._cli import main

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WRONG: tuple[Any, ...] = (5, "x", [5], {"x": 5})
NODE = "node_modules/tauri-plugin-sidecar-bridge-api/package.json"
LOCK = '[[package]]\nname = "tauri"\nversion = "2.12.5"\n'
OF_INIT = (
    "src-tauri/tauri.conf.json",
    "src-tauri/capabilities/default.json",
    "src-tauri/Cargo.toml",
    "package.json",
    "pyproject.toml",
)
OF_DOCTOR = (*OF_INIT, "src-tauri/capabilities/sidecar.json", "src-tauri/Cargo.lock", NODE)


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An app without the bridge, which has a bit of everything that is read."""
    project = '[project]\nname = "backend"\nversion = "0.1.0"\ndependencies = ["fastapi"]\n[tool.poetry]\nname = "x"\n'
    folder = apps.make(tmp_path / "app", apps.VANILLA | {"pyproject.toml": project})
    monkeypatch.chdir(folder)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    return folder


@pytest.fixture
def bridged(app: Path) -> Path:
    """The app with the bridge, whose Python is not on this machine: nothing is started to look at it."""
    assert main(["init", "--yes"]) == 0
    (app / "src-tauri/Cargo.lock").write_text(LOCK)
    (app / NODE).parent.mkdir(parents=True)
    (app / NODE).write_text('{"version": "0.1.0"}')
    config = app / "src-tauri/tauri.conf.json"
    config.write_text(config.read_text().replace('"python3"', '"python-that-is-nowhere"'))
    return app


def read(path: Path) -> Any:
    text = path.read_text()
    return json.loads(text) if path.suffix == ".json" else tomllib.loads(text)


def write(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value) if path.suffix == ".json" else tomlkit.dumps(value))


def places(value: Any) -> Iterator[list[str | int]]:
    """Give where each value is that another one is in."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield [key]
        for rest in places(each):
            yield [key, *rest]


def variants(path: Path) -> Iterator[tuple[list[str | int], Any]]:
    """Have the file once with each wrong value in each place."""
    kept = path.read_text()
    for keys in places(read(path)):
        for wrong in WRONG:
            after = inner = copy.deepcopy(read(path))
            for key in keys[:-1]:
                inner = inner[key]
            inner[keys[-1]] = wrong
            write(path, after)
            yield keys, wrong
            path.write_text(kept)


@pytest.mark.parametrize("name", OF_INIT)
def test_init_with_a_wrong_value(name: str, app: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for keys, wrong in variants(app / name):
        said = f"{name}: {keys} is {wrong!r}"
        try:
            status = main(["init", "--dry-run"])
        except Exception as error:
            raise AssertionError(said) from error
        assert status in (0, 64), said
        assert (status == 0) == (capsys.readouterr().err == ""), said


@pytest.mark.parametrize("name", OF_DOCTOR)
def test_doctor_with_a_wrong_value(name: str, bridged: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for keys, wrong in variants(bridged / name):
        said = f"{name}: {keys} is {wrong!r}"
        try:
            status = main(["doctor"])
        except Exception as error:
            raise AssertionError(said) from error
        assert status in (0, 1), said
        assert capsys.readouterr().err == "", said


@pytest.mark.parametrize("name", [NODE, "src-tauri/Cargo.lock", "src-tauri/tauri.conf.json"])
def test_doctor_with_a_file_that_was_not_merged(name: str, bridged: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (bridged / name).write_text("<<<<<<< HEAD\n")
    capsys.readouterr()
    assert main(["doctor", "--json"]) == 1
    findings = json.loads(capsys.readouterr().out)["findings"]
    assert [str(bridged / name) in each["message"] for each in findings if each["check"] == "files"] == [True]
