"""Where the parts of an app are: its Tauri folder, its page's package and its Python project."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sidecar_bridge._app.documents import at, elements, table
from sidecar_bridge._app.errors import AppError
from sidecar_bridge._app.formats import open_document

if TYPE_CHECKING:
    from collections.abc import Iterator

CONFIGS = ("tauri.conf.json", "tauri.conf.json5", "Tauri.toml")
"""What Tauri's configuration may be called."""

_SKIPPED = {"node_modules", "target", "dist", "build", "out", "gen", "site-packages", "__pycache__", "venv", "env"}
_JS_LOCKS = {
    "pnpm-lock.yaml": "pnpm",
    "yarn.lock": "yarn",
    "bun.lock": "bun",
    "bun.lockb": "bun",
    "package-lock.json": "npm",
}
_NAMED = 5
"""How many apps an error names, of a folder such as `/tmp` with hundreds of them."""
_PYTHON_LOCKS = {"uv.lock": "uv", "poetry.lock": "poetry", "pdm.lock": "pdm"}


@dataclass(frozen=True)
class App:
    """An app's places."""

    root: Path
    """The folder in which it was looked for."""
    tauri: Path
    """The folder with Tauri's configuration and `Cargo.toml`."""
    config: Path
    """Tauri's configuration."""

    @cached_property
    def settings(self) -> Any:
        """What Tauri's configuration says."""
        return open_document(self.config).value

    @cached_property
    def merged(self) -> Any:
        """What Tauri's configuration says on this system, with the file for it merged in (RFC 7396)."""
        system = {"darwin": "macos", "win32": "windows"}.get(sys.platform, "linux")
        settings = self.settings
        for name in (f"tauri.{system}.conf.json", f"tauri.{system}.conf.json5", f"Tauri.{system}.toml"):
            if (self.tauri / name).is_file():
                settings = _patched(settings, open_document(self.tauri / name).value)
        return settings

    @property
    def sidecars(self) -> dict[str, Any]:
        """What the configuration says of each sidecar on this system, by its name."""
        return table(self.merged, "plugins", "sidecar-bridge", "sidecars")

    @cached_property
    def page(self) -> Path | None:
        """The folder with the page's `package.json`; a page may be without one."""
        return next((each for each in self._above(self.tauri.parent) if (each / "package.json").is_file()), None)

    @property
    def node(self) -> str:
        """The package manager of the page."""
        folders = list(_as_far_as_git(self.page or self.tauri))
        for folder in folders:
            if (folder / "package.json").is_file():
                said = at(open_document(folder / "package.json").value, "packageManager")
                if isinstance(said, str):
                    return said.partition("@")[0]
        found = (name for folder in folders for lock, name in _JS_LOCKS.items() if (folder / lock).is_file())
        return next(found, "npm")

    def capabilities(self) -> Iterator[Path]:
        """Give the files of capabilities, as Tauri's build finds them."""
        for path in sorted((self.tauri / "capabilities").rglob("*")):
            if path.suffix in (".json", ".json5", ".toml") and path.parent.name != "schemas" and path.is_file():
                yield path

    def windows(self) -> list[str]:
        """Give the labels of the windows that the configuration opens; Tauri calls one without a label `main`."""
        labels = [at(each, "label") or "main" for each in elements(self.settings, "app", "windows")]
        found = [label for label in labels if isinstance(label, str)]
        return found or ["main"]

    def python(self, sidecar: Path) -> PythonProject | None:
        """Give the Python project of a folder: there or above."""
        for folder in self._above(sidecar):
            for name in ("pyproject.toml", "requirements.txt"):
                if (folder / name).is_file():
                    return PythonProject(folder / name, self._python_manager(folder / name))
        return None

    def sources(self, *suffixes: str, under: Path | None = None) -> Iterator[Path]:
        """Give the app's own files with these ends."""
        for folder, names, files in os.walk(under or self.root):
            names[:] = sorted(each for each in names if each not in _SKIPPED and not each.startswith("."))
            if "pyvenv.cfg" in files:
                names.clear()
                continue
            for each in sorted(files):
                # A link to nowhere is none, as the one by which Emacs says that it has unsaved changes.
                if each.endswith(suffixes) and (file := Path(folder, each)).is_file():
                    yield file

    def _python_manager(self, file: Path) -> str:
        for folder in _as_far_as_git(file.parent):
            for lock, name in _PYTHON_LOCKS.items():
                if (folder / lock).is_file():
                    return name
        tools = at(open_document(file).value, "tool") if file.suffix == ".toml" else None
        return next((name for name in ("uv", "poetry", "pdm") if isinstance(tools, dict) and name in tools), "pip")

    def _above(self, folder: Path) -> Iterator[Path]:
        """Give a folder and those above it, as far as the app goes."""
        for each in (folder, *folder.parents):
            yield each
            if each == self.root:
                return


@dataclass(frozen=True)
class PythonProject:
    """Where a sidecar's requirements are, and what installs them: `uv`, `pip`, `poetry` or `pdm`."""

    file: Path
    manager: str


def find_app(start: Path, tauri: Path | None = None) -> App:
    """Find the app in a folder, or around it; `tauri` names its Tauri folder, where there are several.

    Raises:
        AppError: There is none, or there are several.
    """
    start = start.resolve()
    if tauri is not None:
        folder = (start / tauri).resolve()
        config = _config(folder)
        if config is None:
            raise AppError(f"{folder} has no Cargo.toml with one of {', '.join(CONFIGS)}; name the folder that has")
        return App(start if folder.is_relative_to(start) else folder.parent, folder, config)
    below = [folder for folder in _folders(start) if _config(folder)]
    if len(below) > 1:
        names = ", ".join(f"`{folder.relative_to(start).as_posix()}`" for folder in below[:_NAMED])
        names += f" and {len(below) - _NAMED} more" if len(below) > _NAMED else ""
        raise AppError(f"{start} has several Tauri apps: {names}; name one with --tauri")
    if below and below[0] != start:
        return App(start, below[0], _config(below[0]) or below[0])
    # Called from inside of the Tauri folder, or of a page beside it.
    for each in (start, *start.parents):
        for folder in (each, each / "src-tauri"):
            if config := _config(folder):
                return App(folder.parent, folder, config)
        if (each / ".git").exists():
            break
    raise AppError(
        f"{start} has no Tauri app: none of {', '.join(CONFIGS)} is in it, beside a Cargo.toml; "
        "call this in the app's folder"
    )


def _as_far_as_git(folder: Path) -> Iterator[Path]:
    """Give a folder and those above it in its repository: a lock file may be that of a workspace around the app."""
    for each in (folder, *folder.parents):
        yield each
        if (each / ".git").exists():
            return


def _patched(value: Any, patch: Any) -> Any:
    if not isinstance(patch, dict):
        return patch
    after = dict(value) if isinstance(value, dict) else {}
    for key, each in patch.items():
        if each is None:
            after.pop(key, None)
        else:
            after[key] = _patched(after.get(key), each)
    return after


def _config(folder: Path) -> Path | None:
    """Give the configuration in a folder that is a crate, too."""
    if not (folder / "Cargo.toml").is_file():
        return None
    return next((folder / name for name in CONFIGS if (folder / name).is_file()), None)


def _folders(start: Path) -> Iterator[Path]:
    for folder, names, _ in os.walk(start):
        names[:] = sorted(each for each in names if each not in _SKIPPED and not each.startswith("."))
        yield Path(folder)
