"""Where an app takes the three packages from: registries, a checkout of the repository, or a folder with all three."""

from __future__ import annotations

import os
import tarfile
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from sidecar_bridge._app.errors import AppError

CRATE_FOLDER = "vendor/tauri-plugin-sidecar-bridge"
"""Where a crate of a folder lies in an app's `src-tauri`: Cargo takes no archive."""

_CRATE = "tauri-plugin-sidecar-bridge-[0-9]*.crate"
_NPM = "tauri-plugin-sidecar-bridge-api-[0-9]*.tgz"
_WHEEL = "tauri_sidecar_bridge-[0-9]*.whl"


class Packages(NamedTuple):
    """What an app's files say of each, where `src-tauri` lies in the app's folder."""

    crate: str
    """In `Cargo.toml`, between braces."""
    npm: str
    """In `package.json`."""
    pip: str
    """Behind the name and the extras of a requirement."""
    archive: Path | None = None
    """The crate that has to be in `CRATE_FOLDER`."""


def packages_of(source: Path | None, version: str, app: Path) -> Packages:
    """Give what an app in that folder says.

    Raises:
        AppError: The source is no checkout, and has not the three packages.
    """
    if source is None:
        return Packages(f'version = "{version}"', f"^{version}", f"~={version}")
    if not is_checkout(source):
        crate, npm, wheel = (_only(source, pattern) for pattern in (_CRATE, _NPM, _WHEEL))
        return Packages(f'path = "{CRATE_FOLDER}"', f"file:{_relative(npm, app)}", f" @ {wheel.as_uri()}", crate)
    root = source.resolve()
    path = _relative(root, app / "src-tauri")
    return Packages(f'path = "{path}"', f"file:{_relative(root / 'guest-js', app)}", f" @ {(root / 'python').as_uri()}")


def is_checkout(folder: Path) -> bool:
    """Say whether the repository is checked out there."""
    return (folder / "guest-js/package.json").is_file() and (folder / "python/pyproject.toml").is_file()


def checked(checkout: Path) -> Path:
    """Give the whole path of a checkout.

    Raises:
        AppError: It is none.
    """
    if not is_checkout(checkout):
        raise AppError(
            f"{checkout} is no checkout of tauri-plugin-sidecar-bridge; name the folder that has `guest-js` in it"
        )
    return checkout.resolve()


def unpacked(crate: Path) -> dict[str, bytes]:
    """Give the files of a crate's archive, by their paths in the crate.

    Raises:
        AppError: It is no such archive.
    """
    files = {}
    try:
        with tarfile.open(crate, "r:gz") as archive:
            for member in archive:
                # All lie in a folder that has the crate's name and version.
                path = PurePosixPath(*PurePosixPath(member.name).parts[1:])
                if path.is_absolute() or ".." in path.parts:
                    raise AppError(f"{crate} has `{member.name}`, which leads out of it; it is no crate of Cargo's")
                if (content := archive.extractfile(member)) is not None:
                    files[str(path)] = content.read()
    except (OSError, EOFError, tarfile.TarError) as error:
        raise AppError(f"{crate} cannot be unpacked: {error}; download or make it again") from error
    return files


def _only(folder: Path, pattern: str) -> Path:
    found = sorted(folder.glob(pattern))
    if not found:
        raise AppError(
            f"{folder} is no checkout of tauri-plugin-sidecar-bridge and has no {pattern}; name a checkout, "
            "or a folder with the crate, the npm package and the wheel"
        )
    if len(found) > 1:
        names = ", ".join(path.name for path in found)
        raise AppError(f"{folder} has {names}; leave the one that fits this system")
    return found[0].resolve()


def _relative(path: Path, folder: Path) -> str:
    return Path(os.path.relpath(path, folder)).as_posix()
