"""A connection to the host endpoint for asyncio: sends and receives on the loop's thread, and waits by `add_reader`."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import TYPE_CHECKING, Any

from sidecar_bridge._native import FULL_AT_MOST_S, Connection

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from sidecar_bridge._native import Reply, Request

_FIRST_PAUSE_S = 0.001
_LONGEST_PAUSE_S = 0.05


class AsyncConnection:
    """One connection, one request at a time; a cancelled wait leaves the connection as it was.

    The methods raise what the native `Connection` raises: `OSError`, `ProtocolError`, `NotSentError`.
    """

    def __init__(self, connection: Connection) -> None:
        """Made by `open`."""
        self._loop = asyncio.get_running_loop()
        self._connection = connection
        self._descriptor = connection.fileno()
        self._waiter: asyncio.Future[Any] | None = None
        self._is_watched = False
        self._is_open = True
        self._deadline: float | None = None
        """The deadline of the exchange that is under way."""
        self._is_late = False
        """Whether that deadline has passed."""
        self._timer: asyncio.TimerHandle | None = None
        """Fires at the deadline or earlier: most calls end before the timer of an earlier call has fired."""

    @classmethod
    async def open(cls, path: str) -> Self:
        """Connect to the Unix socket at `path`; `NotImplementedError` if the event loop watches no descriptors.

        Nothing tells when a full backlog has room again: connect(2) of a socket that does not block fails with EAGAIN,
        and on macOS as if nobody listened.
        """
        pause_s = _FIRST_PAUSE_S
        began = monotonic()
        while True:
            try:
                connection = cls(Connection.open_nonblocking(path))
            except (BlockingIOError, ConnectionRefusedError) as error:
                if isinstance(error, ConnectionRefusedError) and monotonic() - began >= FULL_AT_MOST_S:
                    raise
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
                continue
            try:
                # The loop watches until the connection is closed: to begin and end is a third of a call's work.
                connection._watch(connection._on_readable)
            except NotImplementedError:
                connection.abort()
                raise
            return connection

    async def exchange(
        self, request: Request, token: str, max_body_bytes: int, timeout_s: float | None, deadline: float | None
    ) -> Reply:
        """Send a request and give the whole reply; `TimeoutError` at the loop's time `deadline`."""
        if deadline is not None and deadline <= self._loop.time():
            raise TimeoutError
        connection = self._connection
        connection.begin(max_body_bytes)
        self._is_late = False
        self._deadline = deadline
        if deadline is not None and (self._timer is None or deadline < self._timer.when()):
            self._set_timer(deadline)
        try:
            head = request.head(token, timeout_s)
            if not connection.try_send(head, request):
                await self._send(head, request)
                self._watch(self._on_readable)
            reply: Reply = await self._wait()
            return reply
        finally:
            self._deadline = None

    async def start(
        self, request: Request, token: str, max_body_bytes: int, timeout_s: float | None
    ) -> tuple[int, str]:
        """Send a request and give the response's status and media type in lower case (empty: none)."""
        # What watches between calls takes bytes that no call waits for as a fault, and here those are of the stream.
        self._unwatch()
        self._connection.begin(max_body_bytes)
        head = request.head(token, timeout_s)
        if not self._connection.try_send(head, request):
            await self._send(head, request)
        await self._read_until(self._connection.try_read_head)
        return self._connection.head()

    async def read(self) -> bytes:
        """Give the next bytes, no bytes at the end of the body. The host waits while nobody reads."""
        # A body that comes faster than this reads would never let other tasks have the loop.
        await asyncio.sleep(0)
        await self._read_until(self._connection.try_read)
        return self._connection.take_bytes()

    async def read_all(self) -> bytes:
        """Give the rest of the body."""
        body = b""

        def is_whole() -> bool:
            nonlocal body
            reply = self._connection.try_reply()
            body = body if reply is None else reply.body
            return reply is not None

        await self._read_until(is_whole)
        return body

    def has_begun(self) -> bool:
        """Tell whether anything of a response came."""
        return self._connection.has_begun()

    def is_reusable(self) -> bool:
        """Tell whether the last response came whole, and the host is not known to have closed the connection since."""
        return self._is_open and self._connection.is_reusable()

    def abort(self) -> None:
        """Close the connection at once; a task that waits for bytes gets an error."""
        self._is_open = False
        self._unwatch()
        if self._timer is not None:
            self._timer.cancel()
        self._connection.close()
        self._wake()

    async def closed(self) -> None:
        """Wait until the socket is closed, which `abort` has done already."""

    async def _send(self, head: bytes, request: Request) -> None:
        """Send the rest, which the socket did not take at once. The host may answer before it has read all."""
        self._unwatch()
        self._loop.add_writer(self._descriptor, self._wake)
        try:
            while not self._connection.try_send(head, request):
                await self._wait()
        finally:
            self._loop.remove_writer(self._descriptor)

    async def _read_until(self, reached: Callable[[], bool]) -> None:
        """Watch only while this waits, so that a stream that nobody reads does not fill the memory."""
        while not reached():
            self._watch(self._wake)
            try:
                await self._wait()
            finally:
                self._unwatch()

    async def _wait(self) -> Any:
        if not self._is_open:
            raise ConnectionAbortedError("the connection was closed")
        if self._is_late:
            raise TimeoutError
        self._waiter = self._loop.create_future()
        try:
            return await self._waiter
        finally:
            self._waiter = None

    def _watch(self, on_readable: Callable[[], None]) -> None:
        self._loop.add_reader(self._descriptor, on_readable)
        self._is_watched = True

    def _unwatch(self) -> None:
        if self._is_watched:
            self._loop.remove_reader(self._descriptor)
            self._is_watched = False

    def _on_readable(self) -> None:
        if self._waiter is None:
            # No call waits: the host has closed the connection or sent what nobody asked for, or the loop is late.
            if not self._connection.is_quiet():
                self.abort()
        elif not self._waiter.done():
            try:
                reply = self._connection.try_reply()
            except Exception as error:
                self._waiter.set_exception(error)
            else:
                if reply is not None:
                    self._waiter.set_result(reply)

    def _set_timer(self, deadline: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(deadline, self._expire)

    def _expire(self) -> None:
        self._timer = None
        if self._deadline is None:
            return
        if self._loop.time() < self._deadline:
            self._set_timer(self._deadline)
            return
        self._is_late = True
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(TimeoutError())

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
