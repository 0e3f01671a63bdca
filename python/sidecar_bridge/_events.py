"""A subscription to one event, for blocking code."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Generic, TypeVar

from sidecar_bridge import _wire
from sidecar_bridge._errors import BridgeError
from sidecar_bridge._failure import closed, no_answer, seconds_left, stream_ended
from sidecar_bridge._native import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sidecar_bridge._native import Connection

_T = TypeVar("_T")


class Events(Generic[_T]):
    """The payloads of one event, oldest first; iterating waits for the next one. Made by `Host.listen`.

    One thread reads at a time; `close` may be called from another.
    """

    def __init__(self, path: str, connection: Connection, max_event_bytes: int, decode: Callable[[str], _T]) -> None:
        """Made by `Host.listen`."""
        self._path = path
        self._connection = connection
        self._buffer = _wire.EventBuffer(max_event_bytes, decode)
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
            DeadlineExceededError: None came in time; a later call still gives it.
            TransportError: The host is gone, or this reader was too slow for it and missed events.
            BridgeError: The subscription is closed.
        """
        if self._closed:
            raise closed(self)
        deadline = None if timeout_s is None else monotonic() + timeout_s
        while not self._buffer:
            self._read(deadline)
        return self._buffer.take()

    def close(self) -> None:
        """End the subscription; a thread that waits for an event sees the iteration end."""
        self._closed = True
        self._connection.close()

    def _subscribe(self, request: _wire.Request, token: str, timeout_s: float | None) -> None:
        deadline = None if timeout_s is None else monotonic() + timeout_s
        try:
            started = self._connection.start(request.head(token), request.body, _wire.STREAM_BUFFER_BYTES, timeout_s)
            if started[1] != _wire.EVENT_STREAM:
                _wire.decode(_wire.Reply(*started, self._connection.read_all(seconds_left(deadline))))
        except (OSError, ProtocolError) as error:
            raise no_answer(self._path, error) from error
        while not self._buffer.subscribed:
            self._read(deadline)

    def _read(self, deadline: float | None) -> None:
        try:
            data = self._connection.read(seconds_left(deadline))
            self._buffer.receive(data)
        except (OSError, ProtocolError) as error:
            raise closed(self) if self._closed else no_answer(self._path, error) from error
        if not data:
            raise closed(self) if self._closed else stream_ended(self._path)
