# Generated from `_client/async_events.py` by `python/tools/blocking.py`: do not edit.

"""A subscription to one event, for blocking code."""

from __future__ import annotations

from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Generic, TypeVar

from sidecar_bridge._client import wire
from sidecar_bridge._client.errors import BridgeError, EventsLostError
from sidecar_bridge._client.failure import closed, no_answer, stream_ended
from sidecar_bridge._client.stream import EventBuffer
from sidecar_bridge._native import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sidecar_bridge._client.link import Link, Stream

_T = TypeVar("_T")

_EARLY_S = 1.0
"""A stream that ends sooner, and gave nothing, ends early: the host may do that to the next one, too."""

_MOST_EARLY_ENDS = 3
"""After so many early ends, one behind the other, a subscription is not made anew at the next one."""


class Events(Generic[_T]):
    """The payloads of one event, oldest first; iterating waits for the next one. Made by `Host.listen`.

    One thread reads at a time; `close` may be called from another.
    """

    def __init__(
        self,
        link: Link,
        name: str,
        window: str | None,
        decode: Callable[[str], _T],
        on_lost: Callable[[int | None], object] | None,
    ) -> None:
        """Made by `Host.listen`."""
        self._link = link
        self._name = name
        self._window = window
        self._on_lost = on_lost
        self._buffer = EventBuffer(link.max_body_bytes, decode)
        self._stream: Stream | None = None
        self._since = monotonic()
        """When the stream gave something last, or began."""
        self._early_ends = 0
        self._closed = False

    def __iter__(self) -> Iterator[_T]:
        return self

    def __next__(self) -> _T:
        try:
            return self.receive()
        except BridgeError:
            if self._closed:
                raise StopIteration from None
            raise

    def receive(self, timeout_s: float | None = None) -> _T:
        """Wait for the next payload, for at most `timeout_s` seconds.

        Raises:
            DeadlineExceededError: No event came in time. A later call gives the next event all the same.
            EventsLostError: This reader was too slow and missed events; the next call gives the event behind the gap.
                Not with `on_lost`, which hears of the events instead.
            TransportError: The host is gone.
            BridgeError: The subscription is closed.
        """
        deadline = self._link.deadline(timeout_s)
        self._check()
        while True:
            while not self._buffer:
                self._read(deadline)
                self._check()
            try:
                return self._buffer.take()
            except EventsLostError as error:
                if self._on_lost is None:
                    raise
                self._on_lost(error.lost)

    def close(self) -> None:
        """End the subscription; a thread that waits for an event sees the iteration end."""
        self._end()
        stream = self._stream
        if stream is not None:
            stream.close()

    def _end(self) -> None:
        """Close without waiting, for the link."""
        self._closed = True
        stream = self._stream
        if stream is not None:
            stream.abort()

    def _subscribe(self, deadline: float | None) -> None:
        """Begin, or go on behind the last event that came; after a failure the next call subscribes anew."""
        request = wire.listen(self._name, self._buffer.restart(), self._window)
        try:
            self._stream = stream = self._link.open(deadline)
            # Closed while this connected, `close` saw no stream.
            self._check()
            reply = stream.start(request, deadline)
            if reply is not None:
                wire.decode(reply)
            while not self._buffer.subscribed:
                data = stream.read(deadline)
                if not data:
                    raise stream_ended(self._link.path)
                self._buffer.receive(data)
            self._since = monotonic()
        except BaseException as error:
            self._hang_up()
            if isinstance(error, OSError | ProtocolError):
                raise self._failure(error) from error
            raise

    def _read(self, deadline: float | None) -> None:
        if self._stream is None:
            self._subscribe(deadline)
            return
        try:
            data = self._stream.read(deadline)
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
        self._hang_up()
        if self._early_ends == _MOST_EARLY_ENDS:
            self._early_ends = 0
            raise stream_ended(self._link.path)
        self._early_ends += 1
        self._subscribe(deadline)

    def _hang_up(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close()

    def _failure(self, error: Exception) -> BridgeError:
        return closed(self) if self._closed else no_answer(self._link.path, error)

    def _check(self) -> None:
        if self._closed:
            raise closed(self)


@contextmanager
def listen(
    link: Link,
    name: str,
    window: str | None,
    timeout_s: float | None,
    decode: Callable[[str], _T],
    *,
    on_lost: Callable[[int | None], object] | None,
) -> Iterator[Events[_T]]:
    """Subscribe for as long as the block runs; `timeout_s` limits the entering, in seconds."""
    deadline = link.deadline(timeout_s)
    events = Events(link, name, window, decode, on_lost)
    link.begin_listening(events._end)
    try:
        events._subscribe(deadline)
        yield events
    finally:
        link.finish_listening(events._end)
        events.close()
