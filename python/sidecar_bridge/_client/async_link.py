"""The host, for asyncio."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING, Any, TypeAlias

from sidecar_bridge._client import wire
from sidecar_bridge._client.errors import BridgeError
from sidecar_bridge._client.failure import closed, no_answer, require_unix
from sidecar_bridge._native import NotSentError, ProtocolError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractAsyncContextManager
    from types import TracebackType
    from typing import Self

    from sidecar_bridge._client.async_channel import AsyncChannel
    from sidecar_bridge._client.async_events import AsyncEvents
    from sidecar_bridge._client.async_transport import TransportConnection
    from sidecar_bridge._client.window import AsyncWindow

if sys.platform != "win32":
    from sidecar_bridge._client.async_connection import AsyncConnection

_MOST_CONNECTIONS = 64
"""How many calls are with the host at once; more wait for their turn. It is also how many connections may idle."""

_MOST_IDLE_S = 4.0
"""A connection that idled longer is not used again: the host closes it after 5 s, perhaps as a request goes out."""


AnyConnection: TypeAlias = "AsyncConnection | TransportConnection"

_Turn: TypeAlias = "tuple[AnyConnection, float] | None"
"""The right to be with the host: an idle connection and the loop's time since when, or room for a new one."""


class AsyncHost:
    """The Tauri app that started this sidecar, for asyncio. One instance belongs to one event loop.

    A call without `timeout_s` waits for as long as the host takes. Every call raises `TransportError` when no answer
    comes, `DeadlineExceededError` when none comes within `timeout_s` seconds, and `ProblemError` when the host refuses.
    Cancelling a call closes its own connection only, and the host does not begin what nobody waits for any more; what
    it has begun goes on. What may have reached the host is never sent twice, unless it changes nothing. At most 64
    calls are with the host at once; others wait for their turn.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        token: str,
        *,
        max_body_bytes: int = wire.DEFAULT_MAX_BODY_BYTES,
    ) -> None:
        """Use the host endpoint at `path` with the token of the lease; nothing is connected yet.

        Args:
            path: The Unix socket of the host endpoint.
            token: The token of this generation's lease.
            max_body_bytes: How large an answer, an event or a channel's message may be; in a call with channels, raw
                bytes count in base64.
        """
        require_unix()
        self._path = os.fspath(path)
        self._token = token
        self._max_body_bytes = max_body_bytes
        self._turns: asyncio.LifoQueue[_Turn] = asyncio.LifoQueue()
        """Those that nobody has taken. The last connection used is the least likely to have been closed by the host."""
        for _ in range(_MOST_CONNECTIONS):
            self._turns.put_nowait(None)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False

    def __repr__(self) -> str:
        return f"AsyncHost({self._path!r})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the idle connections; calls in flight end as they would have, and later ones raise `BridgeError`."""
        self._closed = True
        idle = [turn[0] for _ in range(self._turns.qsize()) if (turn := self._turns.get_nowait()) is not None]
        for connection in idle:
            connection.abort()
        for connection in idle:
            await connection.closed()

    async def health(self, *, timeout_s: float | None = None) -> dict[str, Any]:
        """Ask whether the host answers: `{"status": "ok", "sidecar": …, "generation": …, "version": …}`."""
        health: dict[str, Any] = await self._call(wire.HEALTH, timeout_s)
        return health

    async def report_startup(
        self, activity: str, percent: int | None = None, *, timeout_s: float | None = None
    ) -> None:
        """Tell the host and the page what this sidecar does until it serves, such as `migrating`: for the lifespan.

        The sidecar then has the whole of `readyTimeoutMs` again to become ready.

        Args:
            activity: What it does, in a word or a few.
            percent: How much of that is done, from 0 to 100.
            timeout_s: How long to wait for the host, in seconds.

        Raises:
            ProblemError: `failed_precondition` once the sidecar is ready, `invalid_argument` for another percentage.
        """
        await self._call(wire.starting(activity, percent), timeout_s)

    async def invoke(
        self,
        command: str,
        args: Mapping[str, object] | bytes | bytearray | memoryview | None = None,
        *,
        window: str | None = None,
        channels: Mapping[str, AsyncChannel[Any]] | None = None,
        timeout_s: float | None = None,
    ) -> Any:
        """Run a Tauri command of the app, of a plugin or of Tauri's core, as the ACL lets this sidecar.

        Args:
            command: Its name, such as `greet` or `plugin:window|set_title`.
            args: Its arguments under their names in JavaScript (camelCase), or the raw bytes that it takes.
            window: The label of the window that it runs in; without it, the first one by label.
            channels: For each argument that is a `Channel`, where its messages come, JSON values or bytes, until the
                command answers. What it sends after its answer is dropped.
            timeout_s: How long to wait, in seconds. The command is not stopped when the time is over.

        Returns:
            Its result: a JSON value, or bytes if it answers with raw bytes.

        Raises:
            CommandError: The command answered with an error.
            ProblemError: `permission_denied`, `not_found` (command or window), `invalid_argument`,
                `resource_exhausted` (a body over the host's limit, or messages read too slowly),
                `failed_precondition` (channels, and the app has no interceptor for them).
            TypeError: The arguments are not JSON; also `ValueError`.
        """
        if not channels:
            return wire.decode(await self._reply(wire.invoke(command, args, window), timeout_s))

        from sidecar_bridge._client.async_calls import reply_with_messages  # noqa: PLC0415 - calls without channels do not need it
        from sidecar_bridge._client.async_channel import ended_by_failure  # noqa: PLC0415

        def read(_channel: str, message: str | bytes) -> Any:
            return message if isinstance(message, bytes) else wire.parse(message)

        with ended_by_failure(channels.values()):
            request = wire.invoke(command, args, window, channels)
            return wire.decode(await reply_with_messages(self, request, timeout_s, channels, read))

    async def emit(
        self, name: str, payload: object = None, *, target: str | None = None, timeout_s: float | None = None
    ) -> None:
        """Emit a Tauri event with any JSON payload, to every listener or only to those of the label `target`.

        Raises:
            ProblemError: `permission_denied` without `core:event:allow-emit` (with a target: `allow-emit-to`).
            TypeError: The payload is not JSON; also `ValueError`.
        """
        await self._call(wire.emit(name, payload, target), timeout_s)

    def listen(self, name: str, *, timeout_s: float | None = None) -> AbstractAsyncContextManager[AsyncEvents[Any]]:
        """Subscribe to a Tauri event: `async with host.listen("progress") as events: ...`.

        The subscription is in place once the block is entered, so no event that is emitted after is lost. `timeout_s`
        is for entering only.

        A connection that breaks is made anew, and goes on behind the last event. A reader that is too slow misses the
        oldest events; `EventsLostError` then stands in their place.

        Raises:
            ProblemError: On entering: `permission_denied` without `core:event:allow-listen`.
        """
        from sidecar_bridge._client.async_events import listen  # noqa: PLC0415 - calls do not need it

        return listen(self, name, timeout_s, wire.parse)

    def window(self, label: str | None = None, *, timeout_s: float | None = None) -> AsyncWindow:
        """Give the window with that label, or the first one by label; `timeout_s` is for each of its calls."""
        from sidecar_bridge._client.window import AsyncWindow  # noqa: PLC0415 - calls do not need it

        return AsyncWindow(self, label, timeout_s)

    async def _call(self, request: wire.Request, timeout_s: float | None) -> Any:
        return wire.decode(await self._reply(request, timeout_s))

    async def _reply(self, request: wire.Request, timeout_s: float | None) -> wire.Reply:
        loop = self._check()
        deadline = None if timeout_s is None else loop.time() + timeout_s
        try:
            if self._turns.empty():
                async with asyncio.timeout_at(deadline):
                    turn = await self._turns.get()
            else:
                turn = self._turns.get_nowait()
            connection = self._usable(turn)
            try:
                while True:
                    is_new = connection is None
                    if connection is None:
                        async with asyncio.timeout_at(deadline):
                            connection = await self._open()
                    try:
                        return await connection.exchange(
                            request, self._token, self._max_body_bytes, timeout_s, deadline
                        )
                    except TimeoutError:
                        raise
                    except OSError as error:
                        # An idle connection that the host closed just now; a new one tells whether the host is there.
                        is_harmless = isinstance(error, NotSentError) or (
                            request.is_idempotent and not connection.has_begun()
                        )
                        if is_new or not is_harmless:
                            raise
                        connection.abort()
                        connection = None
            finally:
                self._give_back(None if connection is None else (connection, loop.time()))
        except (OSError, ProtocolError) as error:
            raise no_answer(self._path, error) from error

    async def _open(self) -> AnyConnection:
        try:
            return await AsyncConnection.open(self._path)
        except NotImplementedError:
            from sidecar_bridge._client.async_transport import TransportConnection  # noqa: PLC0415 - few loops need it

            return await TransportConnection.open(self._path)

    def _usable(self, turn: _Turn) -> AnyConnection | None:
        """Give the turn's connection, unless the host may close it, or has."""
        if turn is None:
            return None
        connection, since = turn
        if connection.is_reusable() and asyncio.get_running_loop().time() - since < _MOST_IDLE_S:
            return connection
        connection.abort()
        return None

    def _give_back(self, turn: _Turn) -> None:
        """End a turn. Kept is what carried whole exchanges; else an answer may still be on its way."""
        if turn is not None and (self._closed or not turn[0].is_reusable()):
            turn[0].abort()
            turn = None
        self._turns.put_nowait(turn)

    def _check(self) -> asyncio.AbstractEventLoop:
        if self._closed:
            raise closed(self)
        loop = asyncio.get_running_loop()
        self._loop = self._loop or loop
        if self._loop is not loop:
            msg = f"{self!r} belongs to another event loop; make one for each loop"
            raise BridgeError(msg)
        return loop
