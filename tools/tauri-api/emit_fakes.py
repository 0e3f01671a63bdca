"""The module of `sidecar_bridge._testing` with what Tauri's commands take, and what a fake host answers at first."""

from __future__ import annotations

import re
from typing import Any

_HEAD = '''"""What Tauri's commands take and give, for a fake host.

Arguments have the types of Rust, by the names that a caller sends. `...` in an answer stands for a new resource.
"""

from __future__ import annotations

from typing import Any

'''
_PLAIN: dict[str, Any] = {
    "()": None,
    "bool": False,
    "String": "",
    "str": "",
    "PathBuf": "",
    "MenuId": "",
    "f64": 0.0,
    "Response": b"",
    "ResourceId": ...,
    "ChildId": ...,
    "LastInsertId": 0,
}
"""Answers by the last word of their type in Rust."""
_WORDS: dict[str, Any] = {
    "string": "",
    "path": "",
    "utf8": "",
    "int": 0,
    "float": 0.0,
    "boolean": False,
    "json": None,
    "nothing": None,
    "bytes": b"",
    "moment": 0,
    "uuid": [0] * 16,
}
"""Answers by their type in `tauri-api.json`."""


class _UnclearError(Exception):
    """Nothing says what a command gives."""


def module(plugins: list[dict[str, Any]], version: str) -> str:
    """Give the text of the module; the version is that of Tauri."""
    takes: dict[str, dict[str, str]] = {}
    gives: dict[str, Any] = {}
    unclear: list[str] = []
    for plugin in plugins:
        for command in plugin["commands"]:
            if "takes" not in command or command["state"] in {"absent", "left out"}:
                continue
            name = f"plugin:{plugin['name']}|{command['command']}"
            takes[name] = command["takes"]
            try:
                gives[name] = _answer(plugin, command)
            except _UnclearError:
                unclear.append(name)
    lines = [f"    {name!r}: {kinds!r}," for name, kinds in takes.items()]
    text = "\n".join(["TAKES: dict[str, dict[str, str]] = {", *lines, "}", "\n"])
    lines = [f"    {name!r}: {answer!r}," for name, answer in gives.items() if answer is not None]
    text += "\n".join(["GIVES: dict[str, Any] = {", *lines, "}"])
    text += '\n"""The answers that are not null."""\n\n'
    text += f"UNCLEAR: set[str] = {{{', '.join(map(repr, unclear))}}}" if unclear else "UNCLEAR: set[str] = set()"
    head = f'{_HEAD}VERSION = "{version}"\n"""The version of Tauri that this is of."""\n\n'
    return head + (text + '\n"""Commands of whose answer nothing is known."""\n').replace("Ellipsis", "...")


def _answer(plugin: dict[str, Any], command: dict[str, Any]) -> Any:
    try:
        return _of_rust(command["gives"])
    except _UnclearError:
        results = [each["result"] for each in command.get("methods", ()) if "result" in each]
        if not results:
            raise
        return _of_tree(results[0], plugin["types"])


def _of_rust(kind: str) -> Any:
    kind = kind.removeprefix("&'static ").removeprefix("&")
    if result := re.fullmatch(r"(?:\w+::)*(?:Command)?Result<(.*)>", kind):
        return _of_rust(_parts(result[1])[0])
    if kind.startswith("Option<"):
        return None
    if kind.startswith("Vec<"):
        return []
    if re.fullmatch(r"\(.+\)", kind):
        return [_of_rust(each) for each in _parts(kind[1:-1])]
    if re.fullmatch(r"[iu](\d+|size)", kind):
        return 0
    word = kind.rpartition("::")[2]
    if word not in _PLAIN:
        raise _UnclearError(kind)
    return _PLAIN[word]


def _parts(text: str) -> list[str]:
    """Split at the commas outside of all brackets."""
    parts, depth = [""], 0
    for letter in text:
        depth += {"<": 1, "(": 1, "[": 1, ">": -1, ")": -1, "]": -1}.get(letter, 0)
        if letter == "," and not depth:
            parts.append("")
        else:
            parts[-1] += letter
    return [each.strip() for each in parts]


def _of_tree(tree: Any, types: dict[str, dict[str, Any]]) -> Any:
    if isinstance(tree, str):
        if tree not in _WORDS:
            raise _UnclearError(tree)
        return _WORDS[tree]
    (kind, value), *_ = tree.items()
    match kind:
        case "optional":
            return None
        case "list":
            return []
        case "map":
            return {}
        case "literal":
            return value[0]
        case "union":
            return _of_tree(value[0], types)
        case "tuple":
            return [_of_tree(each, types) for each in value]
        case "resource":
            return ...
        case "alias":
            return types[value]["literal"][0]
        case "enum":
            return types[value]["members"][0]["value"]
        case "dpi":
            return {"width": 0, "height": 0} if value.endswith("Size") else {"x": 0, "y": 0}
        case "record":
            return _record(types[value], types)
    raise _UnclearError(tree)


def _record(definition: dict[str, Any], types: dict[str, dict[str, Any]]) -> Any:
    if definition.get("pair"):
        return [_of_tree(each["type"], types) for each in definition["members"]]
    return {each["json"]: None if each["optional"] else _of_tree(each["type"], types) for each in definition["members"]}
