"""The module with the class of a plugin, for asyncio and for blocking code."""

from __future__ import annotations

import builtins
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sidecar_bridge._tauri_api.arguments import Arguments, _usable
from sidecar_bridge._tauri_api.package import snake
from sidecar_bridge._tauri_api.shapes import Shapes, UnclearError
from sidecar_bridge._tauri_api.text import WIDTH, comment, docstring

if TYPE_CHECKING:
    from sidecar_bridge._tauri_api.package import Package, Permissions

_CORE = {"app", "event", "image", "menu", "path", "resources", "tray", "webview", "window"}


def module(package: Package, permissions: Permissions | None, class_name: str | None = None) -> str:
    """Give the text of the module."""
    calls = [each for each in package.calls if each["command"]]
    name = class_name or _class_name(package, calls)
    shapes = Shapes(package.named)
    bodies = [_Class(shapes, permissions, is_async=is_async).text(name, package, calls) for is_async in (True, False)]
    definitions = shapes.definitions()
    after = _left_out(package, permissions, calls)
    head = [
        *docstring(
            [f"Typed calls of `{package.name}` {package.version}.", "Made by `python -m sidecar_bridge tauri-api`."], ""
        ),
        "",
        *_imports(shapes, "\n".join(line for body in bodies for line in body)),
        "",
        "",
    ]
    lines = [*head, *definitions, *bodies[0], "", "", *bodies[1]]
    return "\n".join([*lines, *([""] if after else []), *([""] if after else []), *after]) + "\n"


def _class_name(package: Package, calls: list[dict[str, Any]]) -> str:
    plugins = [match[1] for each in calls if (match := re.match(r"plugin:([^|]+)\|", each["command"]))]
    bare = re.sub(r"^(@[^/]+/)?(tauri-)?(plugin-)?|(-plugin)?(-api)?$", "", package.name)
    words = re.split(r"\W+|_", plugins[0] if plugins else bare)
    return "".join(each[:1].upper() + each[1:] for each in words if each) or "Plugin"


def _imports(shapes: Shapes, text: str) -> list[str]:
    wanted = {each for each in ("AsyncHost", "AsyncMessages", "Host", "Messages") if re.search(rf'"{each}\b', text)}
    shapes.use("typing", "TYPE_CHECKING")
    standard = [
        f"from {home} import {', '.join(sorted(names, key=_as_isort))}"
        for home, names in sorted(shapes.imports.items())
        if home != "typing_extensions"
    ]
    extra = shapes.imports.get("typing_extensions")
    return [
        *standard,
        *(["", f"from typing_extensions import {', '.join(sorted(extra, key=_as_isort))}"] if extra else []),
        "",
        "if TYPE_CHECKING:",
        f"    from sidecar_bridge import {', '.join(sorted(wanted))}",
    ]


def _as_isort(name: str) -> tuple[bool, str]:
    """Constants first."""
    return (not name.isupper(), name)


@dataclass
class _Class:
    """One of the twins."""

    shapes: Shapes
    permissions: Permissions | None
    is_async: bool
    names: set[str] = field(default_factory=set)

    def text(self, name: str, package: Package, calls: list[dict[str, Any]]) -> list[str]:
        """Give the lines of the class."""
        twin = "Async" if self.is_async else ""
        how = "for asyncio" if self.is_async else "for blocking code"
        head = [
            f"class {twin}{name}:",
            *docstring(
                [
                    f"The commands of `{package.name}`, {how}.",
                    "Each needs its permission, and raises what `invoke` raises.",
                ],
                "    ",
            ),
            "",
            "    def __init__(",
            "        self,",
            f'        host: "{twin}Host",',
            "        *,",
            "        window: str | None = None,",
            "        timeout_s: float | None = None,",
            "    ) -> None:",
            '        """Call from a window, with a limit for each call in seconds."""',
            "        self._host = host",
            "        self._window = window",
            "        self._timeout_s = timeout_s",
        ]
        seen: set[tuple[str, str]] = set()
        for call in calls:
            key = (call["command"], self._base(call))
            if key not in seen:
                seen.add(key)
                head += ["", *self._method(call)]
        return head

    def _base(self, call: dict[str, Any]) -> str:
        return snake(call.get("function") or call["command"].rpartition("|")[2])

    def _name(self, call: dict[str, Any]) -> str:
        name = self._base(call)
        if hasattr(builtins, name):
            # A method of that name would hide the type in the annotations below it.
            name += "_"
        own = snake(call.get("class") or "")
        for each in (name, f"{own}_{name}", f"{name}_{snake(call['command'].rpartition('|')[2])}"):
            if each not in self.names and not each.startswith("_"):
                self.names.add(each)
                return _usable(each)
        while name in self.names:
            name += "_"
        self.names.add(name)
        return _usable(name)

    def _method(self, call: dict[str, Any]) -> list[str]:
        signature = call.get("signature") or {"parameters": [], "result": None, "doc": ""}
        arguments = Arguments(self.shapes, signature["parameters"], "AsyncMessages" if self.is_async else "Messages")
        sent = arguments.made(call.get("args"))
        result, returns, why = self._result(call, signature)
        notes = [*arguments.notes, *([why] if why else [])]
        extra: list[str] = []
        if call.get("headers"):
            self.shapes.use("collections.abc", "Mapping")
            extra = ["headers: Mapping[str, str] | None = None"]
            notes.append("What TypeScript makes of its arguments goes into `headers`.")
        return [
            *self._head(self._name(call), arguments, extra, result),
            *self._doc(call, signature, arguments),
            *(line for note in notes for line in comment(note, " " * 8)),
            *arguments.statements,
            *self._invoke(call["command"], sent, returns, bool(extra), is_answer=result != "None"),
        ]

    def _head(self, name: str, arguments: Arguments, extra: list[str], result: str) -> list[str]:
        word = "async def" if self.is_async else "def"
        parts = []
        for each in arguments.in_order():
            if each.rest:
                parts.append(f"*{each.name}: {each.annotation}")
            elif each.optional:
                nullable = each.annotation if "None" in each.annotation else f"{each.annotation} | None"
                parts.append(f"{each.name}: {nullable} = None")
            else:
                parts.append(f"{each.name}: {each.annotation}")
        parts += extra
        if not parts:
            return [f"    {word} {name}(self) -> {result}:"]
        return [f"    {word} {name}(", "        self,", *(f"        {each}," for each in parts), f"    ) -> {result}:"]

    def _doc(self, call: dict[str, Any], signature: dict[str, Any], arguments: Arguments) -> list[str]:
        described = [f"    {each.name}: {each.doc}" for each in arguments.in_order() if each.doc]
        about = signature["doc"] or f"Call `{call['command']}`."
        needs = self._needs(call["command"])
        if not signature["doc"]:
            needs = needs.replace(f"Calls `{call['command']}`, which needs", "It needs")
            needs = needs.replace(f"Calls `{call['command']}`, which no", "No").replace(" allows.", " allows it.")
        more = ["Args:\n" + "\n".join(described)] if described else []
        return docstring([about, needs, *more], " " * 8)

    def _needs(self, command: str) -> str:
        match = re.match(r"plugin:([^|]+)\|(.*)", command)
        plugin, bare = (match[1], match[2]) if match else ("", command)
        space = f"core:{plugin}:" if plugin in _CORE else f"{plugin}:" if plugin else ""
        if self.permissions is None:
            return f"Calls `{command}`, which needs a permission such as `{space}allow-{bare.replace('_', '-')}`."
        permission = self.permissions.allow.get(bare)
        if permission is None:
            return f"Calls `{command}`, which no permission of the crate allows."
        default = f", which `{space}default` has" if bare in self.permissions.by_default else ""
        return f"Needs `{space}{permission}`{default}."

    def _result(self, call: dict[str, Any], signature: dict[str, Any]) -> tuple[str, str | None, str]:
        """Give the annotation, what `returns` is, and why the result is untyped if it is."""
        if call["answer"] == "dropped":
            return "None", None, ""
        if call["answer"] == "changed":
            return "object", None, "TypeScript changes the answer; this is the command's own."
        if signature["result"] is None:
            return "object", None, "Nothing that is exported says what the command answers."
        try:
            found = self.shapes.given(signature["result"])
        except UnclearError as error:
            return "object", None, f"TypeScript says of the answer: {error}."
        if found in {"None", "object"}:
            return found, None, ""
        return found, found, ""

    def _invoke(
        self, command: str, sent: str | None, returns: str | None, headers: bool, *, is_answer: bool
    ) -> list[str]:
        wait = "await " if self.is_async else ""
        lines = [
            f'"{command}",',
            *([f"{sent},"] if sent is not None else []),
            *(_returns(returns) if returns else []),
            "window=self._window,",
            *(["headers=headers,"] if headers else []),
            "timeout_s=self._timeout_s,",
        ]
        start = "return " if is_answer else ""
        return [
            f"        {start}{wait}self._host.invoke(", *(f"            {each}" for each in lines), "        )",
        ]  # fmt: skip


def _returns(returns: str) -> list[str]:
    line = f"returns={returns},"
    if len(line) + 12 <= WIDTH or " | " not in returns:
        return [line]
    first, *rest = returns.split(" | ")
    return [f"returns={first}", *(f"| {each}" for each in rest[:-1]), f"| {rest[-1]},"]


def _left_out(package: Package, permissions: Permissions | None, calls: list[dict[str, Any]]) -> list[str]:
    """Say what is not here, in comments."""
    lines: list[str] = []
    for each in package.calls:
        if not each["command"]:
            lines += comment(f"Not here: `{each.get('function')}`, whose command is made of `{each['why']}`.", "")
    if package.silent:
        names = ", ".join(f"`{each}`" for each in package.silent)
        lines += comment(f"Not here, for they call no command themselves: {names}.", "")
    if permissions is not None:
        called = {each["command"].rpartition("|")[2] for each in calls}
        if missing := sorted(permissions.allow.keys() - called):
            lines += comment(f"Commands of the crate that the package does not call: {', '.join(missing)}.", "")
    return lines
