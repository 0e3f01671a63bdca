"""What packages and crates say of a command has to agree, or an exception has to say why not."""

from __future__ import annotations

from typing import Any

import exceptions as said
import pytest
from crates import Argument, Command, Plugin
from exceptions import Method
from model import Model


@pytest.fixture(autouse=True)
def no_exceptions(monkeypatch: pytest.MonkeyPatch) -> None:
    for table in (
        "LEFT_OUT_PLUGINS",
        "LEFT_OUT",
        "BY_HAND",
        "NOT_CALLED",
        "NAMES",
        "NOTES",
        "DOCS",
        "TYPE_DOCS",
        "RECORDS",
    ):
        monkeypatch.setattr(said, table, {})
    monkeypatch.setattr(said, "METHODS", [])


def packages(arguments: dict[str, Any], *, parameter: Any = "string", result: Any = "nothing") -> dict[str, Any]:
    """A package with one function, `play(song)`, that calls `plugin:radio|play`."""
    signature = {
        "parameters": [{"name": "song", "type": parameter, "optional": False}],
        "result": result,
        "doc": "Plays a song.",
    }
    call = {"command": "plugin:radio|play", "function": "play", "arguments": arguments}
    module = {
        "package": "@tauri-apps/plugin-radio", "module": "index", "calls": [call], "functions": {"play": [signature]},
        "classes": {},
    }  # fmt: skip
    return {"versions": {}, "modules": [module], "named": {}}


def crate(*arguments: Argument, result: str = "Result<()>", **more: Any) -> list[Plugin]:
    """A crate whose one command is `play`."""
    command = Command("play", permission=True, cfg=[], arguments=list(arguments), result=result)
    for name, value in more.items():
        setattr(command, name, value)
    return [Plugin("radio", "tauri-plugin-radio", "2.0.0", "radio", {"play": command})]


SONG = {"song": {"parameter": "song"}}


def test_what_agrees_becomes_a_method() -> None:
    model = Model(packages(SONG), crate(Argument("song", "String")))
    assert model.differences == []
    (command,) = model.document["plugins"][0]["commands"]
    assert (command["state"], command["permission"]) == ("typed", "radio:allow-play")
    (method,) = command["methods"]
    assert (method["python"], method["arguments"][0]["type"]) == ("play", "string")


@pytest.mark.parametrize(
    ("read", "plugins", "difference"),
    [
        (packages({"tune": {"parameter": "song"}}), crate(Argument("song", "Option<String>")), "`tune` is sent by play"),
        (packages({}), crate(Argument("song", "String")), "Rust needs `song: String`, and play does not send it"),
        (packages(SONG, result={"union": ["string", "null"]}), crate(Argument("song", "String"), result="String"), "Rust gives"),
        (packages(SONG), crate(Argument("song", "String"), result="Option<String>"), ""),
        (packages({"song": {"local": "made"}}), crate(Argument("song", "String")), "say what it is in METHODS"),
        (packages(SONG, parameter={"other": "T[K]"}), crate(Argument("song", "String")), "say what it is in METHODS"),
        (packages(SONG), crate(Argument("song", "String"), permission=False), "it is registered and has no permission"),
        ({"versions": {}, "modules": [], "named": {}}, crate(), "registers it, and no package calls it"),
        (packages(SONG), [], "the package calls it, and no crate has it"),
    ],
)  # fmt: skip
def test_a_difference_is_one_line(read: dict[str, Any], plugins: list[Plugin], difference: str) -> None:
    found = Model(read, plugins).differences
    if difference:
        assert any(difference in line and line.startswith("radio|play: ") for line in found), found
        assert all("\n" not in line for line in found)
    else:
        assert found == []  # nothing is known of a result that TypeScript throws away


def test_a_permission_without_a_command_is_told_from_one_that_is_not_typed() -> None:
    model = Model(packages(SONG), crate(Argument("song", "String"), cfg=None))
    assert model.document["plugins"][0]["commands"][0]["state"] == "absent"


def test_what_needs_a_channel_is_to_be_written_by_hand() -> None:
    model = Model(packages(SONG), crate(Argument("song", "Channel<u32>")))
    assert "radio|play: it takes channels or handles; write its Python, and name it in BY_HAND" in model.differences


def test_what_is_written_by_hand_says_where_and_needs_no_explanation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(said, "BY_HAND", {"radio|play": ("`AsyncRadio.play`",)})
    model = Model(packages({"song": {"local": "made"}}), crate(Argument("song", "Channel<u32>")))
    command = model.document["plugins"][0]["commands"][0]
    assert (command["state"], command["python"], model.differences) == ("by hand", ["`AsyncRadio.play`"], [])


def test_what_is_written_by_hand_and_no_crate_has_is_a_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(said, "BY_HAND", {"radio|stop": ("`AsyncRadio.stop`",)})
    (line,) = Model(packages(SONG), crate(Argument("song", "String"))).differences
    assert line == "radio|stop: it is written by hand, and no crate has it any more"


def test_an_exception_explains_a_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    explained = Method("radio|play", "the wrapper makes it up", js="play", takes={"song": "string"})
    monkeypatch.setattr(said, "METHODS", [explained])
    assert Model(packages({"song": {"local": "made"}}), crate(Argument("song", "String"))).differences == []


def test_an_exception_that_explains_nothing_is_a_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(said, "METHODS", [Method("radio|stop", "gone", js="stop")])
    (line,) = Model(packages(SONG), crate(Argument("song", "String"))).differences
    assert line == "radio|stop: the exception for stop explains nothing any more"
