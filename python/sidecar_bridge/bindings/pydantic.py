"""What generated bindings import for types that pydantic reads and writes, in JSON as serde has it.

Numbers and booleans are strict, since pydantic would take `True` and `"1"` for integers, and serde does not.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Generic, TypeAlias, TypeVar

from pydantic import (
    AnyUrl,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetPydanticSchema,
    JsonValue,
    NaiveDatetime,
    TypeAdapter,
    model_serializer,
)
from pydantic_core import core_schema as cs
from typing_extensions import TypedDict

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

    from pydantic import GetCoreSchemaHandler, SerializationInfo, SerializerFunctionWrapHandler

    from sidecar_bridge.bindings import Codec

__all__ = [
    "BOOL_KEY",
    "F32",
    "F64",
    "I8",
    "I16",
    "I32",
    "I64",
    "I128",
    "INT_KEY",
    "NOT_NULL",
    "OMIT_UNSET",
    "U8",
    "U16",
    "U32",
    "U64",
    "U128",
    "UNSET",
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
    "Model",
    "PartialModel",
    "RawBytes",
    "Span",
    "SystemTime",
    "Time",
    "TimeDelta",
    "TypedCommandError",
    "Unset",
    "Url",
    "contract",
    "is_none",
    "is_unset",
]

_T = TypeVar("_T")

_NANOS_PER_MICRO = 1000
_NANOS_PER_SECOND = 1_000_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _integer(bits: int, *, is_signed: bool) -> Any:
    least = -(2 ** (bits - 1)) if is_signed else 0
    most = 2 ** (bits - is_signed) - 1
    return Field(strict=True, ge=least, le=most)


def _matching(pattern: str, what: str) -> BeforeValidator:
    """Take text of one form only: pydantic would take numbers, and forms that Rust refuses."""
    compiled = re.compile(pattern, re.ASCII)

    def check(value: object) -> object:
        if isinstance(value, int | float) or (isinstance(value, str) and not compiled.fullmatch(value)):
            msg = f"{value!r} is not {what}"
            raise ValueError(msg)
        return value

    return BeforeValidator(check)


def _written_as(
    kind: type, json: cs.CoreSchema, read: Callable[[Any], Any], write: Callable[[Any], Any]
) -> GetPydanticSchema:
    """Take values of `kind`, and what JSON has in their place."""
    from_json = cs.no_info_after_validator_function(read, json)
    schema = cs.json_or_python_schema(
        json_schema=from_json,
        python_schema=cs.union_schema([cs.is_instance_schema(kind), from_json], mode="left_to_right"),
        serialization=cs.plain_serializer_function_ser_schema(write, return_schema=json),
    )
    return GetPydanticSchema(lambda _source, _handler: schema)


Bool = Annotated[bool, Field(strict=True)]
I8 = Annotated[int, _integer(8, is_signed=True)]
I16 = Annotated[int, _integer(16, is_signed=True)]
I32 = Annotated[int, _integer(32, is_signed=True)]
I64 = Annotated[int, _integer(64, is_signed=True)]
I128 = Annotated[int, _integer(128, is_signed=True)]
U8 = Annotated[int, _integer(8, is_signed=False)]
U16 = Annotated[int, _integer(16, is_signed=False)]
U32 = Annotated[int, _integer(32, is_signed=False)]
U64 = Annotated[int, _integer(64, is_signed=False)]
U128 = Annotated[int, _integer(128, is_signed=False)]

Float = Annotated[float, Field(strict=True)]
"""A float where null has a meaning of its own."""

_NULL_AS_NAN = cs.no_info_after_validator_function(lambda _null: math.nan, cs.none_schema())

F64 = Annotated[
    float,
    GetPydanticSchema(
        lambda _source, _handler: cs.union_schema([cs.float_schema(strict=True), _NULL_AS_NAN], mode="left_to_right")
    ),
]
"""A float; serde_json writes NaN and infinity as null, which is read as NaN. Rust takes none of them."""

_LARGEST_F32 = (2 - 2**-23) * 2.0**127


def _single(value: float) -> float:
    # Rust would make infinity of a larger one. NaN is for the host to refuse, with its place.
    if abs(value) > _LARGEST_F32:
        msg = f"{value} is more than an f32 can hold; give a number from -{_LARGEST_F32} to {_LARGEST_F32}"
        raise ValueError(msg)
    return value


def _single_of(*others: cs.CoreSchema) -> GetPydanticSchema:
    """Take what fits into 32 bits, or one of the `others`; of dataclasses and `TypedDict`s it is checked when sent."""
    plain = cs.float_schema(strict=True, ge=-_LARGEST_F32, le=_LARGEST_F32)
    # NaN is in no range.
    nan = cs.no_info_after_validator_function(_single, cs.float_schema(strict=True))
    written = cs.plain_serializer_function_ser_schema(_single, return_schema=cs.float_schema())
    schema = cs.union_schema([plain, *others, nan], mode="left_to_right", serialization=written)
    return GetPydanticSchema(lambda _source, _handler: schema)


Float32 = Annotated[float, _single_of()]
"""A float of 32 bits where null has a meaning of its own."""

F32 = Annotated[float, _single_of(_NULL_AS_NAN)]
"""A float of 32 bits: as `F64`, with the bounds of `f32`."""

JsonNumber: TypeAlias = Annotated[int, Field(strict=True)] | Float
"""`serde_json::Number`, which keeps integers apart from floats."""

Char = Annotated[str, Field(min_length=1, max_length=1)]

_BYTES = _written_as(bytes, cs.list_schema(cs.int_schema(strict=True, ge=0, le=255)), bytes, list)

Bytes = Annotated[bytes, _BYTES]
"""Bytes, which serde writes as an array of integers."""

RawBytes = Annotated[bytes, _BYTES, "raw"]
"""Bytes that are a whole body; beside other arguments, an array of integers."""

_DATE = r"\d{4}-\d\d-\d\d"
_TIME = r"\d\d:\d\d:\d\d(\.\d+)?"

Date = Annotated[date, _matching(_DATE, "a date such as 2024-12-31")]
Time = Annotated[time, _matching(_TIME, "a time such as 23:59:59")]
"""A time of day; Python's has microseconds, and what is finer is cut off."""

DateTime = Annotated[
    AwareDatetime, _matching(rf"{_DATE}T{_TIME}(Z|[+-]\d\d:\d\d)", "a time such as 2024-12-31T23:59:59Z (RFC 3339)")
]
"""A time with an offset; Python's has microseconds, and what is finer is cut off."""

LocalDateTime = Annotated[NaiveDatetime, _matching(rf"{_DATE}T{_TIME}", "a time such as 2024-12-31T23:59:59")]
"""A time without an offset; Python's has microseconds, and what is finer is cut off."""


def _timedelta(seconds: int, nanos: int) -> timedelta:
    try:
        return timedelta(seconds=seconds, microseconds=nanos // _NANOS_PER_MICRO)
    except OverflowError:
        msg = f"{seconds} seconds are more than a timedelta can hold"
        raise ValueError(msg) from None


_SPAN = re.compile(
    r"(?P<sign>[+-]?)PT(?=\d)((?P<hours>\d+)H)?((?P<minutes>\d+)M)?((?P<seconds>\d+)(\.(?P<fraction>\d+))?S)?", re.ASCII
)


def _span(text: str) -> timedelta:
    # pydantic's own reader takes no more than eight digits of each.
    match = _SPAN.fullmatch(text)
    if match is None:
        msg = f"{text!r} is not a span of time such as PT2H30M (ISO 8601)"
        raise ValueError(msg)
    parts = match.groupdict(default="0")
    seconds = int(parts["hours"]) * 3600 + int(parts["minutes"]) * 60 + int(parts["seconds"])
    span = _timedelta(seconds, int(parts["fraction"][:9].ljust(9, "0")))
    return -span if parts["sign"] == "-" else span


def _span_text(span: timedelta) -> str:
    micros = span // timedelta(microseconds=1)
    seconds, rest = divmod(abs(micros), 1_000_000)
    fraction = f".{rest:06}" if rest else ""
    # Not in days, which jiff does not take for 24 hours.
    return f"{'-' if micros < 0 else ''}PT{seconds}{fraction}S"


Span = Annotated[timedelta, _written_as(timedelta, cs.str_schema(strict=True), _span, _span_text)]
"""A span of time; Python's has microseconds, and what is finer is cut off."""


def _seconds_and_nanos(seconds: str, nanos: str) -> cs.CoreSchema:
    return cs.typed_dict_schema(
        {
            seconds: cs.typed_dict_field(cs.int_schema(strict=True, ge=0, le=2**64 - 1)),
            nanos: cs.typed_dict_field(cs.int_schema(strict=True, ge=0, lt=_NANOS_PER_SECOND)),
        },
        extra_behavior="forbid",
    )


def _parts(span: timedelta, seconds: str, nanos: str) -> dict[str, int]:
    whole, rest = divmod(span, timedelta(seconds=1))
    if whole < 0:
        msg = f"{span} is negative, which Rust cannot take here"
        raise ValueError(msg)
    return {seconds: whole, nanos: rest.microseconds * _NANOS_PER_MICRO}


def _system_time(value: dict[str, int]) -> datetime:
    try:
        return _EPOCH + _timedelta(value["secs_since_epoch"], value["nanos_since_epoch"])
    except OverflowError:
        msg = f"{value['secs_since_epoch']} seconds since 1970 are more than a datetime can hold"
        raise ValueError(msg) from None


TimeDelta = Annotated[
    timedelta,
    _written_as(
        timedelta,
        cs.tuple_schema(
            [
                cs.int_schema(strict=True, ge=-(2**63), le=2**63 - 1),
                cs.int_schema(strict=True, ge=0, lt=_NANOS_PER_SECOND),
            ]
        ),
        lambda parts: _timedelta(*parts),
        lambda span: (span // timedelta(seconds=1), span.microseconds * _NANOS_PER_MICRO),
    ),
]
"""`chrono::TimeDelta`, which may be negative; Python's has microseconds, and what is finer is cut off."""

Duration = Annotated[
    timedelta,
    _written_as(
        timedelta,
        _seconds_and_nanos("secs", "nanos"),
        lambda value: _timedelta(value["secs"], value["nanos"]),
        lambda span: _parts(span, "secs", "nanos"),
    ),
]
"""`std::time::Duration`; Python's timedelta has microseconds, and what is finer is cut off."""

SystemTime = Annotated[
    datetime,
    _written_as(
        datetime,
        _seconds_and_nanos("secs_since_epoch", "nanos_since_epoch"),
        _system_time,
        lambda moment: _parts(moment - _EPOCH, "secs_since_epoch", "nanos_since_epoch"),
    ),
]
"""`std::time::SystemTime`; Python's datetime has microseconds, and what is finer is cut off."""

Url: TypeAlias = AnyUrl


def _int_key(key: object) -> object:
    return int(key) if isinstance(key, str) and re.fullmatch(r"-?(0|[1-9]\d*)", key, re.ASCII) else key


INT_KEY = BeforeValidator(_int_key)
"""For keys of a map, which JSON has as strings."""

BOOL_KEY = BeforeValidator(lambda key: {"true": True, "false": False}.get(key, key))
"""For keys of a map, which JSON has as strings."""


class Unset(Enum):
    """The type of `UNSET`."""

    UNSET = object()


UNSET: Final = Unset.UNSET
"""In a field that is not there, where None would be something else to Rust."""


class _NotNull:
    """Refuses null in JSON, where None stands for absence in Python."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> cs.CoreSchema:
        schema = handler(source)
        present = schema["schema"] if schema["type"] == "nullable" else schema
        return cs.json_or_python_schema(json_schema=present, python_schema=schema)


NOT_NULL: Final = _NotNull()
"""Marks a field that may be absent in JSON, and is never null."""

OMIT_UNSET: Final = object()
"""Marks a field that is sent only if it was set, since absent and null are two things to Rust."""


def is_none(value: object) -> bool:
    """Tell whether a field has no value, and is not sent."""
    return value is None


def is_unset(value: object) -> bool:
    """Tell whether a field was not set, and is not sent."""
    return value is UNSET


class Model(BaseModel):
    """What the models share: they are made with their Python names, and read and written with those on the wire."""

    # Each is built at its first use, so that a sidecar does not wait for hundreds that it may never need.
    model_config: ClassVar[ConfigDict] = ConfigDict(
        defer_build=True,
        populate_by_name=True,
        protected_namespaces=(),
        # The host refuses NaN with its place, where null would be taken for something else.
        ser_json_inf_nan="constants",
        serialize_by_alias=True,
    )


class PartialModel(Model):
    """A model with fields that are sent only if they were set; after that they are sent as null, too."""

    @model_serializer(mode="wrap")
    def _without_unset(self, write: SerializerFunctionWrapHandler, info: SerializationInfo) -> dict[str, Any]:
        written: dict[str, Any] = write(self)
        for name, field in type(self).model_fields.items():
            if name not in self.model_fields_set and OMIT_UNSET in field.metadata:
                written.pop(name if info.by_alias is False else field.serialization_alias or name, None)
        return written


class _Pydantic:
    """pydantic, as the codec of commands and events. JSON has the names on the wire only."""

    @staticmethod
    def encoder(shape: Any) -> Callable[[Any], bytes]:
        adapter = TypeAdapter(shape)
        return lambda value: adapter.dump_json(value, by_alias=True, warnings="error")

    @staticmethod
    def members_encoder(shapes: Mapping[str, Any]) -> Callable[[Mapping[str, Any]], bytes]:
        return _Pydantic.encoder(TypedDict("Arguments", dict(shapes)))  # type: ignore[operator] # made at run time

    @staticmethod
    def decoder(shape: Any) -> Callable[[bytes | str], Any]:
        adapter = TypeAdapter(shape)
        return lambda text: adapter.validate_json(text, by_alias=True, by_name=False)

    @staticmethod
    def converter(shape: Any) -> Callable[[Any], Any]:
        adapter = TypeAdapter(shape)
        return lambda value: adapter.validate_python(value, by_alias=True, by_name=False)


class Command(bindings.Command):
    """A command whose types pydantic reads and writes."""

    codec: ClassVar[Codec] = _Pydantic
    raw: ClassVar[Any] = RawBytes


class EventType(bindings.EventType):
    """An event whose payload pydantic reads and writes."""

    codec: ClassVar[Codec] = _Pydantic


class TypedCommandError(bindings.TypedCommandError[_T], Generic[_T]):
    """A command of the app answered with an error that pydantic reads."""

    codec: ClassVar[Codec] = _Pydantic
