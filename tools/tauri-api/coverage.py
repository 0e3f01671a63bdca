"""The table of every command in `docs/tauri-in-python.md`."""

from __future__ import annotations

from collections import Counter
from typing import Any

from desktop import MODULES

_BEGIN = "<!-- commands: made by tools/tauri-api/emit.py -->"
_END = "<!-- end of commands -->"
_RAN = "in a window"
_ELSEWHERE = "not on Linux"
_NOT_YET = "not yet"
_IN_PYTHON = {"typed", "by hand"}

Runs = dict[str, Any]
"""What became of each command in `tests/desktop`: `runs.json`.

`methods` has it by plugin and method, and `commands` those that Tauri answered of the ones that are written by hand.
"""


def in_page(page: str, document: dict[str, Any], runs: Runs) -> str:
    """Give the page with its table made anew."""
    before, rest = page.split(_BEGIN)
    return f"{before}{_BEGIN}\n{_table(document, runs)}\n{_END}{rest.split(_END)[1]}"


def counts(document: dict[str, Any]) -> Counter[str]:
    """How many commands there are of each state."""
    return Counter(each["state"] for plugin in document["plugins"] for each in plugin["commands"])


def _table(document: dict[str, Any], runs: Runs) -> str:
    found = counts(document)
    typed = found["typed"] + found["by hand"]
    ran = Counter(
        _ran(plugin["name"], each, runs)
        for plugin in document["plugins"]
        for each in plugin["commands"]
        if each["state"] in _IN_PYTHON
    )
    lines = [
        "",
        f"{sum(found.values())} commands have a permission: {typed} are typed, {found['left out']} are left out, and "
        f"{found['absent']} are on no desktop.",
        f"Of those in Python {ran[_RAN]} were run in a real window on Linux, and {ran[_ELSEWHERE]} are not there; "
        f"{ran[_NOT_YET]} were not run yet.",
        "",
    ]
    for plugin in document["plugins"]:
        if not plugin["commands"]:
            continue
        version = document["crates"][plugin["crate"]]
        lines += [f"### {plugin['name']}", "", f"`{plugin['crate']}` {version}", ""]
        lines += ["| command | in Python | run |", "|---|---|---|"]
        for each in plugin["commands"]:
            ran_as = _ran(plugin["name"], each, runs) if each["state"] in _IN_PYTHON else ""
            lines.append(f"| `{each['command']}` | {_cell(plugin['name'], each)} | {ran_as} |".replace("|  |", "| |"))
        lines.append("")
    return "\n".join(lines)


def _ran(plugin: str, command: dict[str, Any], runs: Runs) -> str:
    """What became of a command's methods; the least that one of them saw."""
    if command["state"] == "by hand":
        return _RAN if f"plugin:{plugin}|{command['command']}" in runs["commands"] else _NOT_YET
    methods = runs["methods"].get(plugin, {})
    outcomes = {methods.get(each["python"]) for each in command["methods"]}
    if None in outcomes:
        return _NOT_YET
    return _ELSEWHERE if "not here" in outcomes else _RAN


def _cell(plugin: str, command: dict[str, Any]) -> str:
    only = f" (only with {command['only_with']})".replace("|", "or") if command.get("only_with") else ""
    if command["state"] == "typed":
        reach = {"window": "window(…)", "webview": "webview(…)"}.get(plugin, MODULES[plugin].module)
        names = list(dict.fromkeys(each["python"] for each in command["methods"]))
        shown = ", ".join(f"`host.{reach}.{name}`" for name in names[:3])
        return shown + (f" and {len(names) - 3} more" if names[3:] else "") + only
    if command["state"] == "by hand":
        return ", ".join(f"`{each}`" if each.startswith("host.") else each for each in command["python"]) + only
    return f"{command['reason']}{only}"
