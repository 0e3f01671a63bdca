"""Python reads and writes the JSON in `tests/golden` as Rust does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from sidecar_bridge import Problem, _bindings
from sidecar_bridge.bindings.pydantic import Command

GOLDEN = sorted((Path(__file__).parents[2] / "tests/golden").glob("*.json"))


def test_there_are_some() -> None:
    assert GOLDEN


@pytest.mark.parametrize("file", GOLDEN, ids=lambda file: file.stem)
def test_it_is_read_and_written_as_it_is(file: Path) -> None:
    shape = getattr(_bindings, file.stem.partition(".")[0])
    text = file.read_text(encoding="utf-8")
    value = Command.codec.decoder(shape)(text)
    assert json.loads(Command.codec.encoder(shape)(value)) == json.loads(text)


@pytest.mark.parametrize(
    "file", [file for file in GOLDEN if file.stem.startswith("Problem")], ids=lambda file: file.stem
)
def test_the_problem_of_the_errors_is_the_same(file: Path) -> None:
    document = json.loads(file.read_text(encoding="utf-8"))
    ours = Problem(**document)
    generated = TypeAdapter(_bindings.Problem).validate_json(file.read_text(encoding="utf-8"))
    assert {name: getattr(ours, name) for name in document} == {name: getattr(generated, name) for name in document}
