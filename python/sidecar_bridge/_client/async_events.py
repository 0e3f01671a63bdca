"""A subscription to one event, for asyncio."""

from __future__ import annotations

from contextlib import asynccontextmanager
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from sidecar_bridge._client import wire
from sidecar_bridge._client.async_subscription import AsyncSubscription
from sidecar_bridge._client.errors import BridgeError
from sidecar_bridge._client.failure import stream_ended
from sidecar_bridge._client.stream import EventBuffer
from sidecar_bridge._native import ProtocolError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from sidecar_bridge._client.async_link import AsyncLink

_T = TypeVar("_T")

_EARLY_S = 1.0
"""A stream that ends sooner, and gave nothing, ends early: the host may do that to the next one, too."""

_MOST_EARLY_ENDS = 3
"""After so many early ends, one behind the other, a subscription is not made anew at the next one."""


class AsyncEvents(AsyncSubscription[_T]):
    """The payloads of one event, oldest first; iterating waits for the next one. Made by `AsyncHost.listen`.

    One task reads at a time; `close` may be called from another. Cancelling a wait loses no event.
    """

    _buffer: EventBuffer[_T]

    def __init__(
        self,
        link: AsyncLink,
        name: str,
        window: str | None,
        decode: Callable[[str], _T],
        on_lost: Callable[[int | None], object] | None,
    ) -> None:
        """Made by `AsyncHost.listen`."""
        super().__init__(link, EventBuffer(link.max_body_bytes, decode), on_lost)
        self._name = name
        self._window = window
        self._since = monotonic()
        """When the stream gave something last, or began."""
        self._early_ends = 0

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
            self._since = monotonic()
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
        except BridgeError:
            # The page has left for which this was read.
            self._end()
            raise
        except OSError:
            data = b""
        if data:
            self._early_ends = 0
            self._since = monotonic()
            return
        self._check()
        if monotonic() - self._since >= _EARLY_S:
            self._early_ends = 0
        await self._hang_up()
        if self._early_ends == _MOST_EARLY_ENDS:
            self._early_ends = 0
            raise stream_ended(self._link.path)
        self._early_ends += 1
        await self._subscribe(deadline)


@asynccontextmanager
async def listen(
    link: AsyncLink,
    name: str,
    window: str | None,
    timeout_s: float | None,
    decode: Callable[[str], _T],
    *,
    on_lost: Callable[[int | None], object] | None,
) -> AsyncIterator[AsyncEvents[_T]]:
    """Subscribe for as long as the block runs; `timeout_s` limits the entering, in seconds."""
    deadline = link.deadline(timeout_s)
    events = AsyncEvents(link, name, window, decode, on_lost)
    link.begin_listening(events._end)
    try:
        await events._subscribe(deadline)
        yield events
    finally:
        link.finish_listening(events._end)
        await events.close()
