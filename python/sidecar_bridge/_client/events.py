"""A subscription to one event, for blocking code."""

from __future__ import annotations

from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Generic, TypeVar

from sidecar_bridge._client import wire
from sidecar_bridge._client.errors import BridgeError
from sidecar_bridge._client.failure import closed, no_answer, seconds_left, stream_ended
from sidecar_bridge._client.stream import EventBuffer
from sidecar_bridge._native import Connection, ProtocolError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sidecar_bridge._client.host import Host

_T = TypeVar("_T")


class Events(Generic[_T]):
    """The payloads of one event, oldest first; iterating waits for the next one. Made by `Host.listen`.

    One thread reads at a time; `close` may be called from another.
    """

    def __init__(self, host: Host, name: str, decode: Callable[[str], _T]) -> None:
        """Made by `Host.listen`."""
        self._host = host
        self._name = name
        self._buffer = EventBuffer(host._max_body_bytes, decode)
        self._connection: Connection | None = None
        self._is_new = False
        """Whether the stream was resumed and has given nothing since; if it breaks, that is no accident."""
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
            EventsLostError: This reader was too slow and missed events; the next call gives what came after them.
            TransportError: The host is gone.
            BridgeError: The subscription is closed.
        """
        deadline = None if timeout_s is None else monotonic() + timeout_s
        while not self._buffer:
            self._check()
            self._read(deadline)
        self._check()
        return self._buffer.take()

    def close(self) -> None:
        """End the subscription; a thread that waits for an event sees the iteration end."""
        self._closed = True
        if self._connection is not None:
            self._connection.close()

    def _subscribe(self, deadline: float | None) -> None:
        """Begin, or go on behind the last event that came."""
        request = wire.listen(self._name, self._buffer.restart())
        self._is_new = True
        path = self._host._path
        try:
            self._connection = Connection.open(path, seconds_left(deadline))
            started = self._connection.start(
                request, self._host._token, wire.STREAM_BUFFER_BYTES, seconds_left(deadline)
            )
            if started[1] != wire.EVENT_STREAM:
                wire.decode(wire.Reply(*started, self._connection.read_all(seconds_left(deadline))))
            while not self._buffer.subscribed:
                data = self._connection.read(seconds_left(deadline))
                if not data:
                    raise stream_ended(path)
                self._buffer.receive(data)
        except (OSError, ProtocolError) as error:
            raise no_answer(path, error) from error

    def _read(self, deadline: float | None) -> None:
        if self._connection is None:
            self._subscribe(deadline)
            return
        try:
            data = self._connection.read(seconds_left(deadline))
            self._buffer.receive(data)
        except (TimeoutError, ProtocolError) as error:
            raise no_answer(self._host._path, error) from error
        except OSError:
            data = b""
        if data:
            self._is_new = False
            return
        self._check()
        if self._is_new:
            raise stream_ended(self._host._path)
        # Out of time while it subscribes anew, it does so at the next call.
        broken, self._connection = self._connection, None
        broken.close()
        self._subscribe(deadline)

    def _check(self) -> None:
        if self._closed:
            raise closed(self)


@contextmanager
def listen(host: Host, name: str, timeout_s: float | None, decode: Callable[[str], _T]) -> Iterator[Events[_T]]:
    """Subscribe for as long as the block runs; `timeout_s` is for entering it."""
    host._check()
    events = Events(host, name, decode)
    try:
        events._subscribe(None if timeout_s is None else monotonic() + timeout_s)
        yield events
    finally:
        events.close()
