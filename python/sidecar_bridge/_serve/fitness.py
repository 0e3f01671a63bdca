"""What a process may not have that stands ready beside another one of the same program."""

from __future__ import annotations

import os
import socket
import stat
import sys
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from sidecar_bridge._serve.imported import attribute

if TYPE_CHECKING:
    from collections.abc import Sequence

_GPU = ("/dev/nvidia", "/dev/dri/", "/dev/kfd")
"""How the device files of processors begin whose memory a process holds once it has opened them."""

_STANDARD = 2
"""The last descriptor of those that each process has."""


def what_forbids(line: int) -> str | None:
    """Tell what this process has started or opened that a second process may not have; `line` leads to the host.

    Only threads of Python count: native ones, such as those of OpenBLAS, wait for work and do nothing by themselves.
    """
    threads = [thread for thread in threading.enumerate() if thread is not threading.main_thread()]
    if threads:
        return f"starts the thread `{threads[0].name}`"
    if _has_children():
        return "starts a process"
    for descriptor in _descriptors():
        if descriptor > _STANDARD and descriptor != line:
            opened = _what_is_open(descriptor)
            if opened is not None:
                return f"opens {opened}"
    return None


class Sources:
    """The files of which this process is made, and the folders in which it looks for more."""

    def __init__(self, started_ns: int, apart_from: Sequence[str] = ()) -> None:
        """Note what is there now, but in these folders. This process was started at `started_ns` of `time.time_ns`."""
        self._imported_ns = range(started_ns + 1, time.time_ns() + 1)
        files = [attribute(module, "__file__") for module in list(sys.modules.values())]
        folders = [path for path in sys.path if path not in apart_from]
        self._seen = {path: _stamp(path) for path in [*files, *folders] if isinstance(path, str) and path}

    def changed(self) -> str | None:
        """Give the first one that is another one now, or may have been written after it was imported."""
        for path, seen in self._seen.items():
            if _stamp(path) != seen or (seen is not None and self._may_be_newer(seen)):
                return path
        return None

    def _may_be_newer(self, seen: _Stamp) -> bool:
        """Tell whether a file was written while this process imported. A date in the future tells of a wrong clock."""
        return not seen.is_folder and seen.written_ns in self._imported_ns


class _Stamp(NamedTuple):
    written_ns: int
    number: int
    size: int
    is_folder: bool


def _stamp(path: str) -> _Stamp | None:
    try:
        found = os.stat(path)  # noqa: PTH116 - thousands of them, when somebody waits
    except OSError:
        return None
    return _Stamp(found.st_mtime_ns, found.st_ino, found.st_size, stat.S_ISDIR(found.st_mode))


def _has_children() -> bool:
    # macOS has no `os.waitid` before Python 3.13. This takes the exit code from whoever waits, who ends here anyway.
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return False
    return True


def _descriptors() -> list[int]:
    try:
        return [int(name) for name in os.listdir("/dev/fd")]  # noqa: PTH208 - names
    except (OSError, ValueError):
        return []


def _what_is_open(descriptor: int) -> str | None:
    """Say in words what that is, if a second process may not have it open."""
    try:
        mode = os.fstat(descriptor).st_mode
        # Python closes what it opens to other programs. The rest came from the app, as to each sidecar.
        is_own = not os.get_inheritable(descriptor)
    except OSError:
        return None  # it was the listing's
    path = _path(descriptor)
    if path.startswith(_GPU):
        return f"the processor at {path}"
    if not is_own:
        return None
    if stat.S_ISSOCK(mode):
        return "a socket" if _leads_somewhere(descriptor) else None
    return f"{path or 'a file'} to write to it" if stat.S_ISREG(mode) and _writes(descriptor) else None


def _path(descriptor: int) -> str:
    with suppress(OSError):
        return os.readlink(f"/proc/self/fd/{descriptor}")  # noqa: PTH115 - as above
    return ""


def _leads_somewhere(descriptor: int) -> bool:
    """Tell whether a socket is more than one end of a pair, as each event loop has."""
    sock = socket.socket(fileno=descriptor)
    try:
        if sock.family != socket.AF_UNIX:
            return True
        if sock.getsockname():
            return True
        with suppress(OSError):
            return bool(sock.getpeername())
        return False
    except OSError:
        return False
    finally:
        sock.detach()


def _writes(descriptor: int) -> bool:
    import fcntl  # noqa: PLC0415 - Windows has none, and no spare

    return fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE != os.O_RDONLY
