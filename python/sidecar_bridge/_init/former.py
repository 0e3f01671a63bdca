"""What an earlier way to a sidecar, by `tauri-plugin-shell` and a port, leaves behind: a file and a line for each."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, NamedTuple

from sidecar_bridge._app.documents import at, read_text
from sidecar_bridge._app.formats import open_document
from sidecar_bridge._init.sidecars import parsed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sidecar_bridge._app.places import App

_PORT = r"""https?://(?:localhost|127\.0\.0\.1|\[::1\]):(?P<port>\d+|\$\{)"""
_RUST = {
    r"\btauri_plugin_shell::init\(": "the shell plugin can go, unless the app uses it for other programs",
    r"(?<!sidecar_bridge\(\))\.sidecar\(\s*\"": "the plugin starts the sidecar",
    r"\bCommandEvent::": "the plugin reads what the sidecar prints",
    r"\b\w*(?:child|process|sidecar)\w*(?:\.\w+\(\))*\.kill\(\)": "the plugin ends the sidecar with the app",
    r"\bTcpStream::connect|\bTcpListener::bind|\bportpicker::|\bpick_unused_port\b": "there is no port to find",
}
_PAGE = {
    r"@tauri-apps/plugin-shell": "the plugin starts the sidecar; the page needs no shell for it",
    r"\bCommand\.sidecar\(": "the plugin starts the sidecar",
    r"\bwaitFor(?:Server|Backend|Port|Sidecar|Health)\w*\(": "requests wait for the sidecar by themselves",
}
_CALLS = {
    "run": "`serve(app)` of `sidecar_bridge` takes the place of `uvicorn.run`",
    "add_middleware": "a page that fetches through the bridge needs no CORS",
}


class Leftover(NamedTuple):
    """Something that can go, and why."""

    path: Path
    line: int
    reason: str


def leftovers(app: App) -> list[Leftover]:
    """Give what can go, in files that are the app's own."""
    found = [*_configuration(app), *_capabilities(app)]
    for path in app.sources(".rs", under=app.tauri / "src"):
        if re.search(r"\btauri_plugin_shell\b|\.shell\(\)", read_text(path)):
            found += _matches(path, _RUST)
    for path in app.sources(".ts", ".tsx", ".js", ".jsx", ".mjs", ".svelte", ".vue", ".html"):
        if not path.name.startswith("vite.config"):
            found += [*_matches(path, _PAGE), *_ports(app, path)]
    for path in app.sources(".py"):
        found += _python(path)
    return sorted(set(found), key=lambda each: (str(each.path), each.line))


def _configuration(app: App) -> Iterator[Leftover]:
    document = open_document(app.config)
    if at(app.settings, "bundle", "externalBin"):
        line = document.line_of(["bundle", "externalBin"])
        yield Leftover(app.config, line, "`externalBin` can go with what `python -m sidecar_bridge bundle` builds")
    csp = at(app.settings, "app", "security", "csp")
    for number, line_text in enumerate(document.text.splitlines(), 1):
        if csp is not None and re.search(r"connect-src", line_text) and re.search(_PORT, line_text):
            yield Leftover(app.config, number, "`connect-src` needs no port of a sidecar")


def _capabilities(app: App) -> Iterator[Leftover]:
    for path in app.capabilities():
        for number, line in enumerate(read_text(path).splitlines(), 1):
            if permission := re.search(r"""["'](shell:(?:default|allow-[\w-]+))["']""", line):
                yield Leftover(path, number, f"`{permission[1]}` can go, unless the page starts other programs")


def _matches(path: Path, patterns: dict[str, str]) -> Iterator[Leftover]:
    for number, line in enumerate(read_text(path).splitlines(), 1):
        for pattern, reason in patterns.items():
            if re.search(pattern, line):
                yield Leftover(path, number, reason)


def _ports(app: App, path: Path) -> Iterator[Leftover]:
    """Give the lines that ask a server of this machine, and those that ask again and again."""
    own = re.search(r":(\d+)", str(at(app.settings, "build", "devUrl") or ""))
    lines = read_text(path).splitlines()
    asked = [
        number
        for number, line in enumerate(lines, 1)
        if (found := re.search(_PORT, line)) and (own is None or found["port"] != own[1])
    ]
    for number in asked:
        yield Leftover(path, number, "`fetch` of the bridge takes a path, such as `/hello`, and needs no port")
    for number, line in enumerate(lines, 1) if asked else ():
        if re.search(r"\bsetInterval\(|\bsetTimeout\(", line):
            yield Leftover(path, number, "if this polls the server: requests wait, and `onStatus` tells when it serves")


def _python(path: Path) -> Iterator[Leftover]:
    text = read_text(path)
    tree = parsed(text) if re.search("CORSMiddleware|uvicorn", text) else None
    for node in ast.walk(tree) if tree else ():
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        source = ast.unparse(node)
        if source.startswith("uvicorn.run(") or ("CORSMiddleware" in source and node.func.attr == "add_middleware"):
            yield Leftover(path, node.lineno, _CALLS[node.func.attr])
