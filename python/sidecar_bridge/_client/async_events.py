"""A subscription to one event, for asyncio."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Generic, TypeVar

from sidecar_bridge._client import wire
from sidecar_bridge._client.errors import BridgeError
from sidecar_bridge._client.failure import closed, no_answer, stream_ended
from sidecar_bridge._client.stream import EventBuffer
from sidecar_bridge._native import ProtocolError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from sidecar_bridge._client.async_host import AnyConnection, AsyncHost

_T = TypeVar("_T")


class AsyncEvents(Generic[_T]):
    """The payloads of one event, oldest first; iterating waits for the next one. Made by `AsyncHost.listen`.

    One task reads at a time; `close` may be called from another. Cancelling a wait loses no event.
    """

    def __init__(self, host: AsyncHost, name: str, decode: Callable[[str], _T]) -> None:
        """Made by `AsyncHost.listen`."""
        self._host = host
        self._name = name
        self._buffer = EventBuffer(host._max_body_bytes, decode)
        self._connection: AnyConnection | None = None
        self._is_new = False
        """Whether the stream was resumed and has given nothing since; if it breaks, that is no accident."""
        self._closed = False

    def __aiter__(self) -> AsyncIterator[_T]:
        return self

    async def __anext__(self) -> _T:
        try:
            return await self.receive()
        except BridgeError:
            if self._closed:
                raise StopAsyncIteration from None
            raise

    async def receive(self, timeout_s: float | None = None) -> _T:
        """Wait for the next payload, for at most `timeout_s` seconds.

        Raises:
            DeadlineExceededError: None came in time; a later call still gives it.
            EventsLostError: This reader was too slow and missed events; the next call gives what came after them.
            TransportError: The host is gone.
            BridgeError: The subscription is closed.
        """
        self._check()
        if not self._buffer:
            try:
                async with asyncio.timeout(timeout_s):
                    while not self._buffer:
                        await self._read()
            except TimeoutError as error:
                raise no_answer(self._host._path, error) from error
        return self._buffer.take()

    async def close(self) -> None:
        """End the subscription; a task that waits for an event sees the iteration end."""
        self._closed = True
        if self._connection is not None:
            self._connection.abort()
            await self._connection.closed()

    async def _subscribe(self) -> None:
        """Begin, or go on behind the last event that came."""
        request = wire.listen(self._name, self._buffer.restart())
        self._is_new = True
        try:
            self._connection = connection = await self._host._open()
            started = await connection.start(request, self._host._token, wire.STREAM_BUFFER_BYTES, None)
            if started[1] != wire.EVENT_STREAM:
                wire.decode(wire.Reply(*started, await connection.read_all()))
            while not self._buffer.subscribed:
                data = await connection.read()
                if not data:
                    raise stream_ended(self._host._path)
                self._buffer.receive(data)
        except (OSError, ProtocolError) as error:
            raise self._failure(error) from error

    async def _read(self) -> None:
        if self._connection is None:
            await self._subscribe()
            return
        try:
            data = await self._connection.read()
            self._buffer.receive(data)
        except ProtocolError as error:
            raise self._failure(error) from error
        except OSError:
            data = b""
        if data:
            self._is_new = False
            return
        self._check()
        if self._is_new:
            raise stream_ended(self._host._path)
        # Cancelled while it subscribes anew, it does so at the next call.
        broken, self._connection = self._connection, None
        broken.abort()
        await self._subscribe()

    def _failure(self, error: Exception) -> BridgeError:
        return closed(self) if self._closed else no_answer(self._host._path, error)

    def _check(self) -> None:
        if self._closed:
            raise closed(self)


@asynccontextmanager
async def listen(
    host: AsyncHost, name: str, timeout_s: float | None, decode: Callable[[str], _T]
) -> AsyncIterator[AsyncEvents[_T]]:
    """Subscribe for as long as the block runs; `timeout_s` is for entering it."""
    host._check()
    events = AsyncEvents(host, name, decode)
    try:
        try:
            async with asyncio.timeout(timeout_s):
                await events._subscribe()
        except TimeoutError as error:
            raise no_answer(host._path, error) from error
        yield events
    finally:
        await events.close()
