"""What generated bindings import for types that msgspec reads and writes, in JSON as serde has it.

msgspec checks what it reads and not what it writes, so wrong values are Rust's to refuse, but for a float of 32 bits:
Rust would make infinity of it. msgspec takes no null for NaN.
"""

from __future__ import annotations

from datetime import date, datetime, time
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Generic, TypeAlias, TypeVar

import msgspec
import msgspec.inspect
from msgspec import UNSET, Meta, Struct

from sidecar_bridge import bindings
from sidecar_bridge.bindings import (
    AsyncBoundCommands,
    AsyncBoundEvents,
    AsyncEvent,
    BoundCommands,
    BoundEvents,
    Event,
    Messages,
    contract,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sidecar_bridge.bindings import Codec

__all__ = [
    "F32",
    "F64",
    "I8",
    "I16",
    "I32",
    "I64",
    "I128",
    "U8",
    "U16",
    "U32",
    "U64",
    "U128",
    "AsyncBoundCommands",
    "AsyncBoundEvents",
    "AsyncEvent",
    "Bool",
    "BoundCommands",
    "BoundEvents",
    "Bytes",
    "Char",
    "Command",
    "Date",
    "DateTime",
    "Duration",
    "Event",
    "EventType",
    "Float",
    "Float32",
    "JsonNumber",
    "JsonValue",
    "LocalDateTime",
    "Messages",
    "OneOf",
    "RawBytes",
    "Span",
    "SystemTime",
    "Time",
    "TimeDelta",
    "TypedCommandError",
    "Url",
    "contract",
]

_T = TypeVar("_T")

Bool: TypeAlias = bool
I8 = Annotated[int, Meta(ge=-(2**7), le=2**7 - 1)]
I16 = Annotated[int, Meta(ge=-(2**15), le=2**15 - 1)]
I32 = Annotated[int, Meta(ge=-(2**31), le=2**31 - 1)]
I64 = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
I128: TypeAlias = int
U8 = Annotated[int, Meta(ge=0, le=2**8 - 1)]
U16 = Annotated[int, Meta(ge=0, le=2**16 - 1)]
U32 = Annotated[int, Meta(ge=0, le=2**32 - 1)]
U64 = Annotated[int, Meta(ge=0)]
U128 = Annotated[int, Meta(ge=0)]
Float: TypeAlias = float
_LARGEST_F32 = (2 - 2**-23) * 2.0**127
F32 = Annotated[float, Meta(ge=-_LARGEST_F32, le=_LARGEST_F32)]
"""A float with the bounds of `f32`, which are checked when it is sent, too: Rust makes infinity of a larger one."""

Float32: TypeAlias = F32
F64: TypeAlias = float
JsonNumber: TypeAlias = int | float
Char = Annotated[str, Meta(min_length=1, max_length=1)]

if TYPE_CHECKING:
    JsonValue: TypeAlias = bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"] | None
else:
    # msgspec does not read aliases that mention themselves.
    JsonValue = Any

Bytes: TypeAlias = list[U8]
"""Bytes, which serde writes as an array of integers."""

RawBytes = Annotated[bytes, Meta(description="raw")]
"""Bytes that are a whole body; beside other arguments, an array of integers."""

Date: TypeAlias = date
Time = Annotated[time, Meta(tz=False)]
"""A time of day; Python's has microseconds, and what is finer is rounded."""

DateTime = Annotated[datetime, Meta(tz=True)]
"""A time with an offset; Python's has microseconds, and what is finer is rounded."""

LocalDateTime = Annotated[datetime, Meta(tz=False)]
"""A time without an offset; Python's has microseconds, and what is finer is rounded."""

Span: TypeAlias = str
"""A span of time as ISO 8601 has it; msgspec's own form of a timedelta has days, which jiff does not take."""

TimeDelta: TypeAlias = tuple[I64, Annotated[int, Meta(ge=0, lt=1_000_000_000)]]
"""`chrono::TimeDelta`: seconds, which may be negative, and nanoseconds."""

Url: TypeAlias = str


class Duration(Struct, frozen=True, forbid_unknown_fields=True):
    """`std::time::Duration`."""

    secs: U64
    nanos: Annotated[int, Meta(ge=0, lt=1_000_000_000)]


class SystemTime(Struct, frozen=True, forbid_unknown_fields=True):
    """`std::time::SystemTime`."""

    secs_since_epoch: U64
    nanos_since_epoch: Annotated[int, Meta(ge=0, lt=1_000_000_000)]


class OneOf(Struct, forbid_unknown_fields=True):
    """A Rust enum of which each variant is a field: one of them is set."""

    def __post_init__(self) -> None:
        """Refuse any other number of them."""
        given = [name for name in self.__struct_fields__ if getattr(self, name) is not UNSET]
        if len(given) != 1:
            msg = f"{type(self).__name__} has {', '.join(given) or 'no field'}; give it one field"
            raise ValueError(msg)


def _reading(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def checked(value: Any) -> Any:
        try:
            return read(value)
        except msgspec.MsgspecError as error:
            raise ValueError(str(error)) from error

    return checked


def _holds_f32(shape: Any) -> bool:
    """Tell whether values of a type may hold an `F32`."""
    waiting: list[Any] = [msgspec.inspect.type_info(shape)]
    seen: dict[int, Any] = {}
    while waiting:
        part = waiting.pop()
        if isinstance(part, msgspec.inspect.FloatType) and part.le == _LARGEST_F32:
            return True
        if isinstance(part, tuple | list):
            waiting.extend(part)
        elif isinstance(part, Struct) and id(part) not in seen:
            seen[id(part)] = part
            waiting.extend(getattr(part, name) for name in part.__struct_fields__)
    return False


class _Msgspec:
    """msgspec, as the codec of commands and events."""

    @staticmethod
    def encoder(shape: Any) -> Callable[[Any], bytes]:
        if not _holds_f32(shape):
            return msgspec.json.encode
        read = _Msgspec.decoder(shape)

        def encode(value: Any) -> bytes:
            text = msgspec.json.encode(value)
            read(text)
            return text

        return encode

    @staticmethod
    def members_encoder(shapes: Mapping[str, Any]) -> Callable[[Mapping[str, Any]], bytes]:
        raw = {name for name, shape in shapes.items() if shape is RawBytes}
        checked = {name: _Msgspec.encoder(shape) for name, shape in shapes.items() if _holds_f32(shape)}

        def written(name: str, value: Any) -> Any:
            if name in checked:
                return msgspec.Raw(checked[name](value))
            return list(value) if name in raw else value

        return lambda values: msgspec.json.encode({name: written(name, value) for name, value in values.items()})

    @staticmethod
    def decoder(shape: Any) -> Callable[[bytes | str], Any]:
        return _reading(msgspec.json.Decoder(shape).decode)

    @staticmethod
    def converter(shape: Any) -> Callable[[Any], Any]:
        return _reading(lambda value: msgspec.convert(value, shape))


class Command(bindings.Command):
    """A command whose types msgspec reads and writes."""

    codec: ClassVar[Codec] = _Msgspec
    raw: ClassVar[Any] = RawBytes


class EventType(bindings.EventType):
    """An event whose payload msgspec reads and writes."""

    codec: ClassVar[Codec] = _Msgspec


class TypedCommandError(bindings.TypedCommandError[_T], Generic[_T]):
    """A command of the app answered with an error that msgspec reads."""

    codec: ClassVar[Codec] = _Msgspec
