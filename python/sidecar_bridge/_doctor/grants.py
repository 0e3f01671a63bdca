"""Whether a capability grants what the sidecar's code calls, as far as the code says it in so many words."""

from __future__ import annotations

import ast
import inspect
import os
import re
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from sidecar_bridge._app.documents import read_text, texts
from sidecar_bridge._app.formats import open_document
from sidecar_bridge._client.async_desktop import AsyncDesktop
from sidecar_bridge._doctor.finding import Finding
from sidecar_bridge._init.sidecars import parsed
from sidecar_bridge._testing.capabilities import Capabilities
from sidecar_bridge._testing.manifests import CapabilityError, permission_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sidecar_bridge._app.places import App


class _Use(NamedTuple):
    """A call of the sidecar: of a command, in a window if the code names one."""

    command: str
    window: str | None
    path: Path
    line: int


def check(app: App, folder: Path | None) -> Iterator[Finding]:
    """Compare the calls in the sidecar's folder with the app's capabilities."""
    if folder is None or not folder.is_dir() or not list(app.capabilities()):
        return
    try:
        granted = Capabilities(app.tauri / "capabilities", next(iter(app.sidecars), "python"))
    except CapabilityError as error:
        yield Finding(
            "warning", "grants", f"the capabilities cannot be judged: {error}", "correct them, or build the app once"
        )
        return
    labels = _labels(app)
    told = set()
    for use in _uses(app, folder):
        windows = labels if use.window is None else [use.window]
        if (use.command, use.window) in told or any(granted.grants(use.command, label) for label in windows):
            continue
        told.add((use.command, use.window))
        place = f"{os.path.relpath(use.path)}:{use.line}"
        where = "" if use.window is None else f" in window `{use.window}`"
        remedy = f"add `{permission_of(use.command)}` to the sidecar's capability"
        yield Finding("error", "grants", f"{place} calls `{use.command}`{where}, which no capability grants", remedy)


def _labels(app: App) -> list[str]:
    """Give the windows of the configuration, and what capabilities call windows: code may open more."""
    named = [label for path in app.capabilities() for label in texts(open_document(path).value, "windows")]
    return [*app.windows(), *named]


def _uses(app: App, folder: Path) -> Iterator[_Use]:
    for path in app.sources(".py", under=folder):
        tree = None if path.parent.name in ("tests", "test") else parsed(read_text(path))
        for node in ast.walk(tree) if tree else ():
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                for command, window in _commands(node, node.func):
                    yield _Use(command, window, path, node.lineno)


def _commands(call: ast.Call, function: ast.Attribute) -> Iterator[tuple[str, str | None]]:
    owner = function.value
    window = None
    if isinstance(owner, ast.Call) and isinstance(owner.func, ast.Attribute):
        # `host.window("main").set_title(…)`, and the same with a command: `host.window("main").invoke(…)`.
        window = _text(owner.args[0]) if owner.args else None
        owner = owner.func
    if function.attr == "invoke" and call.args and (command := _text(call.args[0])):
        yield command, window
    elif isinstance(owner, ast.Attribute) and (permission := _permissions().get((owner.attr, function.attr))):
        plugin, _, name = permission.rpartition(":")
        command = name.removeprefix("allow-").replace("-", "_")
        yield f"plugin:{plugin.removeprefix('core:')}|{command}", window


def _text(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


@cache
def _permissions() -> dict[tuple[str, str], str]:
    """Give the permission that a method's docstring names, by the host's member and the method."""
    found = {}
    for member, kind in _members():
        for name, method in inspect.getmembers(kind, inspect.isfunction):
            said = re.search(r"Needs `([\w:-]+)`", method.__doc__ or "")
            if said and not name.startswith("_"):
                found[member, name] = said[1]
    return found


def _members() -> Iterator[tuple[str, Any]]:
    """Give the host's members that have Tauri's commands, each with its class."""
    host = object.__new__(AsyncDesktop)
    host._link = None  # type: ignore[assignment]
    for name, member in inspect.getmembers_static(AsyncDesktop):
        if name.startswith("_"):
            continue
        if isinstance(member, property):
            yield name, type(getattr(host, name))
        elif inspect.isfunction(member):
            yield name, type(member(host))
