"""The permission that each method names is one of Tauri's, and grants its command: the build of an app says so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mirror import DOCUMENT

MANIFESTS = json.loads((Path(__file__).parent / "gen/schemas/acl-manifests.json").read_text(encoding="utf-8"))
COMMANDS = [
    (plugin["name"], each) for plugin in DOCUMENT["plugins"] for each in plugin["commands"] if not plugin["left_out"]
]


@pytest.mark.parametrize(
    ("plugin", "command"), COMMANDS, ids=lambda each: each if isinstance(each, str) else each["command"]
)
def test_a_permission_grants_its_command(plugin: str, command: dict[str, Any]) -> None:
    manifest, _, name = command["permission"].rpartition(":")
    granted = MANIFESTS[manifest]["permissions"][name]["commands"]
    assert command["command"] in granted["allow"]
    assert not granted["deny"]
    assert manifest.removeprefix("core:") == plugin


@pytest.mark.parametrize(
    ("plugin", "command"), COMMANDS, ids=lambda each: each if isinstance(each, str) else each["command"]
)
def test_what_is_granted_by_default_is_said(plugin: str, command: dict[str, Any]) -> None:
    manifest, _, name = command["permission"].rpartition(":")
    assert command["by_default"] == (name in everything(MANIFESTS[manifest]))


def everything(manifest: dict[str, Any]) -> set[str]:
    """The permissions of the default set, those of sets in it too."""
    found: set[str] = set()
    pending = list((manifest["default_permission"] or {"permissions": []})["permissions"])
    while pending:
        each = pending.pop()
        inner = manifest["permission_sets"].get(each)
        pending += inner["permissions"] if inner else []
        found |= {each} if not inner else set()
    return found
