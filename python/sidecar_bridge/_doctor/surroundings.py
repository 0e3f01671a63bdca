"""What is around the app: the folder of its sockets, a sandbox, and an app that runs."""

from __future__ import annotations

import json
import os
import stat
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from sidecar_bridge._app.documents import at
from sidecar_bridge._doctor.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sidecar_bridge._app.places import App

_LONGEST = 107 if sys.platform == "linux" else 103
"""Of a socket's path, in bytes, see docs/platforms.md."""
_SOCKET = "sidecar-bridge-XXXXXX/sidecar.sock"
_SANDBOXES = {"FLATPAK_ID": "Flatpak", "SNAP": "Snap", "APPIMAGE": "AppImage", "IN_NIX_SHELL": "a Nix shell"}


def check(app: App, environment: Mapping[str, str]) -> Iterator[Finding]:
    """Look at the environment that the app would be started in."""
    for variable, name in _SANDBOXES.items():
        if variable in environment:
            said = f"{variable} is set: this runs in {name}, whose programs are not those of the system"
            yield Finding(
                "note", "sandbox", said, "build the sidecar with `python -m sidecar_bridge bundle`, with its own Python"
            )
    if sys.platform == "win32":
        return
    folder = run_folder(environment)
    length = len(os.fsencode(folder / _SOCKET))
    if length > _LONGEST:
        said = f"a socket in {folder} has a path of {length} bytes, and {_LONGEST} are possible"
        yield Finding("error", "run-directory", said, "point XDG_RUNTIME_DIR or TMPDIR to a shorter path")
    yield from _running(folder, str(at(app.settings, "identifier") or ""))


def run_folder(environment: Mapping[str, str]) -> Path:
    """Give where the host makes its folder: `$XDG_RUNTIME_DIR` if that is this user's alone, or the temporary one."""
    folder = Path(environment.get("XDG_RUNTIME_DIR", ""))
    if folder.is_absolute() and folder.is_dir() and not folder.is_symlink():
        found = folder.stat()
        if found.st_uid == os.getuid() and stat.S_IMODE(found.st_mode) == stat.S_IRWXU:
            return folder
    return Path(environment.get("TMPDIR") or tempfile.gettempdir())


def _running(folder: Path, identifier: str) -> Iterator[Finding]:
    """Say what the connection file says that an app leaves under `tauri dev`."""
    file = folder / f"sidecar-bridge-{identifier}.json"
    try:
        if file.stat().st_uid != os.getuid():
            yield Finding("error", "running", f"{file} belongs to somebody else", "have its owner remove it")
            return
        connection = json.loads(file.read_text("utf-8"))
        pid, sidecars = int(connection["pid"]), dict(connection["sidecars"])
    except FileNotFoundError:
        return
    except (OSError, ValueError, KeyError, TypeError) as error:
        yield Finding("warning", "running", f"{file} cannot be read: {error}", "remove it, and start the app again")
        return
    if not _lives(pid):
        yield Finding(
            "warning", "running", f"{file} is of process {pid}, which has ended", "start the app, which replaces it"
        )
        return
    for name, places in sidecars.items():
        socket = at(places, "listen", "unix")
        if isinstance(socket, str) and not Path(socket).exists():
            said = f"the app runs as process {pid}, and {socket} of `{name}` is gone"
            yield Finding("error", "running", said, "restart the app; something has removed its folder")
    names = ", ".join(f"`{name}`" for name in sidecars)
    yield Finding(
        "note", "running", f"the app runs as process {pid}, with {names}", "set SIDECAR_BRIDGE_APP to join it"
    )


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
