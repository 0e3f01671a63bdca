"""The host, for asyncio."""

from __future__ import annotations

import os

from sidecar_bridge._client import wire
from sidecar_bridge._client.async_desktop import AsyncDesktop
from sidecar_bridge._client.async_link import AsyncLink
from sidecar_bridge._client.failure import loading

TYPE_CHECKING = False
if not TYPE_CHECKING:

    def overload(function: object) -> object:
        """Do what `typing.overload` does, which most processes need not import."""
        return function


if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractAsyncContextManager
    from types import TracebackType
    from typing import Any, Self, TypeVar, overload  # noqa: TC004 - at run time the one above

    from typing_extensions import TypeForm

    from sidecar_bridge._client.async_channel import AsyncChannel
    from sidecar_bridge._client.async_events import AsyncEvents
    from sidecar_bridge._client.async_messages import AsyncMessages

    _T = TypeVar("_T")


class AsyncHost(AsyncDesktop):
    """The Tauri app that started this sidecar, for asyncio. One instance belongs to one event loop.

    A call without `timeout_s` waits for as long as the host takes. Every call raises `TransportError` when no answer
    comes, `DeadlineExceededError` when none comes within `timeout_s` seconds, and `ProblemError` when the host refuses.
    A `timeout_s` below 0 is a `ValueError`.

    Cancelling a call closes the connection of that call only. The host does not begin a command whose caller has left;
    a command that the host has begun goes on.

    A request that may have reached the host is never sent twice, unless the request changes nothing. At most 64 calls
    are with the host at once, calls with channels too; further calls wait for their turn, in the order of asking.

    It can be pickled, for workers of the sidecar, which then have connections of their own. The pickle has the token of
    the sidecar's present generation: keep it out of files.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        token: str,
        *,
        max_body_bytes: int = wire.DEFAULT_MAX_BODY_BYTES,
        host_pid: int | None = None,
    ) -> None:
        """Use the host endpoint at `path` with the token of the lease; nothing is connected yet.

        Args:
            path: The Unix socket of the host endpoint; on Windows the name of its pipe.
            token: The token of this generation's lease.
            max_body_bytes: How large an answer, an event or a channel's message may be; in a call with channels, raw
                bytes count in base64.
            host_pid: On Windows, the process that has to be behind the pipe.
        """
        self._link = AsyncLink(os.fspath(path), token, max_body_bytes, host_pid)

    def __repr__(self) -> str:
        return repr(self._link)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """End subscriptions and calls with channels, and close the idle connections.

        Other calls in flight end as they would have. Calls with channels and later calls raise `BridgeError`.
        """
        await self._link.close()

    async def health(self, *, timeout_s: float | None = None) -> dict[str, object]:
        """Ask whether the host answers: `{"status": "ok", "sidecar": …, "generation": …, "version": …}`."""
        health: dict[str, object] = await self._link.ask(wire.HEALTH, timeout_s)
        return health

    async def report_startup(
        self, activity: str, percent: int | None = None, *, timeout_s: float | None = None
    ) -> None:
        """Tell the host and the page what this sidecar does before it serves, such as `migrating`: for the lifespan.

        The sidecar then has the whole of `readyTimeoutMs` again to become ready.

        Args:
            activity: What the sidecar does, in a word or a few.
            percent: How much of the activity is done, from 0 to 100.
            timeout_s: How long to wait for the host, in seconds.

        Raises:
            ProblemError: `failed_precondition` once the sidecar is ready, `invalid_argument` for another percentage.
        """
        await self._link.ask(wire.starting(activity, percent), timeout_s)

    @overload
    async def invoke(
        self,
        command: str,
        args: Mapping[str, object] | bytes | bytearray | memoryview | None = None,
        *,
        window: str | None = None,
        channels: Mapping[str, AsyncChannel[object]] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout_s: float | None = None,
    ) -> object: ...
    @overload
    async def invoke(
        self,
        command: str,
        args: Mapping[str, object] | bytes | bytearray | memoryview | None = None,
        *,
        returns: TypeForm[_T],
        window: str | None = None,
        channels: Mapping[str, AsyncChannel[object]] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout_s: float | None = None,
    ) -> _T: ...
    async def invoke(
        self,
        command: str,
        args: Mapping[str, object] | bytes | bytearray | memoryview | None = None,
        *,
        returns: Any = object,
        window: str | None = None,
        channels: Mapping[str, AsyncChannel[object]] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout_s: float | None = None,
    ) -> Any:
        """Run a Tauri command of the app, of a plugin or of Tauri's core, as the ACL lets this sidecar.

        Args:
            command: The command's name, such as `greet` or `plugin:window|set_title`.
            args: The arguments under their names in JavaScript (camelCase), or the raw bytes that the command takes.
                Besides what JSON has, values may be dates and times (RFC 3339), UUIDs, paths, enums (their values),
                `Decimal` (a string), dataclasses, attrs classes, msgspec structs and pydantic models.
            returns: The type of the result, such as `str | None`, `list[User]` or `bytes` for raw bytes. pydantic,
                where it is installed, reads it in its strict mode: models, dataclasses, TypedDicts, unions, enums.
                msgspec reads its own structs, and all of these where pydantic is missing. `str`, `int`, `float`,
                `bool`, `list`, `dict`, `None` and `bytes` need neither. By default the result is not checked.
            window: The label of the window that the command runs in; by default `main` if it is open, else
                the oldest window in which the ACL grants the command.
            channels: For each argument that is a `Channel`, where the messages come, JSON values or bytes, until the
                command answers; `AsyncChannel(Progress)` has values of a type. A message after the answer is dropped.
                What a command sends after its answer takes a channel of `AsyncHost.channel`, among `args`.
            headers: What the command reads beside its arguments, such as the `path` of `plugin:fs|write_file`: names of
                HTTP, and visible ASCII, so percent-encode what may be anything else. Headers that belong to the
                connection or to Tauri's own calls are refused.
            timeout_s: How long to wait for the answer, in seconds. A command that runs by then is not stopped.

        Returns:
            The command's result: a value of the type `returns`, or else a JSON value, or bytes if the command answers
            with raw bytes.

        Raises:
            CommandError: The command answered with an error.
            ProblemError: `permission_denied`, `not_found` (command or window), `invalid_argument`,
                `resource_exhausted` (a body over the host's limit, or messages read too slowly),
                `failed_precondition` (channels, and the app has no interceptor for them, or one that has ended). Each
                code has its class, such as `NotFoundError`.
            UnexpectedTypeError: The command has run, and its result is not of the type `returns`.
            TypeError: The arguments are not JSON; also `ValueError`, and for headers that cannot be sent. Or nothing
                that is installed reads `returns`.
        """
        if returns is object and not channels and not headers:
            return await self._link.invoke(command, args, window, timeout_s)
        with loading:
            from sidecar_bridge._client.headers import checked  # noqa: PLC0415 - few calls need it
            from sidecar_bridge._client.reading import shape_of  # noqa: PLC0415 - few calls need it

            # This may load pydantic.
            shape = shape_of(returns)
        what = f"the answer of command `{command}`"
        fields = checked(headers)
        if not channels:
            request = wire.invoke(command, args, window, headers=fields)
            return shape.reply(await self._link.exchange(request, timeout_s), what)
        with loading:
            from sidecar_bridge._client.async_calls import reply_with_messages  # noqa: PLC0415 - few calls need it
            from sidecar_bridge._client.async_channel import reading, receiving  # noqa: PLC0415 - few calls need it

        with receiving(channels) as receive:
            request = wire.invoke(command, args, window, channels, headers=fields)
            read = reading(channels, command)
            return shape.reply(await reply_with_messages(self._link, request, timeout_s, read, receive), what)

    async def emit(
        self,
        name: str,
        payload: object = None,
        *,
        target: str | None = None,
        window: str | None = None,
        timeout_s: float | None = None,
    ) -> None:
        """Emit a Tauri event with any JSON payload, to every listener or only to those of the label `target`.

        Args:
            name: The event's name.
            payload: A JSON value.
            target: The label of the only receiver.
            window: The label of the window in which the ACL judges the call, as in `invoke`. It is no `target`.
            timeout_s: How long to wait for the host, in seconds.

        Raises:
            ProblemError: `permission_denied` without `core:event:allow-emit` (with a target: `allow-emit-to`).
            TypeError: The payload is not JSON; also `ValueError`.
        """
        await self._link.ask(wire.emit(name, payload, target, window), timeout_s)

    @overload
    def listen(
        self,
        name: str,
        *,
        window: str | None = None,
        on_lost: Callable[[int | None], object] | None = None,
        timeout_s: float | None = None,
    ) -> AbstractAsyncContextManager[AsyncEvents[object]]: ...
    @overload
    def listen(
        self,
        name: str,
        *,
        returns: TypeForm[_T],
        window: str | None = None,
        on_lost: Callable[[int | None], object] | None = None,
        timeout_s: float | None = None,
    ) -> AbstractAsyncContextManager[AsyncEvents[_T]]: ...
    def listen(
        self,
        name: str,
        *,
        returns: Any = object,
        window: str | None = None,
        on_lost: Callable[[int | None], object] | None = None,
        timeout_s: float | None = None,
    ) -> AbstractAsyncContextManager[AsyncEvents[Any]]:
        """Subscribe to a Tauri event: `async with host.listen("progress") as events: ...`.

        The subscription is in place once the block is entered: no later event is lost. Entering it may take
        `timeout_s` seconds.

        A subscription whose connection breaks connects again, and goes on behind the last event. A reader that is too
        slow misses the oldest events; `EventsLostError` then stands in their place. The iteration ends with `close` of
        this host, and when the app stops the sidecar.

        Args:
            name: The event's name.
            returns: The type of the payloads, as in `invoke`; by default they are not checked. In the place of one of
                another type stands an `UnexpectedTypeError`, behind which the reader may go on.
            window: The label of the window in which the ACL judges the call, as in `invoke`. All events of the name
                come, whatever their target.
            on_lost: Called with the number of events that were missed (`None`: nobody knows it) in place of
                `EventsLostError`, for a reader that is to go on: by the reader, between the events before and behind.
            timeout_s: How long the entering may take, in seconds.

        Raises:
            BridgeError: On entering: the sidecar stops, or this host is closed.
            ProblemError: On entering: `permission_denied` without `core:event:allow-listen`.
            TypeError: Nothing that is installed reads `returns`.
        """
        with loading:
            from sidecar_bridge._client.async_events import listen  # noqa: PLC0415 - only this needs it
            from sidecar_bridge._client.reading import payload_reader  # noqa: PLC0415 - only this needs it

            read = payload_reader(returns, name)
        return listen(self._link, name, window, timeout_s, read, on_lost=on_lost)

    @overload
    def channel(
        self,
        *,
        window: str | None = None,
        on_lost: Callable[[int | None], object] | None = None,
        timeout_s: float | None = None,
    ) -> AbstractAsyncContextManager[AsyncMessages[object]]: ...
    @overload
    def channel(
        self,
        returns: TypeForm[_T],
        *,
        window: str | None = None,
        on_lost: Callable[[int | None], object] | None = None,
        timeout_s: float | None = None,
    ) -> AbstractAsyncContextManager[AsyncMessages[_T]]: ...
    def channel(
        self,
        returns: Any = object,
        *,
        window: str | None = None,
        on_lost: Callable[[int | None], object] | None = None,
        timeout_s: float | None = None,
    ) -> AbstractAsyncContextManager[AsyncMessages[Any]]:
        """Open a channel for what commands send after their answer: clicks, shortcuts, changes of files, output.

            async with host.channel() as clicks:
                await host.invoke("plugin:tray|new", {"options": {}, "handler": clicks})
                async for click in clicks:
                    ...

        The channel stands anywhere in the arguments of any number of calls; messages come in the order of arrival.
        It ends with the block, with `close` of this host, when the app stops the sidecar, and with its window; what is
        sent after that is dropped. A reader that is too slow misses the oldest messages; `EventsLostError` then
        stands in their place. A connection that breaks ends the channel with a `TransportError`.

        Args:
            returns: The type of the messages, as in `invoke`; by default they are not checked. In the place of one of
                another type stands an `UnexpectedTypeError`, behind which the reader may go on.
            window: The label of the window that the channel belongs to; by default the one of a call without a window.
                Commands that have the channel run in that window.
            on_lost: Called with the number of messages that were missed in place of `EventsLostError`, for a reader
                that is to go on: by the reader, between the messages before and behind.
            timeout_s: How long the entering may take, in seconds.

        Raises:
            BridgeError: On entering: the sidecar stops, or this host is closed.
            ProblemError: On entering: `failed_precondition` when the app has no interceptor for channels, `not_found`
                when no window has the label, `resource_exhausted` when too many channels and events are open.
            TypeError: Nothing that is installed reads `returns`.
        """
        with loading:
            from sidecar_bridge._client.async_messages import open_channel  # noqa: PLC0415 - only this needs it
            from sidecar_bridge._client.reading import channel_reader  # noqa: PLC0415 - only this needs it

            read = channel_reader(returns)
        return open_channel(self._link, wire.open_channel(window), timeout_s, read, on_lost=on_lost)


def link_of(host: AsyncHost) -> AsyncLink:
    """Give the link of a host, for the others that call through the host: generated bindings and the server."""
    return host._link
