"""The package of Python in an app's Python project, as each package manager wants it."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from sidecar_bridge._app.documents import at
from sidecar_bridge._app.formats import open_document

if TYPE_CHECKING:
    from sidecar_bridge._app.places import PythonProject

NAME = "tauri-sidecar-bridge"
_EXTRA = "fastapi"


def with_package(project: PythonProject, text: str, version: str, checkout: Path | None) -> str:
    """Give the project's file with the package as a requirement; the text as it is when it has that."""
    if project.file.suffix != ".toml":
        return _in_lines(text, version, checkout)
    if re.search(rf"""^\s*["']?{NAME}\b|["']{NAME}\b""", text, re.MULTILINE):
        return text
    document = open_document(project.file, text)
    value = document.value
    package = None if checkout is None else checkout / "python"
    if at(value, "project") is None and at(value, "tool", "poetry") is not None:
        source = {"version": f"^{version}"} if package is None else {"path": _relative(package, project.file.parent)}
        document.put(["tool", "poetry", "dependencies", NAME], {**source, "extras": [_EXTRA]})
        return document.text
    if package is None:
        requirement = f"{NAME}[{_EXTRA}]~={version}"
    elif project.manager == "uv":
        requirement = f"{NAME}[{_EXTRA}]"
        document.put(["tool", "uv", "sources", NAME], {"path": _relative(package, project.file.parent)})
    else:
        # PEP 508 has no relative paths.
        requirement = f"{NAME}[{_EXTRA}] @ {package.as_uri()}"
    if at(value, "project", "dependencies") is None:
        document.put(["project", "dependencies"], [requirement])
    else:
        document.append(["project", "dependencies"], requirement)
    return document.text


def install_command(project: PythonProject, folder: Path) -> str:
    """Give the command that installs the project's requirements, for a shell in that folder."""
    place = Path(os.path.relpath(project.file, folder)).as_posix()
    directory = Path(os.path.relpath(project.file.parent, folder)).as_posix()
    named = "" if directory == "." else f" --directory {directory}"
    match project.manager, project.file.suffix:
        case "uv", ".toml":
            return f"uv sync{named}"
        case "uv", _:
            return f"uv pip install -r {place}"
        case "poetry", ".toml":
            return f"poetry install{named}"
        case "pdm", ".toml":
            return f"pdm install{'' if directory == '.' else f' --project {directory}'}"
        case _, ".toml":
            return f"pip install ./{directory}" if directory != "." else "pip install ."
    return f"pip install -r {place}"


def _in_lines(text: str, version: str, checkout: Path | None) -> str:
    if re.search(rf"^{NAME}\b|/python\[{_EXTRA}\]|^[^#\n]*\b{NAME}\b", text, re.MULTILINE):
        return text
    where = f"~={version}" if checkout is None else f" @ {(checkout / 'python').as_uri()}"
    newline = "\r\n" if "\r\n" in text else "\n"
    return text + ("" if not text or text.endswith("\n") else newline) + f"{NAME}[{_EXTRA}]{where}{newline}"


def _relative(path: Path, folder: Path) -> str:
    return Path(os.path.relpath(path, folder)).as_posix()
