"""The link of blocking code to the host: turns, exchanges and streams, over the native connections.

`async_link` is the same for asyncio. Both links are written by hand; the code that stands on a link is written once.
"""

from __future__ import annotations

import os
import sys
from time import monotonic

from sidecar_bridge._client import wire
from sidecar_bridge._client.deadline import deadline_after
from sidecar_bridge._client.failure import closed, no_answer, seconds_left, stopping
from sidecar_bridge._client.open_ends import GivenUp, OpenEnds
from sidecar_bridge._native import Connection, Pool, ProtocolError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, Self

    from sidecar_bridge._native import Turn


class Link(Pool):
    """What a `Host` shares with its events, windows and bindings: socket, token, limits, and turns of calls.

    It is a native pool, so that a call of a command is one native step: `Pool.invoke`.
    """

    _given_up: GivenUp

    def __new__(cls, path: str, token: str, max_body_bytes: int, host_pid: int | None = None) -> Self:
        """Make the pool."""
        given_up = GivenUp()
        link = super().__new__(cls, path, token, max_body_bytes, given_up.look, host_pid)
        link._given_up = given_up
        return link

    def __init__(self, path: str, token: str, max_body_bytes: int, host_pid: int | None = None) -> None:
        """Use the Unix socket or the pipe at `path`, of that process; nothing is connected yet."""
        self.path = path
        self._host_pid = host_pid
        self.token = token
        self.max_body_bytes = max_body_bytes
        self._subscriptions = OpenEnds()
        self._streams = OpenEnds()
        self.sources: dict[object, Any] = {}
        """The channels of handlers, see `handlers`."""
        self._closed = False

    def __reduce__(self) -> tuple[type[Link], tuple[str, str, int, int | None]]:
        """Let hosts, windows and bindings be pickled, for workers: those have connections of their own."""
        self.check()
        return Link, (self.path, self.token, self.max_body_bytes, self._host_pid)

    def __repr__(self) -> str:
        # The app has no link, but the host that the link belongs to.
        return f"Host({self.path!r})"

    def check(self) -> None:
        """Refuse a new call once the link is closed: `BridgeError`."""
        if self._closed:
            raise closed(self)

    def _look_for_loop(self) -> None:
        """Tell the log, once, that this thread runs an event loop, which waits as long as a call does."""
        # Whoever runs a loop has loaded this.
        asyncio = sys.modules.get("_asyncio")
        if asyncio is None or asyncio._get_running_loop() is None:
            return
        self.warns = False
        try:
            import logging  # noqa: PLC0415 - nearly never needed
        except OSError:
            # At the limit of open files, the call is worth more than this.
            return
        logging.getLogger("sidecar_bridge").warning(
            "a call of `Host` holds up the event loop of its thread, and all tasks there; use `AsyncHost`, as of "
            "`get_async_host()` or `HostDep`, or `await asyncio.to_thread(...)`",
            stack_info=True,
        )

    def deadline(self, timeout_s: float | None) -> float | None:
        """Give the monotonic clock's time in `timeout_s` seconds; `ValueError` below 0 and for infinity."""
        return deadline_after(timeout_s, monotonic)

    def exchange(self, request: wire.Request, timeout_s: float | None) -> wire.Reply:
        """Send a request and give the whole reply, a problem too; `TransportError` when no reply comes."""
        if self._closed:
            raise closed(self)
        if self.warns:
            self._look_for_loop()
        try:
            return super().exchange(request, timeout_s)
        except (OSError, ProtocolError) as error:
            raise no_answer(self.path, error) from error
        except TypeError:
            # This says it by the name that callers know.
            self.deadline(timeout_s)
            raise

    def _invoke_slowly(
        self,
        command: str,
        args: Mapping[str, object] | bytes | bytearray | memoryview | None,
        window: str | None,
        timeout_s: float | None,
    ) -> Any:
        """Called by `invoke`, for all but plain calls of an open link."""
        return self.ask(wire.invoke(command, args, window), timeout_s)

    def ask(self, request: wire.Request, timeout_s: float | None) -> Any:
        """Send a request and give the content of the reply; `ProblemError` for a problem."""
        return wire.decode(self.exchange(request, timeout_s))

    def take_turn(self, deadline: float | None) -> Turn:
        """Wait until one more call may be under way; `TransportError` at the deadline."""
        self.check()
        if self.warns:
            self._look_for_loop()
        try:
            return super().take_turn(seconds_left(deadline))
        except TimeoutError as error:
            raise no_answer(self.path, error) from error

    def give_back(self, turn: Turn) -> None:
        """End a turn that `take_turn` gave."""
        turn.end()

    def open(self, deadline: float | None) -> Stream:
        """Connect, for one stream; raises what the methods of `Stream` raise."""
        if self.warns:
            self._look_for_loop()
        look = self._given_up.look_at_stream
        connection = Connection.open(self.path, seconds_left(deadline), look, self._host_pid)
        stream = Stream(connection, self.token, self._streams, self._given_up)
        # Closed while this connected, `close` saw no stream.
        if self._closed:
            stream.close()
        self.check()
        return stream

    @property
    def is_streaming(self) -> bool:
        """Whether a subscription or a stream is open."""
        return bool(self._subscriptions or self._streams)

    def begin_listening(self, end: Callable[[], object]) -> None:
        """Note what ends a subscription; `BridgeError` when there are to be no more subscriptions."""
        self.check()
        if not self._subscriptions.add(end):
            self._subscriptions.discard(end)
            raise stopping(self)

    def finish_listening(self, end: Callable[[], object]) -> None:
        """Forget a subscription."""
        self._subscriptions.discard(end)

    def stop_listening(self) -> None:
        """End the subscriptions, and refuse new ones: the sidecar stops. Any thread may call this."""
        self._subscriptions.end_all()

    def close(self) -> None:
        """End the streams, close the idle connections, and the others when their calls end."""
        self._closed = True
        self._subscriptions.end_all()
        self._streams.end_all()
        super().close()

    def end(self) -> None:
        """Close for good: calls in flight are given up, at the latest in about a second where they wait for a turn."""
        self._given_up.is_set = True
        self.close()
        super().end()


class Stream:
    """One answer that comes piece by piece, over a connection of its own.

    The methods raise what the connection raises, `OSError` and `ProtocolError`, and `TimeoutError` at a deadline: a
    subscription goes on after some of these errors.
    """

    def __init__(self, connection: Connection, token: str, open_streams: OpenEnds, given_up: GivenUp) -> None:
        """Made by `Link.open`."""
        self._given_up = given_up
        self._connection = connection
        self._token = token
        self._open_streams = open_streams
        self._process = os.getpid()
        open_streams.add(self.abort)

    def start(self, request: wire.Request, deadline: float | None) -> wire.Reply | None:
        """Send a request, and give the whole reply where the host answers with no stream of events."""
        started = self._connection.start(request, self._token, wire.STREAM_BUFFER_BYTES, seconds_left(deadline))
        if started[1] == wire.EVENT_STREAM:
            return None
        return wire.Reply(*started, self._connection.read_all(seconds_left(deadline)))

    def read(self, deadline: float | None) -> bytes:
        """Give the next bytes, no bytes at the end of the stream. A call after a `TimeoutError` goes on."""
        # Where bytes come without a pause, the connection never waits long enough to look.
        self._given_up.look_at_page()
        return self._connection.read(seconds_left(deadline))

    def abort(self) -> None:
        """Close the connection; a thread that waits for bytes sees the end of the stream.

        A forked child does not: that would end the parent's stream. The child's copy goes with this object.
        """
        if self._process == os.getpid():
            self._connection.close()

    def close(self) -> None:
        """Close the connection, which nobody waits for any more."""
        self._open_streams.discard(self.abort)
        self.abort()
