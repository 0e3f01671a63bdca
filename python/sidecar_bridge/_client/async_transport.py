"""The same as `async_connection`, for event loops that watch no descriptors, and for the pipes of Windows."""

from __future__ import annotations

import asyncio
import socket
import sys
from typing import TYPE_CHECKING, cast

from sidecar_bridge._native import NotSentError, ProtocolError, Reply, ResponseDecoder

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from sidecar_bridge._native import Request

_JOINED_BYTES = 64 * 1024
"""A smaller body is copied behind the head: a copy is cheaper than a second system call. In bytes."""

_PAUSE_BYTES = 1024 * 1024
"""How many bytes of a stream may wait for the reader; beyond that the host waits."""


class TransportConnection(asyncio.Protocol):
    """One connection, one request at a time; a cancelled wait leaves the connection as it was.

    The methods raise what the native `Connection` raises: `OSError`, `ProtocolError`, `NotSentError`.
    """

    _transport: asyncio.Transport

    def __init__(self, stream: socket.socket | None = None) -> None:
        """Made by `open`, over a socket or a pipe."""
        self._stream = stream
        self._decoder = ResponseDecoder(0)
        self._is_stream = True
        self._failure: Exception | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._lost = asyncio.get_running_loop().create_future()

    @classmethod
    async def open(cls, path: str, host_pid: int | None = None) -> Self:
        """Connect to the Unix socket at `path`, or to the pipe of that name and that process."""
        if sys.platform == "win32":
            from sidecar_bridge._client.pipes import open_pipe  # noqa: PLC0415 - only there

            return await open_pipe(cls, path, host_pid)
        loop = asyncio.get_running_loop()
        stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            stream.setblocking(False)
            await loop.sock_connect(stream, path)
            _, connection = await loop.create_unix_connection(lambda: cls(stream), sock=stream)
        except BaseException:
            stream.close()
            raise
        return connection

    async def start(
        self, request: Request, token: str, max_body_bytes: int, timeout_s: float | None
    ) -> tuple[int, str]:
        """Send a request and give the response's status and media type in lower case (empty: none)."""
        await self._send(request.head(token, timeout_s), request.body, max_body_bytes)
        return self._decoder.head() or (0, "")

    async def exchange(
        self, request: Request, token: str, max_body_bytes: int, timeout_s: float | None, deadline: float | None
    ) -> Reply:
        """Send a request and give the whole reply; `TimeoutError` at the loop's time `deadline`."""
        async with asyncio.timeout_at(deadline):
            await self._send(request.head(token, timeout_s), request.body, max_body_bytes)
            return Reply(*(self._decoder.head() or (0, "")), await self.read_all(), self._decoder.undo())

    async def _send(self, head: bytes, body: bytes | memoryview, max_body_bytes: int) -> None:
        self._decoder = ResponseDecoder(max_body_bytes)
        self._is_stream = True
        if len(body) < _JOINED_BYTES:
            self._transport.write(head + body)
        else:
            self._transport.write(head)
        if self._transport.is_closing():
            raise NotSentError("the host had closed the connection")
        if len(body) >= _JOINED_BYTES:
            self._transport.write(body)
        await self._until(lambda: self._decoder.head() is not None)

    async def read(self) -> bytes:
        """Give the next bytes, no bytes at the end of the body."""
        await self._until(lambda: self._decoder.waiting_bytes() > 0 or self._decoder.is_complete())
        self._transport.resume_reading()
        return self._decoder.take_body()

    async def read_all(self) -> bytes:
        """Give the rest of the body."""
        self._is_stream = False
        self._transport.resume_reading()
        await self._until(self._decoder.is_complete)
        return self._decoder.take_body()

    def has_begun(self) -> bool:
        """Tell whether anything of a response came."""
        return self._decoder.head() is not None

    def is_reusable(self) -> bool:
        """Tell whether the last response came whole, and the host has not closed the connection since."""
        if self._transport.is_closing() or not self._decoder.is_reusable():
            return False
        # The loop may not have seen the end yet.
        if sys.platform == "win32":
            from sidecar_bridge._client.pipes import is_quiet  # noqa: PLC0415 - only there

            return is_quiet(self._transport)
        assert self._stream is not None  # noqa: S101 - pipes are Windows's
        try:
            # Nothing to read is the only good news.
            self._stream.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return True
        except OSError:
            pass
        return False

    def abort(self) -> None:
        """Close the connection at once; a task that waits for bytes gets an error."""
        self._transport.abort()

    async def closed(self) -> None:
        """Wait until the socket is closed."""
        await asyncio.shield(self._lost)

    async def _until(self, reached: Callable[[], bool]) -> None:
        while not reached():
            if self._failure is not None:
                raise self._failure
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Called by asyncio, by some loops with a `bytearray`."""
        try:
            self._decoder.receive(bytes(data))
        except ProtocolError as error:
            self._failure = error
            # What came before is not to be trusted either.
            self._decoder = ResponseDecoder(0)
            self._transport.abort()
        if self._is_stream and self._decoder.waiting_bytes() > _PAUSE_BYTES:
            self._transport.pause_reading()
        self._wake()

    def eof_received(self) -> None:
        """Called by asyncio, which closes the transport then."""
        try:
            self._decoder.end_of_input()
        except (OSError, ProtocolError) as error:
            self._failure = error
        self._wake()

    def connection_lost(self, error: Exception | None) -> None:
        """Called by asyncio."""
        if sys.platform == "linux" and isinstance(error, ConnectionResetError) and not self.has_begun():
            # It says only that the host has not read all, see `was_unread` in src/connection/unix.rs.
            error = NotSentError(str(error))
        self._failure = self._failure or error or ConnectionAbortedError("the connection was closed")
        self._lost.set_result(None)
        self._wake()
