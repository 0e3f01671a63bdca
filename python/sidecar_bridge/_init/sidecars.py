"""The Python sidecar that an app has already."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sidecar_bridge._app.documents import read_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sidecar_bridge._app.places import App


NO_PYTHON = (MemoryError, RecursionError, SyntaxError, ValueError)
"""What `ast.parse` raises for a source with errors, and for one that goes deeper than Python reads."""


@dataclass(frozen=True)
class Sidecar:
    """The file that is started."""

    entry: Path
    is_new: bool
    """Whether it is to be written."""
    serves: bool
    """Whether it serves by this package."""

    @property
    def folder(self) -> Path:
        """Where it lies, and where it is started."""
        return self.entry.parent

    @property
    def packages(self) -> list[str]:
        """The folders with Python beside it, without its tests."""
        if self.is_new:
            return []
        found = (each.name for each in sorted(self.folder.iterdir()) if next(each.glob("*.py"), None))
        return [name for name in found if name not in ("tests", "test") and not name.startswith((".", "__"))]


def find_sidecar(app: App) -> Sidecar | None:
    """Give the program that serves by this package, else one that runs a FastAPI app, else `sidecar/main.py`."""
    former: list[Sidecar] = []
    for path in app.sources(".py"):
        text = read_text(path)
        if "sidecar_bridge" not in text and "FastAPI" not in text:
            continue
        tree = parsed(text)
        if tree is None or not _is_program(tree):
            continue
        called = set(calls(tree))
        if "serve" in called and "sidecar_bridge" in text:
            return Sidecar(path, is_new=False, serves=True)
        if "FastAPI" in called or "run" in called:
            former.append(Sidecar(path, is_new=False, serves=False))
    if former:
        return former[0]
    # Of another framework, or with an error of syntax: somebody's program, which is not to be replaced.
    place = new_place(app)
    return Sidecar(place, is_new=False, serves=False) if place.is_file() else None


def new_place(app: App) -> Path:
    """Give where a program is written that is not there yet."""
    return (app.page or app.tauri.parent) / "sidecar" / "main.py"


def parsed(text: str) -> ast.Module | None:
    """Give the syntax of a source, `None` when that has errors, or goes deeper than Python reads."""
    try:
        return ast.parse(text)
    except NO_PYTHON:
        return None


def calls(tree: ast.AST) -> Iterator[str]:
    """Give the last names of all functions that are called."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name):
                yield node.func.id
            elif isinstance(node.func, ast.Attribute):
                yield node.func.attr


def _is_program(tree: ast.Module) -> bool:
    """Tell whether the module does something when it is started, as `serve` and `uvicorn.run` are called."""
    return any(isinstance(node, ast.If | ast.Expr) and {"serve", "run"} & set(calls(node)) for node in tree.body)
