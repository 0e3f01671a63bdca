"""Whether the versions of an app's packages fit together."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any

from sidecar_bridge._app.documents import at, elements, read_text
from sidecar_bridge._app.errors import AppError
from sidecar_bridge._app.formats import open_document
from sidecar_bridge._doctor.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sidecar_bridge._app.places import App

_CRATE = "tauri-plugin-sidecar-bridge"
_NPM = "tauri-plugin-sidecar-bridge-api"
_TAURI_FLOOR = (2, 12)


def check(app: App, python: str | None) -> Iterator[Finding]:
    """Compare what is installed; `python` is the version of the package in the sidecar's Python."""
    crates = _locked(app.tauri)
    if crates is None:
        yield Finding("note", "versions", f"{app.tauri} has no Cargo.lock", "build the app once, then call this again")
    npm = None if app.page is None else _installed(app.page)
    if app.page is not None and npm is None and _asks_for(app.page):
        yield Finding("error", "versions", f"`{_NPM}` is not installed in {app.page}", f"run `{app.node} install`")
    ours = (crates or {}).get(_CRATE, [None])[0]
    found = {"the crate": ours, "the npm package": npm, "the Python package": python}
    known = {name: version for name, version in found.items() if version is not None}
    if len(set(known.values())) > 1:
        said = ", ".join(f"{name} is {version}" for name, version in known.items())
        yield Finding("error", "versions", said, "install the same version of all three")
    yield from _tauri(crates or {})


def _tauri(crates: dict[str, list[str]]) -> Iterator[Finding]:
    for version in crates.get("tauri", []):
        if _numbers(version) < _TAURI_FLOOR:
            floor = ".".join(map(str, _TAURI_FLOOR))
            yield Finding(
                "error", "versions", f"tauri is {version}", f"run `cargo update -p tauri`, for {floor} or newer"
            )
    if "tauri-specta" in crates and len(crates.get("specta", [])) > 1:
        said = f"specta is there as {' and '.join(crates['specta'])}, and tauri-specta takes types of one"
        yield Finding("error", "versions", said, "pin the version in Cargo.toml that tauri-specta asks for")


def _locked(folder: Path) -> dict[str, list[str]] | None:
    """Give the versions of all crates, by their names."""
    for each in (folder, *folder.parents):
        if (each / "Cargo.lock").is_file():
            crates: dict[str, list[str]] = {}
            for package in elements(_toml(each / "Cargo.lock"), "package"):
                crates.setdefault(str(at(package, "name")), []).append(str(at(package, "version")))
            return crates
        if (each / ".git").exists():
            break
    return None


def _installed(page: Path) -> str | None:
    for each in (page, *page.parents):
        package = each / "node_modules" / _NPM / "package.json"
        if package.is_file():
            version = at(open_document(package).value, "version")
            return version if isinstance(version, str) else None
    return None


def _asks_for(page: Path) -> bool:
    return f'"{_NPM}"' in read_text(page / "package.json")


def _toml(path: Path) -> Any:
    # Not as a document, which keeps the form: that takes a second for the lock of Tauri.
    try:
        return tomllib.loads(read_text(path))
    except tomllib.TOMLDecodeError as error:
        raise AppError(f"{path} is not valid TOML: {error}; correct it") from error


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:2])
