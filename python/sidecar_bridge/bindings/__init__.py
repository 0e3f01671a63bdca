"""What generated bindings are made of; `pydantic` and `msgspec` beside this module add what their types need.

Applications use the classes of the generated module, not these.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Protocol, TypeVar

from sidecar_bridge._client import wire
from sidecar_bridge._client.errors import CommandError, TransportError
from sidecar_bridge._serve.contract import contract as contract

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractAsyncContextManager, AbstractContextManager

    from sidecar_bridge._client.async_events import AsyncEvents
    from sidecar_bridge._client.async_host import AsyncHost
    from sidecar_bridge._client.events import Events
    from sidecar_bridge._client.host import Host

_T = TypeVar("_T")


class Codec(Protocol):
    """How a library reads and writes JSON."""

    def encoder(self, shape: Any) -> Callable[[Any], bytes]:
        """Give what writes values of a type; it raises `ValueError` or `TypeError` for others."""

    def members_encoder(self, shapes: Mapping[str, Any]) -> Callable[[Mapping[str, Any]], bytes]:
        """The same for an object with these members."""

    def decoder(self, shape: Any) -> Callable[[bytes | str], Any]:
        """Give what reads values of a type; it raises `ValueError` for others."""

    def converter(self, shape: Any) -> Callable[[Any], Any]:
        """Give what makes values of a type of parsed JSON; it raises `ValueError` for others."""


class Messages:
    """In the place of an argument's type: a channel for messages of a type."""

    def __init__(self, shape: Any) -> None:
        """Describe a channel."""
        self.shape = shape


class EventType:
    """An event of the app: its name, and the type of its payload."""

    codec: ClassVar[Codec]

    def __init__(self, name: str, payload: Any) -> None:
        """Describe an event; nothing is built before it is first used."""
        self.name = name
        self._payload = payload

    @cached_property
    def encode(self) -> Callable[[Any], bytes]:
        """Write a payload; `ValueError` or `TypeError` for what is none."""
        return self.codec.encoder(self._payload)

    @cached_property
    def _decode(self) -> Callable[[bytes | str], Any]:
        return self.codec.decoder(self._payload)

    def decode(self, text: bytes | str) -> Any:
        """Read a payload; `TransportError` for what is none."""
        return _read(self._decode, text, f"the payload of event `{self.name}`")


class Command:
    """A command of the app: its name, and the types of what it takes and gives."""

    codec: ClassVar[Codec]
    raw: ClassVar[Any]

    def __init__(
        self, name: str, arguments: Mapping[str, Any], result: Any, error: type[CommandError] = CommandError
    ) -> None:
        """Describe a command by the names of its arguments in JSON; nothing is built before its first call."""
        self.name = name
        self._values = {name: shape for name, shape in arguments.items() if not isinstance(shape, Messages)}
        self._channels = {name: shape.shape for name, shape in arguments.items() if isinstance(shape, Messages)}
        self._names = tuple(arguments)
        self._result = result
        self._error = error

    @property
    def has_channels(self) -> bool:
        """Whether it sends messages while it runs."""
        return bool(self._channels)

    @cached_property
    def _encode(self) -> Callable[[Mapping[str, Any]], bytes]:
        return self.codec.members_encoder(self._values)

    @cached_property
    def _decode(self) -> Callable[[bytes | str], Any]:
        return self.codec.decoder(self._result)

    def request(self, arguments: tuple[Any, ...], window: str | None) -> tuple[wire.Request, dict[str, Any]]:
        """Give the request, and what was given for the channels, by argument."""
        given = dict(zip(self._names, arguments, strict=True))
        channels = {name: given.pop(name) for name in self._channels}
        if not given:
            return wire.invoke_json(self.name, b"", window, tuple(channels)), channels
        if len(given) == 1 and self._values[name := next(iter(given))] is self.raw:
            return wire.invoke(self.name, given[name], window), channels
        body = self._encode(given)
        return wire.invoke_json(self.name, body, window, tuple(channels)), channels

    def message_reader(self) -> Callable[[str, bytes | str], Any]:
        """Give what makes a value of a channel's name and a message."""
        decoders = {
            name: _as_it_is if shape is self.raw else self.codec.decoder(shape)
            for name, shape in self._channels.items()
        }

        def read(channel: str, message: bytes | str) -> Any:
            return _read(decoders[channel], message, f"a message of channel `{channel}` of command `{self.name}`")

        return read

    def result(self, reply: wire.Reply) -> Any:
        """Give what the command answered; raise the exception for its own kind of error."""
        try:
            wire.check(reply)
        except CommandError as failure:
            raise self._error(failure.problem) from None
        if self._result is self.raw:
            return reply.body
        return _read(self._decode, reply.body or b"null", f"the answer of command `{self.name}`")


class TypedCommandError(CommandError, Generic[_T]):
    """A command of the app answered with an error of a type of its own."""

    codec: ClassVar[Codec]
    value_type: ClassVar[Any]

    @property
    def error(self) -> _T:
        """The command's own error value."""
        value: _T = self.codec.converter(self.value_type)(self.problem.data)
        return value


class BoundCommands:
    """The app's commands, through one host."""

    def __init__(self, host: Host, *, window: str | None = None, timeout_s: float | None = None) -> None:
        """Run commands through `host`, in the named `window` or else the first, each within `timeout_s`."""
        self._host = host
        self._window = window
        self._timeout_s = timeout_s

    def _call(self, command: Command, *arguments: Any) -> _T:  # type: ignore[type-var] # as the caller is declared
        request, listeners = command.request(arguments, self._window)
        if not listeners:
            return command.result(self._host._reply(request, self._timeout_s))  # type: ignore[no-any-return]
        read = command.message_reader()

        def receive(channel: str, message: bytes | str) -> None:
            listeners[channel](read(channel, message))

        from sidecar_bridge._client.calls import reply_with_messages  # noqa: PLC0415 - only calls with channels need it

        reply = reply_with_messages(self._host, request, self._timeout_s, receive)
        return command.result(reply)  # type: ignore[no-any-return]


class AsyncBoundCommands:
    """The app's commands, through one host, for asyncio."""

    def __init__(self, host: AsyncHost, *, window: str | None = None, timeout_s: float | None = None) -> None:
        """Run commands through `host`, in the named `window` or else the first, each within `timeout_s`."""
        self._host = host
        self._window = window
        self._timeout_s = timeout_s

    async def _call(self, command: Command, *arguments: Any) -> _T:
        if not command.has_channels:
            request, _ = command.request(arguments, self._window)
            return command.result(await self._host._reply(request, self._timeout_s))  # type: ignore[no-any-return]
        from sidecar_bridge._client.async_calls import reply_with_messages  # noqa: PLC0415 - imports asyncio
        from sidecar_bridge._client.async_channel import AsyncChannel, ended_by_failure  # noqa: PLC0415

        with ended_by_failure(value for value in arguments if isinstance(value, AsyncChannel)):
            request, channels = command.request(arguments, self._window)
            read = command.message_reader()
            reply = await reply_with_messages(self._host, request, self._timeout_s, channels, read)
            return command.result(reply)  # type: ignore[no-any-return]


class Event(Generic[_T]):
    """One event of the app."""

    def __init__(self, host: Host, event: EventType) -> None:
        """Made by the generated class."""
        self._host = host
        self._event = event

    def listen(self, *, timeout_s: float | None = None) -> AbstractContextManager[Events[_T]]:
        """Subscribe: `with events.progress.listen() as stream: ...`; else as `Host.listen`."""
        from sidecar_bridge._client.events import listen  # noqa: PLC0415 - emitting does not need it

        return listen(self._host, self._event.name, timeout_s, self._event.decode)

    def emit(self, payload: _T, *, target: str | None = None, timeout_s: float | None = None) -> None:
        """Emit it to every listener, or only to those of the label `target`; else as `Host.emit`."""
        request = wire.emit_json(self._event.name, self._event.encode(payload), target)
        self._host._call(request, timeout_s)


class AsyncEvent(Generic[_T]):
    """One event of the app, for asyncio."""

    def __init__(self, host: AsyncHost, event: EventType) -> None:
        """Made by the generated class."""
        self._host = host
        self._event = event

    def listen(self, *, timeout_s: float | None = None) -> AbstractAsyncContextManager[AsyncEvents[_T]]:
        """Subscribe: `async with events.progress.listen() as stream: ...`; else as `AsyncHost.listen`."""
        from sidecar_bridge._client.async_events import listen  # noqa: PLC0415 - imports asyncio

        return listen(self._host, self._event.name, timeout_s, self._event.decode)

    async def emit(self, payload: _T, *, target: str | None = None, timeout_s: float | None = None) -> None:
        """Emit it to every listener, or only to those of the label `target`; else as `AsyncHost.emit`."""
        request = wire.emit_json(self._event.name, self._event.encode(payload), target)
        await self._host._call(request, timeout_s)


class BoundEvents:
    """The app's events, through one host."""

    def __init__(self, host: Host) -> None:
        """Emit and listen through `host`."""
        self._host = host


class AsyncBoundEvents:
    """The app's events, through one host, for asyncio."""

    def __init__(self, host: AsyncHost) -> None:
        """Emit and listen through `host`."""
        self._host = host


def _read(decode: Callable[[bytes | str], Any], text: bytes | str, what: str) -> Any:
    try:
        return decode(text)
    except ValueError as error:
        msg = f"{what} is not what these bindings say: {error}; generate them anew"
        raise TransportError(msg) from error


def _as_it_is(message: bytes | str) -> bytes | str:
    return message
