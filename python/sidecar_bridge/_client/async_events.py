"""A subscription to one event, for asyncio."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Generic, TypeVar

from sidecar_bridge._client import wire
from sidecar_bridge._client.errors import BridgeError
from sidecar_bridge._client.failure import closed, no_answer, stream_ended
from sidecar_bridge._client.stream import EventBuffer
from sidecar_bridge._native import ProtocolError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from sidecar_bridge._client.async_link import AsyncLink, AsyncStream

_T = TypeVar("_T")


class AsyncEvents(Generic[_T]):
    """The payloads of one event, oldest first; iterating waits for the next one. Made by `AsyncHost.listen`.

    One task reads at a time; `close` may be called from another. Cancelling a wait loses no event.
    """

    def __init__(self, link: AsyncLink, name: str, window: str | None, decode: Callable[[str], _T]) -> None:
        """Made by `AsyncHost.listen`."""
        self._link = link
        self._name = name
        self._window = window
        self._buffer = EventBuffer(link.max_body_bytes, decode)
        self._stream: AsyncStream | None = None
        self._is_new = False
        """Whether the stream has given nothing yet. A stream that ends so early is not resumed."""
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
            DeadlineExceededError: No event came in time. A later call gives the next event all the same.
            EventsLostError: This reader was too slow and missed events; the next call gives the event behind the gap.
            TransportError: The host is gone.
            BridgeError: The subscription is closed.
        """
        deadline = self._link.deadline(timeout_s)
        self._check()
        while not self._buffer:
            await self._read(deadline)
            self._check()
        return self._buffer.take()

    async def close(self) -> None:
        """End the subscription; a task that waits for an event sees the iteration end."""
        self._closed = True
        stream = self._stream
        if stream is not None:
            await stream.close()

    async def _subscribe(self, deadline: float | None) -> None:
        """Begin, or go on behind the last event that came; after a failure the next call subscribes anew."""
        request = wire.listen(self._name, self._buffer.restart(), self._window)
        try:
            self._stream = stream = await self._link.open(deadline)
            # Closed while this connected, `close` saw no stream.
            self._check()
            reply = await stream.start(request, deadline)
            if reply is not None:
                wire.decode(reply)
            while not self._buffer.subscribed:
                data = await stream.read(deadline)
                if not data:
                    raise stream_ended(self._link.path)
                self._buffer.receive(data)
            self._is_new = not self._buffer
        except BaseException as error:
            await self._hang_up()
            if isinstance(error, OSError | ProtocolError):
                raise self._failure(error) from error
            raise

    async def _read(self, deadline: float | None) -> None:
        if self._stream is None:
            await self._subscribe(deadline)
            return
        try:
            data = await self._stream.read(deadline)
            self._buffer.receive(data)
        except (TimeoutError, ProtocolError) as error:
            raise self._failure(error) from error
        except OSError:
            data = b""
        if data:
            self._is_new = False
            return
        self._check()
        if self._is_new:
            raise stream_ended(self._link.path)
        await self._hang_up()
        await self._subscribe(deadline)

    async def _hang_up(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            await stream.close()

    def _failure(self, error: Exception) -> BridgeError:
        return closed(self) if self._closed else no_answer(self._link.path, error)

    def _check(self) -> None:
        if self._closed:
            raise closed(self)


@asynccontextmanager
async def listen(
    link: AsyncLink, name: str, window: str | None, timeout_s: float | None, decode: Callable[[str], _T]
) -> AsyncIterator[AsyncEvents[_T]]:
    """Subscribe for as long as the block runs; `timeout_s` limits the entering, in seconds."""
    link.check()
    deadline = link.deadline(timeout_s)
    events = AsyncEvents(link, name, window, decode)
    try:
        await events._subscribe(deadline)
        yield events
    finally:
        await events.close()
