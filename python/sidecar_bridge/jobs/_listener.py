"""The socket that workers of this machine dial. What they say is JSON, and never unpickled."""

from __future__ import annotations

import json
import logging
import os
import secrets
import shutil
import socket as plain
import sys
import tempfile
import threading
from contextlib import suppress
from multiprocessing import AuthenticationError
from multiprocessing.connection import Listener as Socket
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

    from sidecar_bridge.jobs._ways import Message


_logger = logging.getLogger("sidecar_bridge.jobs")

RETRY_S = 0.2
"""How long to wait before the next worker is let in, where one could not be."""
PREFIX = "sidecar-jobs-"
LONGEST_PATH_BYTES = 103
"""How long the path of a socket may be, on macOS; it is 107 on Linux."""


def _short_folder() -> str | None:
    """Give a folder for a socket; `None` for that of temporary files, unless that is too deep."""
    longest = LONGEST_PATH_BYTES - len(f"/{PREFIX}12345678/s")
    return None if len(os.fsencode(tempfile.gettempdir())) <= longest else "/tmp"  # noqa: S108 - `mkdtemp` is safe there


def _remove_left() -> None:
    """Remove the folders of sidecars that were killed: nobody listens there any more."""
    for folder in Path(_short_folder() or tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError), plain.socket(plain.AF_UNIX) as knock:
            # One that is alive may be busy, and is not waited for.
            knock.setblocking(False)
            try:
                if folder.lstat().st_uid == os.getuid():
                    knock.connect(str(folder / "s"))
            except ConnectionRefusedError:
                shutil.rmtree(folder, ignore_errors=True)


class _Process:
    """A worker process that has dialled."""

    def __init__(self, connection: Connection[Any, Any]) -> None:
        self.connection = connection
        self._sending = threading.Lock()

    def send(self, token: str) -> None:
        with self._sending, suppress(OSError):
            self.connection.send_bytes(token.encode())


class Listener:
    """A private socket, made when it is first needed, and a thread for each worker process."""

    def __init__(self, deliver: Callable[[str, Message], None], lost: Callable[[str], None]) -> None:
        """Deliver messages by their attempts, and tell of attempts whose process has ended."""
        self._deliver, self._lost = deliver, lost
        self._lock = threading.Lock()
        self._socket: Socket | None = None
        self._folder: str | None = None
        self._key = secrets.token_bytes(32)
        self._of: dict[str, _Process] = {}
        self._cancelled: set[str] = set()

    @property
    def dialled_at(self) -> tuple[str, bytes]:
        """The address, and the key that a worker has to know."""
        with self._lock:
            if self._socket is None:
                if sys.platform == "win32":
                    self._socket = Socket(None, "AF_PIPE", authkey=self._key)
                else:
                    _remove_left()
                    # Of mode 0700.
                    self._folder = tempfile.mkdtemp(prefix=PREFIX, dir=_short_folder())
                    self._socket = Socket(str(Path(self._folder) / "s"), "AF_UNIX", backlog=64, authkey=self._key)
                threading.Thread(
                    target=self._accept, args=(self._socket,), name="sidecar-bridge-jobs", daemon=True
                ).start()
            return str(self._socket.address), self._key

    def cancel(self, token: str) -> None:
        """Tell an attempt to stop, as soon as its worker has dialled."""
        with self._lock:
            process = self._of.get(token)
            if process is None:
                self._cancelled.add(token)
        if process is not None:
            process.send(token)

    def close(self) -> None:
        """Close the socket; processes that are connected end by themselves."""
        with self._lock:
            if self._socket is not None:
                socket, self._socket = self._socket, None
                if sys.platform != "win32":
                    # A thread that accepts does not see that its socket is closed.
                    with suppress(OSError), plain.socket(plain.AF_UNIX) as knock:
                        knock.connect(str(socket.address))
                socket.close()
            if self._folder is not None:
                shutil.rmtree(self._folder, ignore_errors=True)

    def _accept(self, socket: Socket) -> None:
        while True:
            try:
                connection = socket.accept()
            except (AuthenticationError, EOFError, ConnectionError):
                # A process that does not know the key, or that died meanwhile.
                if self._socket is not socket:
                    return
                continue
            except OSError as error:
                if self._socket is not socket:
                    return
                # Such as too many open files. Whoever dials meanwhile waits, and comes next.
                _logger.warning("no worker of jobs can dial at present: %s", error)
                sleep(RETRY_S)
                continue
            threading.Thread(
                target=self._read, args=(_Process(connection),), name="sidecar-bridge-job-worker", daemon=True
            ).start()

    def _read(self, process: _Process) -> None:
        with suppress(EOFError, OSError), process.connection:
            while True:
                self._take(process, json.loads(process.connection.recv_bytes()))
        with self._lock:
            tokens = [token for token, other in self._of.items() if other is process]
            for token in tokens:
                del self._of[token]
        for token in tokens:
            self._lost(token)

    def _take(self, process: _Process, message: Message) -> None:
        token = message.pop("token")
        if message["kind"] == "started":
            with self._lock:
                self._of[token] = process
                is_cancelled = token in self._cancelled
                self._cancelled.discard(token)
            if is_cancelled:
                process.send(token)
        self._deliver(token, message)

    def let_go(self, token: str) -> None:
        """Forget an attempt that has ended."""
        with self._lock:
            self._of.pop(token, None)
            self._cancelled.discard(token)
