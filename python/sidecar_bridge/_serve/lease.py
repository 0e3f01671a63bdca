"""How a sidecar gets its lease: from the host that started it or, in development, by the app's identifier."""

from __future__ import annotations

import json
import os
import stat
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sidecar_bridge._client.errors import BridgeError, ProblemError
from sidecar_bridge._native import PROTOCOL
from sidecar_bridge._serve.dial import Answer, dial
from sidecar_bridge._serve.hello import KIND, Hello

if TYPE_CHECKING:
    from sidecar_bridge._native import Lease

_MAX_FILE_BYTES = 64 * 1024
_PRIVATE_DIRECTORY = 0o700


class Introduced(NamedTuple):
    """A lease after its hello, the descriptor of the socket to serve on, if there is one, and what was dialled."""

    hello: Hello
    lease: Lease
    listen_fd: int | None
    dialled: str


def take_lease(path: str) -> Introduced:
    """Ask the host that started this process; `ProblemError` when the host refuses, `BridgeError` when it is gone."""
    return _introduced(path, dial(path, "serve"))


def join(identifier: str, sidecar: str) -> Introduced:
    """Ask the running app with that identifier for a lease; `BridgeError` when no such app runs."""
    file = runtime_directory() / f"sidecar-bridge-{identifier}.json"
    path = _meeting(_read_private(file, identifier), file, sidecar)
    try:
        return _introduced(path, dial(path, "join"))
    except ProblemError:
        raise
    except BridgeError as error:
        raise BridgeError(f"the app `{identifier}` gives no lease: {error}; start it again") from error


def _introduced(path: str, answer: Answer) -> Introduced:
    if answer.hello.dials is None and (not answer.hello.listens or answer.listen_fd is None):
        raise BridgeError("no socket to serve on came with the host's hello")
    return Introduced(answer.hello, answer.lease, answer.listen_fd, path)


def runtime_directory() -> Path:
    """Give the directory of connection files: `$XDG_RUNTIME_DIR` if it is private, else the temporary one.

    On Windows it is `%LOCALAPPDATA%`.
    """
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or tempfile.gettempdir())
    candidate = os.environ.get("XDG_RUNTIME_DIR")
    if candidate:
        try:
            found = os.lstat(candidate)
        except OSError:
            pass
        else:
            private = stat.S_ISDIR(found.st_mode) and stat.S_IMODE(found.st_mode) == _PRIVATE_DIRECTORY
            if private and found.st_uid == os.geteuid():
                return Path(candidate)
    return Path(tempfile.gettempdir())


def _read_private(path: Path, identifier: str) -> bytes:
    """Read a file; `BridgeError` when another user could have written it."""
    try:
        descriptor = os.open(path, _READ)
    except FileNotFoundError as error:
        msg = f"no app `{identifier}` runs in development ({path} is not there); start it with `tauri dev`"
        raise BridgeError(msg) from error
    except OSError as error:
        msg = f"{path} cannot be read: {error.strerror}; remove it and start the app again"
        raise BridgeError(msg) from error
    with os.fdopen(descriptor, "rb") as file:
        if not _is_private(descriptor):
            msg = f"{path} is not a file of this user alone, so it is not trusted; remove it and start the app again"
            raise BridgeError(msg)
        return file.read(_MAX_FILE_BYTES)


if sys.platform == "win32":
    import msvcrt

    from sidecar_bridge._native import is_own_file

    _READ = os.O_RDONLY | os.O_BINARY | os.O_NOINHERIT

    def _is_private(descriptor: int) -> bool:
        """Tell whether this user made the file. Nobody else may write in the directory."""
        return is_own_file(msvcrt.get_osfhandle(descriptor))
else:
    _READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK

    def _is_private(descriptor: int) -> bool:
        found = os.fstat(descriptor)
        is_mine = stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid()
        return is_mine and not stat.S_IMODE(found.st_mode) & 0o077


def _meeting(document: bytes, path: Path, sidecar: str) -> str:
    """Give the socket or pipe that the sidecar dials to join, from a connection file."""
    try:
        connection = json.loads(document)
        protocol = connection["protocol"]
        sidecars = connection["sidecars"]
        meeting = sidecars.get(sidecar)
        names = ", ".join(sidecars)
        socket_path = None if meeting is None else str(meeting["join"][KIND])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        msg = f"{path} is no connection file; remove it and start the app again"
        raise BridgeError(msg) from error
    if protocol != PROTOCOL:
        msg = f"{path} is of protocol {protocol!r} and this package speaks {PROTOCOL}; install matching versions"
        raise BridgeError(msg)
    if socket_path is None:
        msg = f"the app has no sidecar `{sidecar}`; it has: {names}"
        raise BridgeError(msg)
    return socket_path
