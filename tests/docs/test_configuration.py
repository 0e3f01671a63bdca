"""`docs/configuration.md` has every key of the schema, with an example that the schema takes."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from snippets import ROOT, blocks_of

SCHEMA = json.loads((ROOT / "schemas/config.schema.json").read_text())
PAGE = ROOT / "docs/configuration.md"
EMIT = ROOT / "tools/configuration/emit.py"
OBJECTS = {"": SCHEMA, **{name: SCHEMA["$defs"][name] for name in ("Spawn", "Dev", "Attach")}}
KEYS = [(name, key) for name, part in OBJECTS.items() for key in part["properties"]]


def test_the_page_is_current() -> None:
    done = subprocess.run([sys.executable, EMIT, "--check"], capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == 0, done.stderr


def test_every_object_of_keys_is_known() -> None:
    assert {name for name, part in SCHEMA["$defs"].items() if "properties" in part} == OBJECTS.keys() - {""}


@pytest.mark.parametrize(("name", "key"), KEYS)
def test_a_key_has_a_part_of_its_own_with_type_default_example_and_place(name: str, key: str) -> None:
    prefix = {"": "", "Spawn": "spawn.", "Dev": "spawn.dev.", "Attach": "attach."}[name]
    _, _, part = PAGE.read_text().partition(f"### `{prefix}{key}`\n")
    part = part.partition("\n#")[0]
    assert all(f"- **{word}:** " in part for word in ("type", "default", "example", "read in"))


@pytest.mark.parametrize(("name", "key"), KEYS)
def test_the_examples_of_a_key_are_valid(name: str, key: str) -> None:
    part: dict[str, Any] = OBJECTS[name]["properties"][key]
    validator = Draft202012Validator(part | {"$defs": SCHEMA["$defs"]})
    assert part["examples"]
    for example in part["examples"]:
        validator.validate(example)


def test_the_first_snippet_is_a_configuration() -> None:
    (snippet,) = [json.loads(block.text) for block in blocks_of(PAGE)]
    Draft202012Validator(SCHEMA).validate(snippet["plugins"]["sidecar-bridge"])
