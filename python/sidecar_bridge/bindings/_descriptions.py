"""How generated bindings describe an app: the commands, the events, and the types that both carry."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Protocol, TypeVar

from sidecar_bridge._client import wire
from sidecar_bridge._client.errors import CommandError, UnexpectedTypeError
from sidecar_bridge._client.reading import faults

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_T = TypeVar("_T")


class Codec(Protocol):
    """How a library reads and writes JSON."""

    def encoder(self, shape: Any) -> Callable[[Any], bytes]:
        """Give the function that writes values of a type, and raises `ValueError` or `TypeError` for others."""

    def members_encoder(self, shapes: Mapping[str, Any]) -> Callable[[Mapping[str, Any]], bytes]:
        """Give the function that writes an object with these members; the errors are the same."""

    def decoder(self, shape: Any) -> Callable[[bytes | str], Any]:
        """Give the function that reads values of a type, and raises `ValueError` for others."""

    def converter(self, shape: Any) -> Callable[[Any], Any]:
        """Give the function that makes values of a type from parsed JSON, and raises `ValueError` for others."""


class Messages:
    """Stands in the place of an argument's type: a channel for messages of a type."""

    def __init__(self, shape: Any) -> None:
        """Describe a channel."""
        self.shape = shape


class EventType:
    """An event of the app: the name, and the type of the payload."""

    codec: ClassVar[Codec]

    def __init__(self, name: str, payload: Any) -> None:
        """Describe an event; the codec is built at the first use."""
        self.name = name
        self._payload = payload

    @cached_property
    def encode(self) -> Callable[[Any], bytes]:
        """Write a payload; `ValueError` or `TypeError` for a value of another type."""
        return self.codec.encoder(self._payload)

    @cached_property
    def _decode(self) -> Callable[[bytes | str], Any]:
        return self.codec.decoder(self._payload)

    def decode(self, text: bytes | str) -> Any:
        """Read a payload; `UnexpectedTypeError` for JSON of another type."""
        return _read(self._decode, text, f"the payload of event `{self.name}`")


class Command:
    """A command of the app: the name, and the types of the arguments and the result."""

    codec: ClassVar[Codec]
    raw: ClassVar[Any]

    def __init__(
        self,
        name: str,
        arguments: Mapping[str, Any],
        result: Any,
        error: type[CommandError] = CommandError,
        *,
        aliases: Mapping[str, str] | None = None,
    ) -> None:
        """Describe a command by the names of the arguments in JSON; the codec is built at the first call.

        `aliases` are the names that arguments have if the command is one with `rename_all = "snake_case"`, which nobody
        can see from outside: the command gets each value under both names.
        """
        self.name = name
        self._values = {name: shape for name, shape in arguments.items() if not isinstance(shape, Messages)}
        self._channels = {name: shape.shape for name, shape in arguments.items() if isinstance(shape, Messages)}
        self._names = tuple(arguments)
        self._result = result
        self._error = error
        self._query = wire.aliases(aliases or {})

    @property
    def has_channels(self) -> bool:
        """Whether the command sends messages while it runs."""
        return bool(self._channels)

    @cached_property
    def _encode(self) -> Callable[[Mapping[str, Any]], bytes]:
        return self.codec.members_encoder(self._values)

    @cached_property
    def _decode(self) -> Callable[[bytes | str], Any]:
        return self.codec.decoder(self._result)

    def channels(self, arguments: tuple[Any, ...]) -> dict[str, Any]:
        """Give the arguments that are channels, by name."""
        return {name: value for name, value in self._given(arguments) if name in self._channels}

    def request(self, arguments: tuple[Any, ...], window: str | None) -> wire.Request:
        """Give the request; `ValueError` or `TypeError` for values of other types."""
        values = {name: value for name, value in self._given(arguments) if name in self._values}
        channels = tuple(self._channels)
        if not values:
            return wire.invoke_json(self.name, b"", window, channels, self._query)
        if len(values) == 1 and self._values[name := next(iter(values))] is self.raw:
            return wire.invoke(self.name, values[name], window, channels)
        return wire.invoke_json(self.name, self._encode(values), window, channels, self._query)

    def _given(self, arguments: tuple[Any, ...]) -> Iterator[tuple[str, Any]]:
        return zip(self._names, arguments, strict=True)

    def message_reader(self) -> Callable[[str, bytes | str], Any]:
        """Give the function that makes a value of a channel's name and a message."""
        decoders = {
            name: _as_it_is if shape is self.raw else self.codec.decoder(shape)
            for name, shape in self._channels.items()
        }

        def read(channel: str, message: bytes | str) -> Any:
            return _read(decoders[channel], message, f"a message of channel `{channel}` of command `{self.name}`")

        return read

    def result(self, reply: wire.Reply) -> Any:
        """Give the command's result; raise the command's own exception for an error of the command."""
        try:
            wire.check(reply)
        except CommandError as failure:
            raise self._error(failure.problem) from None
        if self._result is self.raw:
            return reply.body
        return _read(self._decode, reply.body or b"null", f"the answer of command `{self.name}`")


class TypedCommandError(CommandError, Generic[_T]):
    """A command of the app answered with an error that has a type of its own."""

    codec: ClassVar[Codec]
    value_type: ClassVar[Any]

    @property
    def error(self) -> _T:
        """The command's own error value; `UnexpectedTypeError` for one of another type."""
        try:
            value: _T = self.codec.converter(self.value_type)(self.problem.data)
        except ValueError as error:
            msg = f"the error of a command is not what these bindings say: {faults(error)}; generate them anew"
            raise UnexpectedTypeError(msg) from error
        return value


def _read(decode: Callable[[bytes | str], Any], text: bytes | str, what: str) -> Any:
    try:
        return decode(text)
    except ValueError as error:
        wire.parse(text)  # no JSON at all is another error
        msg = f"{what} is not what these bindings say: {faults(error)}; generate them anew"
        raise UnexpectedTypeError(msg) from error


def _as_it_is(message: bytes | str) -> bytes | str:
    return message
