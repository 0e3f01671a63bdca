"""Whether the pieces are there that `init` adds, and what an earlier way to a sidecar has left."""

from __future__ import annotations

import ast
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sidecar_bridge._app.documents import at, read_text, texts
from sidecar_bridge._app.formats import open_document
from sidecar_bridge._doctor.finding import Finding
from sidecar_bridge._doctor.interpreter import command_of, cwd_of
from sidecar_bridge._init.former import leftovers
from sidecar_bridge._init.rust import names_plugin
from sidecar_bridge._init.sidecars import NO_PYTHON, calls, find_sidecar, parsed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sidecar_bridge._app.places import App

_INIT = "run `python -m sidecar_bridge init`"
_PYTHON = ".".join(map(str, sys.version_info[:2]))
_LOGGERS = ("tauri-plugin-log", "env_logger", "fern", "flexi_logger", "simplelog", "tracing-subscriber", "tracing-log")


def check(app: App) -> Iterator[Finding]:
    """Look at the files of the app."""
    if not any(names_plugin(read_text(path)) for path in app.sources(".rs", under=app.tauri / "src")):
        yield Finding("error", "setup", "no Rust file registers the plugin", _INIT)
    if at(app.settings, "plugins", "sidecar-bridge") is None:
        yield Finding(
            "warning", "setup", f"{app.config.name} says nothing of `sidecar-bridge`", f"{_INIT}, or say it in Rust"
        )
    capabilities = "".join(read_text(path) for path in app.capabilities()) + read_text(app.config)
    if "sidecar-bridge:" not in capabilities.replace("sidecar-bridge://", ""):
        yield Finding("error", "setup", "no capability lets a page ask a sidecar", f"{_INIT}, which grants it")
    if "sidecar-bridge://" not in capabilities:
        yield Finding("warning", "setup", "no capability is for a sidecar, so Python may call nothing", _INIT)
    yield from _forms(app)
    yield from _capabilities(app)
    yield from _syntax(app)
    yield from _serving(app)
    yield from _csp(at(app.settings, "app", "security", "csp"))
    manifest = open_document(app.tauri / "Cargo.toml").text
    own = (read_text(path) for path in app.sources(".rs", under=app.tauri / "src"))
    has_logger = any(re.search(rf"^\s*\[?(?:dependencies\.)?{name}\b", manifest, re.MULTILINE) for name in _LOGGERS)
    if not has_logger and not any(re.search(r"\bset_(?:boxed_)?logger\(", text) for text in own):
        said = "the app has no logger, so what Python prints is lost in a release build"
        yield Finding("note", "logging", said, "add tauri-plugin-log")
    for each in leftovers(app):
        place = f"{os.path.relpath(each.path)}:{each.line}"
        yield Finding("note", "leftovers", f"{place} is of an earlier sidecar", each.reason)


def _forms(app: App) -> Iterator[Finding]:
    """Tell of what the host does not read, so that the app does not start."""
    keys = ("plugins", "sidecar-bridge", "sidecars")
    for depth in range(len(keys) + 1):
        value, name = at(app.merged, *keys[:depth]), f"`{keys[depth - 1]}`" if depth else app.config.name
        if not isinstance(value, dict | None):
            yield Finding("error", "setup", f"{name} is {value!r:.60}", "make it an object")
    for name, sidecar in app.sidecars.items():
        for command in (at(sidecar, "spawn", "command"), at(sidecar, "spawn", "dev", "command")):
            if command is not None and (not command or texts(command) != command):
                remedy = "make it a list of texts: the program, then its arguments"
                yield Finding("error", "setup", f"`command` of `{name}` is {command!r}", remedy)


def _capabilities(app: App) -> Iterator[Finding]:
    """Tell of a capability that Tauri's build does not read."""
    for path in app.capabilities():
        said = open_document(path).value
        several = said if isinstance(said, list) else at(said, "capabilities")
        for each in several if isinstance(several, list) else [said]:
            if not isinstance(each, dict):
                yield Finding("error", "setup", f"{os.path.relpath(path)} is {each!r:.60}", "make it an object")
                continue
            for key in ("permissions", "windows", "webviews"):
                if not isinstance(each.get(key), list | None):
                    found = f"`{key}` of {os.path.relpath(path)} is {each[key]!r:.60}"
                    yield Finding("error", "setup", found, "make it a list")


def _syntax(app: App) -> Iterator[Finding]:
    """Tell of a program that a sidecar's command names and Python does not read."""
    for sidecar in app.sidecars.values():
        folder = cwd_of(app, sidecar) or app.tauri
        named = [folder / each for each in command_of(sidecar) if each.endswith(".py")]
        for path in filter(Path.is_file, named):
            try:
                ast.parse(read_text(path))
            except NO_PYTHON as error:
                line = f":{error.lineno}" if isinstance(error, SyntaxError) else ""
                said = f"{os.path.relpath(path)}{line} is no program: {getattr(error, 'msg', error)}"
                yield Finding("error", "setup", said, f"correct it, or read it with a newer Python than {_PYTHON}")


def _serving(app: App) -> Iterator[Finding]:
    """Tell of a program that the bridge starts and that serves in another way: the app waits for it, and gives it up.

    Only where no file calls `serve`, for the program may reach it by a function of another module.
    """
    found = find_sidecar(app)
    started = [command_of(each) for each in app.sidecars.values()]
    if found is None or found.serves or not any(found.entry.name in command for command in started):
        return
    if any(
        {"serve", "serve_async"} & set(calls(tree)) for path in app.sources(".py") if (tree := parsed(read_text(path)))
    ):
        return
    said = f"{os.path.relpath(found.entry)} is started as the sidecar and never calls `serve`"
    yield Finding("error", "setup", said, "`from sidecar_bridge import serve`, and at its end `serve(app)`")


def _csp(csp: Any) -> Iterator[Finding]:
    """Tell whether the page may use Tauri's quick way to the host, which is a fetch."""
    if isinstance(csp, str):
        rules = dict(part.strip().partition(" ")[::2] for part in csp.split(";"))
    elif isinstance(csp, dict):
        rules = {name: " ".join(each) if isinstance(each, list) else str(each) for name, each in csp.items()}
    else:
        return
    allowed = rules.get("connect-src", rules.get("default-src"))
    missing = (
        [] if allowed is None else [each for each in ("ipc:", "http://ipc.localhost") if each not in allowed.split()]
    )
    if missing:
        said = f"`connect-src` of the csp lacks {' and '.join(f'`{each}`' for each in missing)}"
        yield Finding("warning", "csp", said, "add it, or each call takes Tauri's slower way")
