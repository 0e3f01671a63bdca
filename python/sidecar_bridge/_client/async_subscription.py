"""What waits for the host to send something, for asyncio: the reader of events and of messages."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Generic, TypeVar

from sidecar_bridge._client.async_collected import may_end
from sidecar_bridge._client.errors import BridgeError, EventsLostError
from sidecar_bridge._client.failure import closed, no_answer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from sidecar_bridge._client.async_link import AsyncLink, AsyncStream
    from sidecar_bridge._client.stream import Buffer

_T = TypeVar("_T")


class AsyncSubscription(ABC, Generic[_T]):
    """What the host sends, oldest first; iterating waits for the next one.

    One task reads at a time; `close` may be called from another. Cancelling a wait loses nothing.
    """

    def __init__(self, link: AsyncLink, buffer: Buffer[_T], on_lost: Callable[[int | None], object] | None) -> None:
        """Begin without a stream, to read what comes into `buffer`.

        `TypeError` for an `on_lost` that has to be awaited, which nobody does.
        """
        if on_lost is not None:
            from sidecar_bridge._client.backlog import check_plain  # noqa: PLC0415 - few readers have it

            check_plain(on_lost, "on_lost")
        self._link = link
        self._buffer = buffer
        self._on_lost = on_lost
        self._stream: AsyncStream | None = None
        self._closed = False
        self._process = os.getpid()

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
        """Wait for the next one, for at most `timeout_s` seconds.

        Raises:
            DeadlineExceededError: None came in time. A later call gives the next one all the same.
            EventsLostError: This reader was too slow and missed some; the next call gives the one behind the gap.
                Not with `on_lost`, which hears of them instead.
            TransportError: The host is gone.
            BridgeError: It is closed.
        """
        # What waits already is taken by few calls: half a million may come in a second.
        deadline = None if timeout_s is None else self._link.deadline(timeout_s)
        if self._closed:
            raise closed(self)
        while True:
            while not self._buffer:
                self._check()
                await self._read(deadline)
                self._check()
            try:
                return self._buffer.take()
            except EventsLostError as error:
                if self._on_lost is None:
                    raise
                self._on_lost(error.lost)

    async def close(self) -> None:
        """End it; a task that waits sees the iteration end. A forked child ends nothing of its parent's.

        Raises:
            BridgeError: It belongs to another event loop, in which it is to be closed.
        """
        is_ours = may_end(self, self._link, self._process)
        self._end()
        stream = self._stream
        if stream is not None and is_ours:
            await stream.close()

    @abstractmethod
    async def _read(self, deadline: float | None) -> None:
        """Wait for more."""

    def _end(self) -> None:
        """Close without waiting, for the link."""
        self._closed = True
        stream = self._stream
        if stream is not None:
            stream.abort()

    async def _hang_up(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            await stream.close()

    def _failure(self, error: Exception) -> BridgeError:
        return closed(self) if self._closed else no_answer(self._link.path, error)

    def _check(self) -> None:
        if self._closed:
            raise closed(self)
        if self._process != os.getpid():
            # Each byte that is read here would be missing there.
            raise BridgeError(f"{self!r} belongs to the process that this one is a fork of; open another one here")
