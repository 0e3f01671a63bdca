"""Where an app takes the three packages from: the registries, or a checkout of the repository."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from sidecar_bridge._app.errors import AppError


class Packages(NamedTuple):
    """What an app's files say of each, where `src-tauri` lies in the app's folder."""

    crate: str
    """In `Cargo.toml`, between braces."""
    npm: str
    """In `package.json`."""
    pip: str
    """Behind the name and the extras of a requirement."""


def packages_of(checkout: Path | None, version: str, app: Path) -> Packages:
    """Give what an app in that folder says.

    Raises:
        AppError: The checkout is none.
    """
    if checkout is None:
        return Packages(f'version = "{version}"', f"^{version}", f"~={version}")
    root = checked(checkout)
    crate = _relative(root, app / "src-tauri")
    return Packages(
        f'path = "{crate}"', f"file:{_relative(root / 'guest-js', app)}", f" @ {(root / 'python').as_uri()}"
    )


def checked(checkout: Path) -> Path:
    """Give the whole path of a checkout.

    Raises:
        AppError: It is none.
    """
    root = checkout.resolve()
    if not (root / "guest-js/package.json").is_file() or not (root / "python/pyproject.toml").is_file():
        raise AppError(
            f"{checkout} is no checkout of tauri-plugin-sidecar-bridge; name the folder that has `guest-js` in it"
        )
    return root


def _relative(path: Path, folder: Path) -> str:
    return Path(os.path.relpath(path, folder)).as_posix()
