"""What the crates of Tauri say about their commands: permissions, which are registered where, and their arguments."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

CORE = ("path", "event", "window", "webview", "app", "image", "resources", "menu", "tray")
"""The plugins inside of the crate `tauri`."""

_GIVEN = (
    "Window",
    "Webview",
    "AppHandle",
    "State",
    "CommandScope",
    "GlobalScope",
    "Request",
    "WebviewWindow",
    "CommandItem",
)
"""Types that Tauri fills in: no arguments of the caller."""


@dataclass(frozen=True)
class Argument:
    """An argument of a command, under the name and with the type that it has in Rust."""

    name: str
    type: str

    @property
    def optional(self) -> bool:
        """Whether a call may leave it out."""
        return self.type.startswith("Option<")

    @property
    def js(self) -> str:
        """The name that the caller sends."""
        first, *rest = self.name.removeprefix("r#").strip("_").split("_")
        return first + "".join(word.capitalize() for word in rest)


@dataclass
class Command:
    """A command of a plugin."""

    name: str
    by_default: bool = False
    """Whether the plugin's default permission grants it."""
    permission: bool = False
    """Whether there is a permission `allow-…` for it."""
    cfg: list[str] | None = None
    """The conditions under which a desktop app has it: none, or those of Cargo. `None`: it never has."""
    arguments: list[Argument] | None = None
    result: str = "()"


@dataclass
class Plugin:
    """A plugin, with what stands before its name in permissions."""

    name: str
    crate: str
    version: str
    namespace: str
    commands: dict[str, Command] = field(default_factory=dict)


def plugin_of(root: Path, crate: str, version: str) -> Plugin:
    """Read a plugin's crate."""
    name = crate.removeprefix("tauri-plugin-")
    plugin = Plugin(name, crate, version, name)
    build = (root / "build.rs").read_text(encoding="utf-8") if (root / "build.rs").exists() else ""
    if listed := re.search(r"const COMMANDS: [^=]*= &\[(.*?)\];", build, re.DOTALL):
        bare = re.sub(r"\.dependencies\(.*?\)", "", listed[1], flags=re.DOTALL)
        plugin.commands = {each: Command(each) for each in re.findall(r'"(\w+)"', bare)}
    permissions, sets = _permissions(root / "permissions")
    granted = _commands_of("default", permissions, sets)
    for command in plugin.commands.values():
        command.permission = f"allow-{command.name.replace('_', '-')}" in permissions
        command.by_default = command.name in granted
    _read_sources(plugin, sorted((root / "src").rglob("*.rs")))
    return plugin


def core_plugins(root: Path, version: str) -> list[Plugin]:
    """Read the plugins of the crate `tauri`."""
    build = _without_comments((root / "build.rs").read_text(encoding="utf-8"))
    table = build[build.index("const PLUGINS") : build.index("\n];")]
    plugins = []
    for part in re.split(r'\(\s*"core:', table)[1:]:
        name = part[: part.index('"')]
        plugin = Plugin(name, "tauri", version, f"core:{name}")
        for command, by_default in re.findall(r'\("(\w+)", (true|false)\)', part):
            plugin.commands[command] = Command(command, by_default == "true", permission=True)
        # `core:default` has the default sets of all of them.
        _read_sources(plugin, [root / "src" / name / "plugin.rs"])
        plugins.append(plugin)
    return plugins


def _permissions(folder: Path) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Which commands each permission allows, and which permissions each set has."""
    permissions: dict[str, list[str]] = {}
    sets: dict[str, list[str]] = {}
    for path in sorted(folder.rglob("*.toml")):
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        for each in document.get("permission", []):
            permissions[each["identifier"]] = each.get("commands", {}).get("allow", [])
        for each in document.get("set", []):
            sets[each["identifier"]] = each["permissions"]
        if "default" in document:
            sets["default"] = document["default"]["permissions"]
    return permissions, sets


def _commands_of(name: str, permissions: dict[str, list[str]], sets: dict[str, list[str]]) -> set[str]:
    if name in sets:
        return {command for each in sets[name] for command in _commands_of(each, permissions, sets)}
    return set(permissions.get(name, ()))


def _read_sources(plugin: Plugin, paths: list[Path]) -> None:
    texts = [_without_comments(path.read_text(encoding="utf-8")) for path in paths]
    for text in texts:
        for handler in re.finditer(r"^[^\n]*generate_handler!\s*\[", text, re.MULTILINE):
            before = text[: handler.start()]
            # The whole plugin for phones is behind such a cfg, in front of the statement.
            if re.search(r"#\[cfg\((mobile|target_os = \"(ios|android)\")\)\]\s*\{?\s*$", before):
                continue
            for conditions, name in _registered(text, handler.end()):
                if name in plugin.commands and (plugin.commands[name].cfg is None or not conditions):
                    plugin.commands[name].cfg = conditions
                elif name not in plugin.commands:
                    plugin.commands[name] = Command(name, cfg=conditions)
    for command in plugin.commands.values():
        if command.cfg is not None:
            _read_signature(command, texts)


def _without_comments(text: str) -> str:
    return re.sub(r"^[ \t]*//.*$", "", re.sub(r"/\*[^/].*?\*/", "", text, flags=re.DOTALL), flags=re.MULTILINE)


def _registered(text: str, start: int) -> list[tuple[list[str], str]]:
    depth, end = 1, start
    while depth:
        depth += {"[": 1, "]": -1}.get(text[end], 0)
        end += 1
    found = []
    for item in _split(re.sub(r"#!\[.*?\]", "", text[start : end - 1])):
        conditions = [each for each in re.findall(r"#\[cfg\((.*?)\)\]", item) if each != "desktop"]
        name = re.sub(r"#\[.*?\]", "", item).strip().split("::")[-1]
        phone = any(re.fullmatch(r'mobile|target_os = "(ios|android)"', each) for each in conditions)
        if name and not phone:
            found.append((conditions, name))
    return found


def _read_signature(command: Command, texts: list[str]) -> None:
    for text in texts:
        if macro := re.search(rf"(getter|setter)!\(\s*{command.name}\s*(?:,\s*([^;]*?))?\s*\);", text):
            kind, type_ = macro.groups()
            if type_ and "$fn: ident, $cmd: ident" in text:
                # These macros name the method behind the command first.
                type_ = type_.partition(",")[2].strip()
            command.arguments = [Argument("label", "Option<String>")]
            if kind == "setter" and type_:
                command.arguments.append(Argument("value", type_))
            command.result = type_ if kind == "getter" and type_ else "()"
            return
        attributes = r"#\[(?:tauri::|crate::)?command\b[^\n]*\n(?:\s*#\[[^\n]*\n)*\s*"
        heads = rf"{attributes}(?:pub(?:\(crate\))? )?(?:async )?fn {command.name}\b"
        for head in re.finditer(heads, text):
            if re.search(r"#\[cfg\((?:mobile|not\(desktop\)|target_os = \"android\"|target_os = \"ios\")\)\]", head[0]):
                continue
            command.arguments, command.result = _signature(text, head.end())
            return


def _signature(text: str, start: int) -> tuple[list[Argument], str]:
    opened = text.index("(", start) if text[start] != "<" else text.index("(", _behind_angle(text, start))
    depth, end = 1, opened + 1
    while depth:
        depth += {"(": 1, ")": -1}.get(text[end], 0)
        end += 1
    arguments = []
    for part in _split(text[opened + 1 : end - 1]):
        bare = re.sub(r"#\[.*?\]\s*", "", part).strip().removeprefix("mut ")
        if ":" not in bare:
            continue
        name, type_ = (each.strip() for each in bare.split(":", 1))
        head = re.match(r"(?:[\w]+::)*(\w+)", type_.lstrip("&'_ "))
        if not (head and head[1] in _GIVEN):
            arguments.append(Argument(name, " ".join(type_.split())))
    result = re.match(r"\s*->\s*(.*?)\s*(?:\{|where\b)", text[end:], re.DOTALL)
    return arguments, " ".join(result[1].split()) if result else "()"


def _behind_angle(text: str, start: int) -> int:
    depth, end = 1, start + 1
    while depth:
        depth += {"<": 1, ">": -1}.get(text[end], 0)
        end += 1
    return end


def _split(text: str) -> list[str]:
    parts, depth, part = [], 0, ""
    for letter in text + ",":
        depth += {"(": 1, "[": 1, "{": 1, "<": 1, ")": -1, "]": -1, "}": -1, ">": -1}.get(letter, 0)
        if letter == "," and depth == 0:
            if part.strip():
                parts.append(part)
            part = ""
        else:
            part += letter
    return parts
