"""How a sidecar gets its lease: from the host that started it or, in development, by the app's identifier."""

from __future__ import annotations

import json
import os
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sidecar_bridge._client.errors import BridgeError, ProblemError
from sidecar_bridge._client.failure import require_unix
from sidecar_bridge._native import PROTOCOL
from sidecar_bridge._serve.dial import Answer, dial

if TYPE_CHECKING:
    from sidecar_bridge._native import Lease
    from sidecar_bridge._serve.hello import Hello

_MAX_FILE_BYTES = 64 * 1024
_PRIVATE_DIRECTORY = 0o700


class Introduced(NamedTuple):
    """A lease after its hello, the descriptor of the socket to serve on, and the path of the dialled socket."""

    hello: Hello
    lease: Lease
    listen_fd: int
    dialled: str


def take_lease(path: str) -> Introduced:
    """Ask the host that started this process; `ProblemError` when the host refuses, `BridgeError` when it is gone."""
    return _introduced(path, dial(path, "serve"))


def join(identifier: str, sidecar: str) -> Introduced:
    """Ask the running app with that identifier for a lease; `BridgeError` when no such app runs."""
    require_unix()
    file = runtime_directory() / f"sidecar-bridge-{identifier}.json"
    path = _meeting(_read_private(file, identifier), file, sidecar)
    try:
        return _introduced(path, dial(path, "join"))
    except ProblemError:
        raise
    except BridgeError as error:
        raise BridgeError(f"the app `{identifier}` gives no lease: {error}; start it again") from error


def _introduced(path: str, answer: Answer) -> Introduced:
    if not answer.hello.listens or answer.listen_fd is None:
        raise BridgeError("no socket to serve on came with the host's hello")
    return Introduced(answer.hello, answer.lease, answer.listen_fd, path)


def runtime_directory() -> Path:
    """Give the directory of connection files: `$XDG_RUNTIME_DIR` if it is private, else the temporary one."""
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
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError as error:
        msg = f"no app `{identifier}` runs in development ({path} is not there); start it with `tauri dev`"
        raise BridgeError(msg) from error
    except OSError as error:
        msg = f"{path} cannot be read: {error.strerror}; remove it and start the app again"
        raise BridgeError(msg) from error
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & 0o077:
            msg = f"{path} is not a file of this user alone, so it is not trusted; remove it and start the app again"
            raise BridgeError(msg)
        return file.read(_MAX_FILE_BYTES)


def _meeting(document: bytes, path: Path, sidecar: str) -> str:
    """Give the path of the socket that the sidecar dials to join, from a connection file."""
    try:
        connection = json.loads(document)
        protocol = connection["protocol"]
        sidecars = connection["sidecars"]
        meeting = sidecars.get(sidecar)
        names = ", ".join(sidecars)
        socket_path = None if meeting is None else str(meeting["join"]["unix"])
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
