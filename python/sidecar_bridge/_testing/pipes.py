"""A pipe that a fake host listens on, on Windows; with as much of a socket's methods as the fake host uses."""

from __future__ import annotations

import io
import sys
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

assert sys.platform == "win32"  # noqa: S101 - mypy skips what follows elsewhere

import _winapi  # noqa: E402 - see above

_BUFFER_BYTES = 64 * 1024
_TYPE_BYTE = 0
_REJECT_REMOTE_CLIENTS = 8


class PipeEnd(io.RawIOBase):
    """The server's end of one connection."""

    def __init__(self, handle: int, limit_s: float) -> None:
        """Own a pipe that somebody is connected to, who has to read within `limit_s` what is sent."""
        super().__init__()
        self._handle = handle
        self._limit_ms = int(limit_s * 1000)
        self._under_way: set[_winapi.Overlapped] = set()
        self._has_ended = False
        self._lock = Lock()

    def readable(self) -> bool:
        """Say that it is."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override] # what a reader gives
        """Read what is there, or wait for something; nothing at the end."""
        data = self._do(lambda: _winapi.ReadFile(self._handle, len(buffer), overlapped=True), _winapi.INFINITE)
        buffer[: len(data)] = data
        return len(data)

    def makefile(self, _mode: str, _size: int = -1) -> io.BufferedReader:
        """Give a reader."""
        return io.BufferedReader(self)

    def sendall(self, data: bytes) -> None:
        """Send all of it; `BlockingIOError` if nobody reads it in time."""
        self._do(lambda: _winapi.WriteFile(self._handle, bytes(data), overlapped=True), self._limit_ms)

    def shutdown(self, _how: int) -> None:
        """End what reads and writes, and disconnect who is connected."""
        with self._lock:
            self._has_ended = True
            for overlapped in self._under_way:
                overlapped.cancel()

    def close(self) -> None:
        """Close it."""
        if not self.closed:
            super().close()
            _winapi.CloseHandle(self._handle)

    def _do(self, begin: Callable[[], tuple[_winapi.Overlapped, int]], limit_ms: int) -> bytes:
        with self._lock:
            if self._has_ended:
                raise ConnectionAbortedError("the connection has ended")
            overlapped, _ = begin()
            self._under_way.add(overlapped)
        try:
            if _winapi.WaitForSingleObject(overlapped.event, limit_ms) == _winapi.WAIT_TIMEOUT:
                overlapped.cancel()
                overlapped.GetOverlappedResult(True)
                raise BlockingIOError("nobody reads")
            count, error = overlapped.GetOverlappedResult(True)
        finally:
            with self._lock:
                self._under_way.discard(overlapped)
        if error:
            raise ConnectionAbortedError(error, "the connection has ended")
        return bytes((overlapped.getbuffer() or b"")[:count])


class PipeListener:
    """The server of a pipe that no other process serves."""

    def __init__(self, name: str, limit_s: float) -> None:
        """Make the first instance, so that the name is there from here on."""
        self._name = name
        self._limit_s = limit_s
        self._next: int | None = self._instance(_winapi.FILE_FLAG_FIRST_PIPE_INSTANCE)
        self._connecting: _winapi.Overlapped | None = None
        self._has_ended = False

    def accept(self) -> tuple[PipeEnd, str]:
        """Wait for the next connection; `OSError` once it is shut down."""
        handle = self._next
        if handle is None:
            raise ConnectionAbortedError("the listener is closed")
        self._connecting = overlapped = _winapi.ConnectNamedPipe(handle, overlapped=True)
        if self._has_ended:
            overlapped.cancel()
        _, error = overlapped.GetOverlappedResult(True)
        if error:
            raise ConnectionAbortedError(error, "the listener has ended")
        self._next = self._instance(0)
        return PipeEnd(handle, self._limit_s), self._name

    def shutdown(self, _how: int) -> None:
        """Accept nobody more."""
        self._has_ended = True
        if self._connecting is not None:
            self._connecting.cancel()

    def close(self) -> None:
        """Let the name go; a second time does nothing."""
        if self._next is not None:
            _winapi.CloseHandle(self._next)
        self._next = None

    def _instance(self, flags: int) -> int:
        return _winapi.CreateNamedPipe(
            self._name,
            _winapi.PIPE_ACCESS_DUPLEX | _winapi.FILE_FLAG_OVERLAPPED | flags,
            _TYPE_BYTE | _winapi.PIPE_WAIT | _REJECT_REMOTE_CLIENTS,
            _winapi.PIPE_UNLIMITED_INSTANCES,
            _BUFFER_BYTES,
            _BUFFER_BYTES,
            0,
            _winapi.NULL,
        )
