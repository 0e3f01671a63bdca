"""Every typed command sends what Tauri reads, and refuses by name what Tauri would not take."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from mirror import DOCUMENT, Method, kind_of, methods, module

from sidecar_bridge import AsyncHost, CommandError, UnexpectedTypeError
from sidecar_bridge.tauri.dpi import LogicalPosition, LogicalSize, PhysicalPosition, PhysicalSize
from sidecar_bridge.tauri.rgba import Rgba
from sidecar_bridge.testing import FakeHost

ALL = methods()
GIVEN_BY_TAURI = {"label"}
SAMPLES: dict[str, Any] = {
    "string": "app:x", "int": 7, "float": 1.5, "boolean": True, "json": {"a": [1, None]}, "bytes": b"ab",
    "path": "/dir/a", "extension": "csv",
    "size": LogicalSize(8, 6), "position": LogicalPosition(1, 2), "length": 10, "color": "#ff0000",
    "image": Rgba(b"\xff\x00\x00\xff", 1, 1), "buttons": "YesNo", "utf8": b"text", "nothing": None, "uuid": UUID(int=1),
    "moment": 1_795_954_957_665,
}  # fmt: skip


class Nothing:
    """Of no type that a command takes."""


def sample(tree: Any, plugin: str) -> Any:  # noqa: PLR0911 - a line for each kind of type
    """A value that a caller may write."""
    if isinstance(tree, str):
        return SAMPLES[tree]
    (kind, inner), *_ = tree.items()
    match kind:
        case "optional":
            return sample(inner, plugin)
        case "list":
            return [sample(inner, plugin)]
        case "map":
            return {"key": sample(inner, plugin)}
        case "literal":
            return inner[0]
        case "union":
            return sample(inner[-1], plugin)
        case "dpi":
            return {"PhysicalPosition": PhysicalPosition(1, 2), "LogicalPosition": LogicalPosition(1, 2)}.get(
                inner, PhysicalSize(3, 4)
            )
        case "enum" | "tagged":
            return next(iter(kind_of(plugin, inner)))
        case "alias":
            return definition(plugin, inner)["literal"][0]
        case "record":
            members = definition(plugin, inner)["members"]
            return kind_of(plugin, inner)(**{each["python"]: sample(each["type"], plugin) for each in members})
    raise AssertionError(tree)


def definition(plugin: str, name: str) -> dict[str, Any]:
    return next(each["types"] for each in DOCUMENT["plugins"] if each["name"] == plugin)[name]  # type: ignore[no-any-return]


def written(method: Method, **instead: Any) -> tuple[list[Any], dict[str, Any]]:
    loose: list[Any] = []
    named: dict[str, Any] = {}
    for each in method.method["arguments"]:
        value = instead.get(each["python"], sample(each["type"], method.plugin))
        if each.get("rest"):
            loose += value if isinstance(value, list) else [value]
        elif each["optional"]:
            named[each["python"]] = value
        else:
            loose.append(value)
    return loose, named


async def sent(method: Method, fake: FakeHost, loose: list[Any], named: dict[str, Any]) -> dict[str, Any]:
    fake.fails(method.name, "sent")
    with pytest.raises(CommandError):
        await method.of(fake.async_host)(*loose, **named)
    args: dict[str, Any] = fake.calls[-1].args
    return args


@pytest.mark.parametrize("method", ALL, ids=str)
async def test_all_that_is_sent_is_read_by_tauri(method: Method, tauri: FakeHost) -> None:
    args = await sent(method, tauri, *written(method))
    assert args.keys() <= method.command["takes"].keys()
    constants = method.method.get("constants", {})
    assert args.keys() == {each.get("in", each["json"]) for each in method.method["arguments"]} | constants.keys()
    assert {name: args[name] for name in constants} == constants
    for each in method.method["arguments"]:
        assert each["json"] in (args[each["in"]] if "in" in each else args)


@pytest.mark.parametrize("method", ALL, ids=str)
async def test_all_that_tauri_needs_is_sent_when_a_caller_gives_the_least(method: Method, tauri: FakeHost) -> None:
    loose, _ = written(method)
    args = await sent(method, tauri, loose, {})
    needed = {name for name, kind in method.command["takes"].items() if not kind.startswith("Option<")}
    assert needed - GIVEN_BY_TAURI <= args.keys()


@pytest.mark.parametrize("method", ALL, ids=str)
async def test_a_wrong_type_is_refused_by_its_name_before_it_leaves(method: Method, tauri: FakeHost) -> None:
    for each in method.method["arguments"]:
        if each["type"] in ("json", {"list": "json"}, {"map": "json"}):
            continue
        loose, named = written(method, **{each["python"]: Nothing()})
        with pytest.raises((TypeError, ValueError), match=f"`{each['python']}"):
            await method.of(tauri.async_host)(*loose, **named)
    assert not tauri.calls


@pytest.mark.parametrize("method", [each for each in ALL if each.method["result"] not in ("nothing", "json")], ids=str)
async def test_an_answer_of_another_kind_is_an_error_of_its_own(method: Method, tauri: FakeHost) -> None:
    loose, named = written(method)
    tauri.answers(method.name, 1.25 if method.method["result"] != "float" else "fast")
    with pytest.raises(UnexpectedTypeError, match="the answer of command `plugin:"):
        await method.of(tauri.async_host)(*loose, **named)


@pytest.mark.parametrize("method", ALL, ids=str)
def test_the_docstring_says_which_permission_is_needed(method: Method) -> None:
    doc = inspect.getdoc(method.of(AsyncHost("/nowhere", "token")))
    assert doc is not None
    assert f"`{method.command['permission']}`" in doc
    first, _, rest = doc.partition("\n")
    assert first.endswith((".", "!"))
    assert rest.startswith("\n")
    assert "@tauri-apps" not in doc
    assert "{@link" not in doc


@pytest.mark.parametrize("plugin", sorted({each.plugin for each in ALL} - {"window", "webview"}))
async def test_a_plugin_is_called_in_the_window_that_a_caller_names(plugin: str, tauri: FakeHost) -> None:
    method = next(each for each in ALL if each.plugin == plugin)
    loose, named = written(method)
    tauri.fails(method.name, "sent")
    reached = getattr(tauri.async_host, module(plugin)).using(window="main", timeout_s=5)
    with pytest.raises(CommandError):
        await getattr(reached, method.method["python"])(*loose, **named)
    assert tauri.calls[-1].window == "main"


def test_what_is_committed_is_what_the_document_gives() -> None:
    tool = Path(__file__).parents[2] / "tools/tauri-api/emit.py"
    done = subprocess.run([sys.executable, tool, "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_document_has_each_command_once() -> None:
    names = [(plugin["name"], each["command"]) for plugin in DOCUMENT["plugins"] for each in plugin["commands"]]
    assert len(names) == len(set(names))
    assert json.dumps(DOCUMENT).count("registry") == 0
