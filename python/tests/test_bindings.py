"""What generated bindings are made of: values at the bounds of Rust's types, and the names of arguments."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from pydantic import BaseModel
from typing_extensions import TypedDict

from sidecar_bridge._client import wire
from sidecar_bridge.bindings import msgspec as of_msgspec
from sidecar_bridge.bindings import pydantic as of_pydantic

if TYPE_CHECKING:
    from sidecar_bridge.testing import FakeHost

LARGEST = 3.4028234663852886e38
"""`f32::MAX`."""


class Model(of_pydantic.Model):
    """As an export writes it."""

    single: of_pydantic.F32
    perhaps: of_pydantic.Float32 | None = None


@dataclass(kw_only=True, slots=True)
class Dataclass:
    """As an export writes it."""

    single: of_pydantic.F32
    perhaps: of_pydantic.Float32 | None = None


class Dict(TypedDict):
    """As an export writes it."""

    single: of_pydantic.F32
    perhaps: of_pydantic.Float32 | None


class Struct(msgspec.Struct, kw_only=True):
    """As an export writes it."""

    single: of_msgspec.F32
    perhaps: of_msgspec.Float32 | None = None


class Tree(msgspec.Struct, kw_only=True):
    """A type within itself."""

    below: list[Tree]
    leaf: Struct | None = None


STYLES: list[tuple[Any, Any]] = [
    (of_pydantic.Command, Model),
    (of_pydantic.Command, Dataclass),
    (of_pydantic.Command, Dict),
    (of_msgspec.Command, Struct),
]
STYLE = pytest.mark.parametrize(("command", "kind"), STYLES, ids=lambda value: value.__name__)


def made(kind: Any, **members: float | None) -> Any:
    """Make a value without a check, as Python code may."""
    return kind.model_construct(**members) if issubclass(kind, BaseModel) else kind(**members)


@STYLE
@pytest.mark.parametrize("number", [0.0, -0.5, LARGEST, -LARGEST, 1e-50])
def test_a_float_of_32_bits_travels(command: Any, kind: Any, number: float) -> None:
    encode, decode = command.codec.encoder(kind), command.codec.decoder(kind)
    value = made(kind, single=number, perhaps=number)
    assert decode(encode(value)) == value
    assert decode(encode(made(kind, single=number, perhaps=None))) == made(kind, single=number, perhaps=None)


@STYLE
@pytest.mark.parametrize("number", [LARGEST * 1.0000001, -1e39])
def test_a_number_beyond_32_bits_is_neither_read_nor_sent(command: Any, kind: Any, number: float) -> None:
    encode = command.codec.members_encoder({"it": list[kind]})
    for name in ("single", "perhaps"):
        with pytest.raises(ValueError):  # noqa: PT011 - each library has its own words
            encode({"it": [made(kind, **{"single": 1.0, "perhaps": None, name: number})]})
        text = f'{{"single":1.0,"perhaps":null,"{name}":{number!r}}}'
        with pytest.raises(ValueError):  # noqa: PT011 - each library has its own words
            command.codec.decoder(kind)(text)


def test_the_error_says_what_an_f32_can_hold() -> None:
    encode = of_pydantic.Command.codec.encoder(of_pydantic.F32)
    with pytest.raises(ValueError, match=r"1e\+39 is more than an f32 can hold; give a number from -3\.4\d+e\+38 to"):
        encode(1e39)


def test_null_of_32_bits_is_nan_and_nan_is_for_the_host_to_refuse() -> None:
    assert math.isnan(Model(single=math.nan).single)
    read = of_pydantic.Command.codec.decoder(Model)('{"single":null}')
    assert math.isnan(read.single)
    assert b"NaN" in of_pydantic.Command.codec.encoder(Model)(read)
    with pytest.raises(ValueError, match="perhaps"):
        Model(single=1.0, perhaps="1")  # type: ignore[arg-type] # on purpose


def test_msgspec_checks_what_it_sends_only_where_rust_would_not() -> None:
    codec = of_msgspec.Command.codec
    assert codec.encoder(list[of_msgspec.U8])([300]) == b"[300]"
    assert codec.encoder(of_msgspec.F64)(1e39) == b"1e39"
    encode = codec.encoder(Tree)
    assert encode(Tree(below=[Tree(below=[])]))
    with pytest.raises(ValueError, match=r"below.*leaf.*single"):
        encode(Tree(below=[Tree(below=[], leaf=Struct(single=1e39))]))


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (timedelta(0), b"[0,0]"),
        (timedelta(hours=1, microseconds=5), b"[3600,5000]"),
        (timedelta(microseconds=-1), b"[-1,999999000]"),
        (timedelta.min, b"[-86399999913600,0]"),
    ],
)
def test_a_span_of_chrono(span: timedelta, text: bytes) -> None:
    codec = of_pydantic.Command.codec
    assert codec.encoder(of_pydantic.TimeDelta)(span) == text
    assert codec.decoder(of_pydantic.TimeDelta)(text) == span
    seconds, nanos = span // timedelta(seconds=1), span.microseconds * 1000
    assert of_msgspec.Command.codec.encoder(of_msgspec.TimeDelta)((seconds, nanos)) == text
    assert of_msgspec.Command.codec.decoder(of_msgspec.TimeDelta)(text) == (seconds, nanos)


@pytest.mark.parametrize("text", ["[0,-1]", "[0,1000000000]", "[0]", "[0,0,0]", "[99999999999999,0]", '"PT1S"'])
def test_what_is_no_span_of_chrono(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each has its own words
        of_pydantic.Command.codec.decoder(of_pydantic.TimeDelta)(text)


def test_arguments_are_sent_with_both_of_their_names(fake_host: FakeHost) -> None:
    aliases = {"taskId": "task_id", "größeInM": "größe_in_m"}
    assert wire.aliases(aliases) == "?alias=taskId:task_id,gr%C3%B6%C3%9FeInM:gr%C3%B6%C3%9Fe_in_m"
    assert wire.aliases({}) == ""
    fake_host.answers("close", None)

    class Commands(of_pydantic.BoundCommands):
        def close(self, task_id: int) -> None:
            self._call(of_pydantic.Command("close", {"taskId": int}, None, aliases=aliases), task_id)

    Commands(fake_host.host).close(1)
    assert fake_host.args_of("close") == [{"taskId": 1}]
