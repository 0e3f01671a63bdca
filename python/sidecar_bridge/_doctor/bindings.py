"""Whether the generated bindings have the commands that the app registers."""

from __future__ import annotations

import ast
import os
import re
from typing import TYPE_CHECKING

from sidecar_bridge._app.documents import read_text
from sidecar_bridge._doctor.finding import Finding
from sidecar_bridge._init.sidecars import parsed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sidecar_bridge._app.places import App


def check(app: App) -> Iterator[Finding]:
    """Compare the names in `collect_commands!` with those in the Python bindings."""
    registered = set()
    for path in app.sources(".rs", under=app.tauri / "src"):
        for macro in re.findall(r"\bcollect_commands!\s*\[(.*?)\]", read_text(path), re.DOTALL):
            plain = re.sub(r"//[^\n]*|::<[^>]*>", "", macro)
            registered |= {name.strip().rpartition("::")[2] for name in plain.split(",") if name.strip()}
    if not registered:
        return
    for path in app.sources(".py"):
        text = read_text(path)
        if "sidecar_bridge.bindings" not in text or "Contract: " not in text:
            continue
        bound = set(_bound(text))
        place = os.path.relpath(path)
        for name in sorted(registered - bound):
            yield Finding("warning", "bindings", f"{place} lacks the command `{name}`", "generate it anew")
        for name in sorted(bound - registered):
            yield Finding(
                "warning", "bindings", f"{place} has `{name}`, which the app does not register", "generate it anew"
            )


def _bound(text: str) -> Iterator[str]:
    tree = parsed(text)
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Command" and node.args:
            first = node.args[0]
            if (
                isinstance(first, ast.Constant)
                and isinstance(first.value, str)
                and not first.value.startswith("plugin:")
            ):
                yield first.value
