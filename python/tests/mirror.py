"""What the tests of Tauri's commands stand on: `tauri-api.json` backwards, from JSON to what a caller writes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import UUID

from sidecar_bridge import AsyncHost, Host
from sidecar_bridge.tauri.dpi import LogicalPosition, LogicalSize, PhysicalPosition, PhysicalSize
from sidecar_bridge.tauri.rgba import Rgba

DOCUMENT = json.loads((Path(__file__).parents[2] / "tools/tauri-api/tauri-api.json").read_text(encoding="utf-8"))
SEEN = json.loads((Path(__file__).parent / "data/tauri-seen.json").read_text(encoding="utf-8"))
TYPES = {
    (plugin["name"], name): definition for plugin in DOCUMENT["plugins"] for name, definition in plugin["types"].items()
}
_MODULES = {"clipboard-manager": "clipboard"}
_WORDS = {"string": str, "extension": str, "int": int, "boolean": bool, "path": str, "float": int | float}


class UnsayableError(Exception):
    """A JSON value that no caller can send through the typed commands."""


@dataclass(frozen=True)
class Method:
    """One method of one plugin."""

    plugin: str
    command: dict[str, Any]
    method: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.plugin}-{self.method['python']}"

    @property
    def name(self) -> str:
        """The command's whole name."""
        return f"plugin:{self.plugin}|{self.command['command']}"

    def of(self, host: AsyncHost | Host, window: str | None = None, timeout_s: float | None = None) -> Any:
        """The bound method, in a window if there is one."""
        name = module(self.plugin)
        reached = getattr(host, name)
        plugin = reached(window) if name in {"window", "webview"} else reached
        return getattr(plugin.using(window=window, timeout_s=timeout_s), self.method["python"])

    def arguments(self, args: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
        """What a caller writes for these JSON arguments; `UnsayableError` if nothing does."""
        loose, named = [], {}
        known = set(self.method.get("constants", {})) | set(self.method.get("always", ()))
        for each in self.method["arguments"]:
            place = args.get(each["in"], {}) if "in" in each else args
            known.add(each.get("in", each["json"]))
            if not isinstance(place, dict) or each["json"] not in place:
                if not each["optional"]:
                    raise UnsayableError(each["json"])
                continue
            value = value_of(each["type"], place[each["json"]], self.plugin)
            if each.get("rest"):
                loose += value
            elif each["optional"]:
                named[each["python"]] = value
            else:
                loose.append(value)
        for group in set(self.method.get("always", ())):
            members = {each["json"] for each in self.method["arguments"] if each.get("in") == group}
            if not set(args.get(group, {None})) <= members:
                raise UnsayableError(group)
        if unknown := set(args) - known - {"label"}:
            raise UnsayableError(str(unknown))
        if any(args.get(name) != value for name, value in self.method.get("constants", {}).items()):
            raise UnsayableError("a constant")
        return loose, named


def module(plugin: str) -> str:
    """The name of a plugin's module."""
    return _MODULES.get(plugin, plugin.replace("-", "_"))


def methods() -> list[Method]:
    """Every method that there is."""
    return [
        Method(plugin["name"], command, method)
        for plugin in DOCUMENT["plugins"]
        for command in plugin["commands"]
        if command["state"] == "typed"
        for method in command["methods"]
    ]


def kind_of(plugin: str, name: str) -> Any:
    """The class of a type, or what else stands for it."""
    home = TYPES[plugin, name].get("home", plugin)
    return getattr(import_module(f"sidecar_bridge.tauri.{module(home)}"), name)


def value_of(tree: Any, value: Any, plugin: str) -> Any:  # noqa: PLR0911, PLR0912 - a line for each kind of type
    """What a caller writes for a JSON value of a type."""
    if isinstance(tree, str):
        return _plain(tree, value)
    (kind, inner), *_ = tree.items()
    match kind:
        case "optional":
            return None if value is None else value_of(inner, value, plugin)
        case "list" if isinstance(value, list):
            return [value_of(inner, each, plugin) for each in value]
        case "map" if isinstance(value, dict):
            return {key: value_of(inner, each, plugin) for key, each in value.items()}
        case "literal" if value in inner:
            return value
        case "alias" if value in TYPES[plugin, inner]["literal"]:
            return value
        case "dpi":
            kinds: dict[str, Any] = {"PhysicalPosition": PhysicalPosition, "PhysicalSize": PhysicalSize}
            return kinds[inner](**value)
        case "tagged" if isinstance(value, dict):
            return kind_of(plugin, inner)(value["type"])
        case "enum":
            try:
                return kind_of(plugin, inner)(value)
            except ValueError as error:
                raise UnsayableError(str(error)) from error
        case "record" if isinstance(value, dict):
            members = {each["json"]: each for each in TYPES[plugin, inner]["members"]}
            if not value.keys() <= members.keys():
                raise UnsayableError(f"{value.keys()}")
            found = {
                members[key]["python"]: value_of(members[key]["type"], each, plugin)
                for key, each in value.items()
                if each is not None
            }
            return kind_of(plugin, inner)(**found)
        case "union":
            for each in inner:
                try:
                    return value_of(each, value, plugin)
                except UnsayableError:
                    continue
    raise UnsayableError(f"{tree}: {value}")


def _plain(word: str, value: Any) -> Any:  # noqa: PLR0911 - a line for each word
    match word, value:
        case "size" | "position", {"Logical": dict(parts)}:
            return (LogicalSize if word == "size" else LogicalPosition)(**parts)
        case "size" | "position", {"Physical": dict(parts)}:
            return (PhysicalSize if word == "size" else PhysicalPosition)(**parts)
        case "image", {"rgba": list(data), "width": int(width), "height": int(height)}:
            return Rgba(bytes(data), width, height)
        case "length", {"Logical": float() | int() as length}:
            return length
        case "uuid", list():
            return UUID(bytes=bytes(value))
        case "bytes", list():
            return bytes(value)
        case "buttons", {"OkCustom": str(label)}:
            return [label]
        case "buttons", {"OkCancelCustom": list(labels)} | {"YesNoCancelCustom": list(labels)}:
            return labels
        case "color" | "buttons", str():
            return value
        case "json", _:
            return value
    if word in _WORDS and isinstance(value, _WORDS[word]) and not (isinstance(value, bool) and word != "boolean"):
        return value
    raise UnsayableError(f"{word}: {value}")
