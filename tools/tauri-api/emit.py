"""Writes Python and the table of commands from `tauri-api.json`, or with `--check` compares them.

`python tools/tauri-api/emit.py` needs neither Node nor Cargo nor a network.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from difflib import unified_diff
from pathlib import Path
from typing import Any

import capability
import coverage
import emit_calls
import emit_fakes
import emit_names
import emit_types
import prose
import trees
from desktop import BY_HAND, MODULES, host_module, names_module
from python_types import Names, within

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PACKAGE = ROOT / "python" / "sidecar_bridge"
_HEAD = "# Generated from `tools/tauri-api/tauri-api.json` by `tools/tauri-api/emit.py`: do not edit.\n\n"
_DESCRIBED = _HEAD[:-1] + "# Descriptions are Tauri's, adapted: see NOTICE in the package's licences.\n\n"


def main(arguments: list[str]) -> int:
    """Write the files, or compare them; give the exit status."""
    document = json.loads((HERE / "tauri-api.json").read_text(encoding="utf-8"))
    status = 0
    for path, text in written(document).items():
        committed = path.read_text(encoding="utf-8") if path.exists() else ""
        if "--check" not in arguments:
            path.write_text(text, encoding="utf-8")
        elif text != committed:
            name = path.relative_to(ROOT)
            sys.stderr.write(
                "\n".join(unified_diff(committed.splitlines(), text.splitlines(), str(name), "made", "", n=1))
            )
            sys.stderr.write(f"\n{name} is not what tauri-api.json gives; run `scripts/generate`\n")
            status = 1
    for path in _stale(document):
        if "--check" not in arguments:
            path.unlink()
        else:
            sys.stderr.write(f"{path.relative_to(ROOT)} is made of nothing any more; run `scripts/generate`\n")
            status = 1
    return status


def _stale(document: dict[str, Any]) -> list[Path]:
    """Files of plugins that are made no more."""
    made = written(document)
    folders = (PACKAGE / "tauri", PACKAGE / "_client" / "tauri")
    files = [path for folder in folders for path in sorted(folder.glob("*.py"))]
    return [path for path in files if path not in made and path.read_text(encoding="utf-8").startswith(_HEAD[:-1])]


def written(document: dict[str, Any]) -> dict[Path, str]:
    """Give every file that is made, with its text."""
    plugins = [each for each in document["plugins"] if _typed(each)]
    prose.known.update(_known(document["plugins"]))
    every = _types(document["plugins"])
    needed, given, taken = _needed(plugins, every)
    files: dict[Path, str] = {}
    for plugin in document["plugins"]:
        name = plugin["name"]
        own = {key: every[name, key] for key in sorted(needed) if every.get((name, key)) and (name, key) in needed[key]}
        if own:
            module, title = MODULES[name].module, MODULES[name].title
            names = _names(name, document["plugins"], every)
            text = emit_types.module(module, title, own, names, given, taken, MODULES[name].types)
            files[PACKAGE / "tauri" / f"{module}.py"] = _DESCRIBED + text
    for plugin in plugins:
        kind = MODULES[plugin["name"]]
        names = _names(plugin["name"], document["plugins"], every)
        extra = HERE / "extra" / f"{kind.module}.py"
        if extra.exists():
            names.annotations |= _annotations(extra)
        members = _members(extra) if extra.exists() else ""
        text = emit_calls.module(plugin, kind.class_name, kind.title, names, members, kind.base)
        files[PACKAGE / "_client" / "tauri" / f"async_{kind.module}.py"] = _DESCRIBED + text
    files[PACKAGE / "_testing" / "tauri_commands.py"] = _HEAD + emit_fakes.module(
        document["plugins"], document["crates"]["tauri"]
    )
    files[PACKAGE / "_client" / "commands.py"] = _HEAD + emit_names.module(document["plugins"])
    given_by_hosts = [*BY_HAND, *(each["name"] for each in plugins)]
    files[PACKAGE / "desktop.py"] = _HEAD + names_module(given_by_hosts)
    files[PACKAGE / "_client" / "async_desktop.py"] = _HEAD + host_module(given_by_hosts)
    made = {path: _ruff(path, text) for path, text in files.items()}
    page = ROOT / "docs" / "tauri-in-python.md"
    runs = json.loads((HERE / "runs.json").read_text(encoding="utf-8"))
    granted = ROOT / "tests" / "desktop" / "capabilities" / "mirror.json"
    return {
        **made,
        page: coverage.in_page(page.read_text(encoding="utf-8"), document, runs),
        granted: capability.text(document),
    }


def _typed(plugin: dict[str, Any]) -> bool:
    return any(each["state"] == "typed" for each in plugin["commands"])


def _known(plugins: list[dict[str, Any]]) -> dict[str, str]:
    """The names of arguments and members that descriptions may have as JavaScript has them."""
    places = [each for plugin in plugins for method in _methods(plugin) for each in method["arguments"]]
    places += [each for plugin in plugins for kind in plugin["types"].values() for each in kind.get("members", ())]
    found = {each["json"]: each["python"] for each in places if "json" in each and "python" in each}
    return {json: python for json, python in found.items() if json not in {python, "value"}} | {
        each: trees.snake(each)
        for each in ("setMenuOnLeftClick", "openWith", "exitCode", "largeBody", "oldPath", "newPath")
    }


def _types(plugins: list[dict[str, Any]]) -> dict[tuple[str, str], dict[str, Any]]:
    """Every type by its own plugin and its name: several plugins use those of windows."""
    return {
        (definition.get("home", plugin["name"]), name): definition
        for plugin in plugins
        for name, definition in plugin["types"].items()
    }


def _needed(
    plugins: list[dict[str, Any]], every: dict[tuple[str, str], dict[str, Any]]
) -> tuple[dict[str, set[tuple[str, str]]], set[str], set[str]]:
    """The types that calls need, with those that come as results and those that go as arguments."""
    needed: dict[str, set[tuple[str, str]]] = {}
    directions: tuple[set[str], set[str]] = (set(), set())
    for plugin in plugins:
        for method in _methods(plugin):
            results = within(method["result"]) | within(method.get("or_result"))
            arguments = {name for each in method["arguments"] for name in within(each["type"])}
            for found, direction in zip((results, arguments), directions, strict=True):
                pending = list(found)
                while pending:
                    name = pending.pop()
                    home = plugin["types"][name].get("home", plugin["name"])
                    needed.setdefault(name, set()).add((home, name))
                    if name in direction:
                        continue
                    direction.add(name)
                    members = every[home, name].get("members", []) if every[home, name]["kind"] == "record" else []
                    pending += [each for member in members for each in within(member["type"])]
    return needed, *directions


def _methods(plugin: dict[str, Any]) -> list[dict[str, Any]]:
    return [method for each in plugin["commands"] if each["state"] == "typed" for method in each["methods"]]


def _names(plugin: str, plugins: list[dict[str, Any]], every: dict[tuple[str, str], dict[str, Any]]) -> Names:
    types = next(each["types"] for each in plugins if each["name"] == plugin)
    homes = {name: definition.get("home", plugin) for name, definition in types.items()}
    homes |= {name: home for home, name in every if home == plugin}
    return Names({name: f"sidecar_bridge.tauri.{MODULES[home].module}" for name, home in homes.items()})


def _members(path: Path) -> str:
    """The methods of a class that is written by hand, to be added to the one that is made."""
    text = path.read_text(encoding="utf-8")
    return text[text.index("\n    async def ") :].strip("\n")


def _annotations(path: Path) -> dict[str, str]:
    """What such a class imports for type checkers alone: names with their modules."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    blocks = [each for each in tree.body if isinstance(each, ast.If)]
    imports = [each for block in blocks for each in block.body if isinstance(each, ast.ImportFrom)]
    return {name.name: each.module or "" for each in imports for name in each.names}


def _ruff(path: Path, text: str) -> str:
    for words in (["check", "--fix", "--quiet", "--exit-zero", "--select=I,F401,TC,UP037"], ["format", "--quiet"]):
        command = [sys.executable, "-m", "ruff", *words, f"--stdin-filename={path}", "-"]
        text = subprocess.run(  # noqa: S603
            command, input=text, capture_output=True, text=True, check=True, cwd=ROOT / "python"
        ).stdout
    return text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
