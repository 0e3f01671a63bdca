"""A subscription to one event, for asyncio."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Generic, TypeVar

from sidecar_bridge import _wire
from sidecar_bridge._async_connection import AsyncConnection
from sidecar_bridge._errors import BridgeError
from sidecar_bridge._failure import closed, no_answer, stream_ended
from sidecar_bridge._native import ProtocolError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from typing import Self

_T = TypeVar("_T")


class AsyncEvents(Generic[_T]):
    """The payloads of one event, oldest first; iterating waits for the next one. Made by `AsyncHost.listen`.

    One task reads at a time; `close` may be called from another. Cancelling a wait loses no event.
    """

    def __init__(
        self, path: str, connection: AsyncConnection, max_event_bytes: int, decode: Callable[[str], _T]
    ) -> None:
        """Made by `AsyncHost.listen`."""
        self._path = path
        self._connection = connection
        self._buffer = _wire.EventBuffer(max_event_bytes, decode)
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
            TransportError: The host is gone, or this reader was too slow for it and missed events.
            BridgeError: The subscription is closed.
        """
        if self._closed:
            raise closed(self)
        try:
            async with asyncio.timeout(timeout_s):
                while not self._buffer:
                    await self._read()
        except TimeoutError as error:
            raise no_answer(self._path, error) from error
        return self._buffer.take()

    async def close(self) -> None:
        """End the subscription; a task that waits for an event sees the iteration end."""
        self._closed = True
        self._connection.abort()
        await self._connection.closed()

    @classmethod
    async def _subscribe(
        cls, path: str, request: _wire.Request, token: str, max_event_bytes: int, decode: Callable[[str], _T]
    ) -> Self:
        head = request.head(token)
        try:
            connection = await AsyncConnection.open(path)
            events = cls(path, connection, max_event_bytes, decode)
        except OSError as error:
            raise no_answer(path, error) from error
        try:
            started = await connection.start(head, request.body, _wire.STREAM_BUFFER_BYTES)
            if started[1] != _wire.EVENT_STREAM:
                _wire.decode(_wire.Reply(*started, await connection.read_all()))
            while not events._buffer.subscribed:
                await events._read()
        except (OSError, ProtocolError) as error:
            connection.abort()
            raise no_answer(path, error) from error
        except BaseException:
            connection.abort()
            raise
        return events

    async def _read(self) -> None:
        try:
            data = await self._connection.read()
            self._buffer.receive(data)
        except (OSError, ProtocolError) as error:
            raise closed(self) if self._closed else no_answer(self._path, error) from error
        if not data:
            raise closed(self) if self._closed else stream_ended(self._path)
