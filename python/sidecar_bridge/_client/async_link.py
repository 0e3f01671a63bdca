"""The link of asyncio code to the host: turns, exchanges and streams, over connections that wait without a thread.

`link` is the same for blocking code. Both links are written by hand; the code that stands on a link is written once.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeAlias
from weakref import WeakMethod

from sidecar_bridge._client import wire
from sidecar_bridge._client.deadline import deadline_after
from sidecar_bridge._client.errors import BridgeError
from sidecar_bridge._client.failure import closed, no_answer, stopping
from sidecar_bridge._client.open_ends import OpenEnds
from sidecar_bridge._native import NotSentError, ProtocolError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping

    from sidecar_bridge._client.async_transport import TransportConnection

if sys.platform != "win32":
    from sidecar_bridge._client.async_connection import AsyncConnection
    from sidecar_bridge._native import Calls

_MOST_CALLS = 64
"""How many calls are with the host at once; further calls wait for their turn. As many connections may idle."""

_SHARED_FROM = 24
"""With so many calls under way at once they go over one connection. Fewer are quicker over connections of their own:
the host answers one while the client makes the next. See docs/performance.md."""

_MOST_IDLE_S = 4.0
"""A connection that idled longer is not used again: the host closes it after 5 s, perhaps as a request goes out."""

_MOST_REPEATS = 3
"""How often a call is sent anew whose new connection the host closed unread, as it does for want of room."""

AnyConnection: TypeAlias = "AsyncConnection | TransportConnection"

AsyncTurn: TypeAlias = "tuple[AnyConnection, float] | None"
"""The right of one call to be under way: an idle connection and the loop's time since when, or room for a new one."""


class AsyncLink:
    """What an `AsyncHost` shares with its events, windows and bindings: socket, token, limits, and turns of calls."""

    def __init__(self, path: str, token: str, max_body_bytes: int, host_pid: int | None = None) -> None:
        """Use the Unix socket or the pipe at `path`, of that process; nothing is connected yet."""
        self.path = path
        self._host_pid = host_pid
        self.token = token
        self.max_body_bytes = max_body_bytes
        self._turns: list[AsyncTurn] = [None] * _MOST_CALLS
        """The turns that no call has. The host is least likely to have closed the connection that was used last."""
        self._waiting: deque[asyncio.Future[AsyncTurn]] = deque()
        """The calls that wait for a turn, in their order. While one waits, no turn is free."""
        self._calls: Calls | None = None
        self._shared_from = _SHARED_FROM
        """The connection of many calls, once several were under way at once. Each of its calls has a turn, too."""
        self._may_share = sys.platform != "win32"
        """Whether the loop and the host can carry many calls over one connection."""
        self._subscriptions = OpenEnds()
        self._streams = OpenEnds()
        self.sources: dict[object, Any] = {}
        """The channels of handlers, see `async_handlers`."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._at_the_end_of_the_loop: AsyncGenerator[None] | None = None
        self._closed = False
        self._process = os.getpid()

    def __reduce__(self) -> tuple[type[AsyncLink], tuple[str, str, int, int | None]]:
        """Let hosts, windows and bindings be pickled, for workers; the loop that uses them first is theirs."""
        if self._closed:
            raise closed(self)
        return AsyncLink, (self.path, self.token, self.max_body_bytes, self._host_pid)

    def __repr__(self) -> str:
        # The app has no link, but the host that the link belongs to.
        return f"AsyncHost({self.path!r})"

    def __del__(self) -> None:
        """Close what the loop watches, and would keep open to its end."""
        loop = self._loop
        if loop is None or loop.is_closed() or self._process != os.getpid():
            return
        # Any thread may be the one that runs this.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(_close_dropped, [turn[0] for turn in self._turns if turn], self._calls)

    def check(self) -> asyncio.AbstractEventLoop:
        """Give the running loop; `BridgeError` once the link is closed, and in another loop than before."""
        if self._closed:
            raise closed(self)
        loop = asyncio.get_running_loop()
        self._loop = self._loop or loop
        if self._loop is not loop:
            msg = f"{self!r} belongs to another event loop; make one for each loop"
            raise BridgeError(msg)
        return loop

    def check_loop(self, what: object) -> None:
        """Refuse to end something of this link in another loop than its own: `BridgeError`, which says what to do."""
        if self._loop is None or self._loop is asyncio.get_running_loop():
            return
        if self._loop.is_closed():
            msg = f"{what!r} belongs to an event loop that is closed; it ends with this sidecar's generation"
            raise BridgeError(msg)
        msg = f"{what!r} belongs to another event loop; close it there, by `asyncio.run_coroutine_threadsafe`"
        raise BridgeError(msg)

    def deadline(self, timeout_s: float | None) -> float | None:
        """Give the loop's time in `timeout_s` seconds; `ValueError` below 0 and for infinity."""
        return deadline_after(timeout_s, asyncio.get_running_loop().time)

    def invoke(
        self,
        command: str,
        args: Mapping[str, object] | bytes | bytearray | memoryview | None,
        window: str | None,
        timeout_s: float | None,
    ) -> Awaitable[Any]:
        """Run a command, and give its result: `wire.invoke` and `ask`."""
        calls = None if self._calls is None else self._shared()
        call = None if calls is None else calls.invoke(command, args, window, timeout_s)
        return call or self._alone(wire.invoke(command, args, window), timeout_s, wire.decode)

    def ask(self, request: wire.Request, timeout_s: float | None) -> Awaitable[Any]:
        """Send a request and give the content of the reply; `ProblemError` for a problem."""
        calls = self._shared()
        call = None if calls is None else calls.ask(request, timeout_s)
        return call or self._alone(request, timeout_s, wire.decode)

    def exchange(self, request: wire.Request, timeout_s: float | None) -> Awaitable[wire.Reply]:
        """Send a request and give the whole reply, a problem too; `TransportError` when no reply comes."""
        calls = self._shared()
        call = None if calls is None else calls.exchange(request, timeout_s)
        return call or self._alone(request, timeout_s)

    def _shared(self) -> Calls | None:
        """Give the connection of many calls, if there are many now, and it has room for one more."""
        calls = self._calls
        if calls is None or self._waiting or asyncio.get_running_loop() is not self._loop:
            return None
        count, free = calls.count, len(self._turns)
        # With this one, or a moment ago: answers come together, and then few are under way.
        many = max(_MOST_CALLS - free + count + 1, calls.width)
        return calls if count < free and many >= self._shared_from else None

    def _share_turn(
        self, turn: AsyncTurn, request: wire.Request, timeout_s: float | None
    ) -> Awaitable[wire.Reply] | None:
        """Begin a call that has waited for this turn over the shared connection, if there is one."""
        if self._calls is None:
            return None
        try:
            call = self._calls.exchange(request, timeout_s)
        except BaseException:
            # Such as for a window's name that no header can carry.
            self.give_back(turn)
            raise
        if call is not None:
            self._turns.append(turn)
        return call

    def _share(self) -> None:
        """Connect for many calls, unless that was done; calls that are under way go on as they began."""
        if self._calls is not None:
            # A host that does not know of it refuses once.
            self._may_share = not self._calls.is_refused
            if not self._calls.is_closed or not self._may_share:
                return
        loop = self.check()
        try:
            self._calls = Calls.open(self.path, self.token, self.max_body_bytes, loop, _weakly(self._give_on))
            # Those that waited before, when the connection failed at first.
            self._calls.others_wait = bool(self._waiting)
        except NotImplementedError:
            self._may_share = False
        except OSError:
            # Such as a full backlog: the next call tries again.
            pass

    async def _alone(
        self, request: wire.Request, timeout_s: float | None, read: Callable[[wire.Reply], Any] | None = None
    ) -> Any:
        """Exchange over a connection of its own, or one that is shared by then; one coroutine, for each costs time."""
        loop = self.check()
        deadline = deadline_after(timeout_s, loop.time)
        try:
            if self._turns and (self._calls is None or self._has_turn()):
                turn = self._turns.pop()
            else:
                turn = await self._next_turn(deadline)
                call = self._share_turn(turn, request, None if deadline is None else deadline - loop.time())
                if call is not None:
                    reply = await call
                    return reply if read is None else read(reply)
            connection = self._usable(turn)
            try:
                if self._may_share and len(self._turns) <= _MOST_CALLS - self._shared_from:
                    self._share()
                repeats = _MOST_REPEATS
                while True:
                    is_new = connection is None
                    if connection is None:
                        async with asyncio.timeout_at(deadline):
                            connection = await self._connect()
                    try:
                        reply = await connection.exchange(request, self.token, self.max_body_bytes, timeout_s, deadline)
                        break
                    except TimeoutError:
                        raise
                    except OSError as error:
                        # A connection that the host closed just now; a new one tells whether the host is there.
                        repeats -= is_new
                        if repeats < 0 or not _is_repeatable(error, request, connection, is_new=is_new):
                            raise
                        connection.abort()
                        connection = None
            finally:
                self.give_back(None if connection is None else (connection, loop.time()))
            return reply if read is None else read(reply)
        except BridgeError:
            # Such as what the reply says.
            raise
        except (OSError, ProtocolError) as error:
            raise no_answer(self.path, error) from error

    async def take_turn(self, deadline: float | None) -> AsyncTurn:
        """Wait until one more call may be under way; `TransportError` at the deadline."""
        self.check()
        try:
            return self._turns.pop() if self._has_turn() else await self._next_turn(deadline)
        except TimeoutError as error:
            raise no_answer(self.path, error) from error

    def _has_turn(self) -> bool:
        return len(self._turns) > (0 if self._calls is None else self._calls.count)

    def _give_on(self) -> None:
        """Called when a call over the shared connection ends while others wait: give its turn to the next of them."""
        if self._waiting and self._has_turn():
            self.give_back(self._turns.pop())
        if self._calls is not None:
            self._calls.others_wait = bool(self._waiting)

    def give_back(self, turn: AsyncTurn) -> None:
        """End a turn. A connection that carried whole exchanges is kept; on another one an answer may be on its way.

        The call that waits longest gets the turn now: the task that ends this one may want another before the call's
        task runs.
        """
        if turn is not None and (self._closed or not turn[0].is_reusable()):
            turn[0].abort()
            turn = None
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(turn)
                return
        self._turns.append(turn)

    async def open(self, deadline: float | None) -> AsyncStream:
        """Connect, for one stream; raises what the methods of `AsyncStream` raise."""
        async with asyncio.timeout_at(deadline):
            stream = AsyncStream(await self._connect(), self.token, self._streams)
        # Closed while this connected, `close` saw no stream.
        if self._closed:
            await stream.close()
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
        """End the subscriptions, and refuse new ones: the sidecar stops. For the loop's thread alone."""
        self._subscriptions.end_all()

    def end_streams(self) -> None:
        """End the subscriptions and the calls with channels. For the loop's thread alone."""
        self._closed = True
        self._subscriptions.end_all()
        self._streams.end_all()
        if self._calls is not None and self._process == os.getpid():
            self._calls.close()

    async def close(self) -> None:
        """End the streams, close the idle connections, and the others when their calls end.

        Raises:
            BridgeError: It belongs to another event loop, which is not closed.
        """
        if self._loop is not None and not self._loop.is_closed() and self._process == os.getpid():
            self.check_loop(self)
        self.end_streams()
        await self._close_idle()

    async def _close_idle(self) -> None:
        idle = [turn[0] for turn in self._turns if turn is not None]
        self._turns = [None] * len(self._turns)
        if self._process != os.getpid():
            # A fork has the parent's sockets, and what the parent's loop watches.
            return
        for connection in idle:
            connection.abort()
        for connection in idle:
            await connection.closed()

    async def _next_turn(self, deadline: float | None) -> AsyncTurn:
        waiter: asyncio.Future[AsyncTurn] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        if self._calls is not None:
            self._calls.others_wait = True
        try:
            if deadline is None:
                return await waiter
            async with asyncio.timeout_at(deadline):
                return await waiter
        except BaseException:
            if waiter.done() and not waiter.cancelled():
                self.give_back(waiter.result())
            elif waiter in self._waiting:
                self._waiting.remove(waiter)
            raise

    async def _connect(self) -> AnyConnection:
        if sys.platform != "win32":
            with suppress(NotImplementedError):
                return await AsyncConnection.open(self.path)
        from sidecar_bridge._client.async_transport import TransportConnection  # noqa: PLC0415 - few loops need it

        if self._at_the_end_of_the_loop is None:
            self._at_the_end_of_the_loop = self._until_the_loop_ends()
            await anext(self._at_the_end_of_the_loop)
        return await TransportConnection.open(self.path, self._host_pid)

    async def _until_the_loop_ends(self) -> AsyncGenerator[None]:
        """Close the idle connections when asyncio closes the generators of a loop that ends.

        asyncio warns of transports that are open then, and a process may run one loop after another.
        """
        try:
            yield
        finally:
            await self._close_idle()

    def _usable(self, turn: AsyncTurn) -> AnyConnection | None:
        """Give the turn's connection, unless the host has closed the connection or may do so now."""
        if turn is None:
            return None
        connection, since = turn
        if connection.is_reusable() and asyncio.get_running_loop().time() - since < _MOST_IDLE_S:
            return connection
        connection.abort()
        return None


def _is_repeatable(error: OSError, request: wire.Request, connection: AnyConnection, *, is_new: bool) -> bool:
    """Tell whether a call may be sent again: the host has not read it, or to carry it out twice does no harm."""
    return isinstance(error, NotSentError) or (not is_new and request.is_idempotent and not connection.has_begun())


def _close_dropped(idle: list[AnyConnection], calls: Calls | None) -> None:
    for connection in idle:
        connection.abort()
    if calls is not None:
        calls.close()


def _weakly(method: Callable[[], object]) -> Callable[[], None]:
    """Give what calls a method for as long as its object is there: the collector sees no cycle through `Calls`."""
    found = WeakMethod(method)

    def call() -> None:
        bound = found()
        if bound is not None:
            bound()

    return call


class AsyncStream:
    """One answer that comes piece by piece, over a connection of its own.

    The methods raise what the connection raises, `OSError` and `ProtocolError`, and `TimeoutError` at a deadline: a
    subscription goes on after some of these errors.
    """

    def __init__(self, connection: AnyConnection, token: str, open_streams: OpenEnds) -> None:
        """Made by `AsyncLink.open`."""
        self._loop = asyncio.get_running_loop()
        self._connection = connection
        self._token = token
        self._open_streams = open_streams
        self._process = os.getpid()
        open_streams.add(self.abort)

    async def start(self, request: wire.Request, deadline: float | None) -> wire.Reply | None:
        """Send a request, and give the whole reply where the host answers with no stream of events."""
        left = None if deadline is None else max(0.0, deadline - self._loop.time())
        async with asyncio.timeout_at(deadline):
            started = await self._connection.start(request, self._token, wire.STREAM_BUFFER_BYTES, left)
            if started[1] == wire.EVENT_STREAM:
                return None
            return wire.Reply(*started, await self._connection.read_all())

    async def read(self, deadline: float | None) -> bytes:
        """Give the next bytes, no bytes at the end of the stream. A call after a `TimeoutError` goes on."""
        if deadline is None:
            return await self._connection.read()
        if deadline <= self._loop.time():
            # What comes without a pause would never let asyncio see that the time is over.
            raise TimeoutError
        async with asyncio.timeout_at(deadline):
            return await self._connection.read()

    def abort(self) -> None:
        """Close the connection at once; a task that waits for bytes gets an error. Not the connection of a parent."""
        if self._process == os.getpid():
            self._connection.abort()

    async def close(self) -> None:
        """Close the connection, and wait until the socket is closed."""
        self._open_streams.discard(self.abort)
        self.abort()
        await self._connection.closed()
