"""What Python's own types are in JSON: in arguments and payloads, and in all that `FakeHost` is given."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Annotated, Any, NamedTuple
from uuid import UUID

import attrs
import msgspec
import pydantic
import pytest

from sidecar_bridge._native import encode_json


class Colour(Enum):
    RED = "red"
    NOON = time(12)


class Size(IntEnum):
    BIG = 3


class Name(StrEnum):
    ADA = "ada"


class Pair(NamedTuple):
    left: date
    right: int


@dataclass
class Inner:
    at: datetime
    tags: list[Colour] = field(default_factory=list)


@dataclass(slots=True, frozen=True)
class Outer:
    inner: Inner
    where: Path
    maybe: UUID | None = None


@pydantic.dataclasses.dataclass
class Aliased:
    first_name: Annotated[str, pydantic.Field(alias="firstName")]


@dataclass
class Described:
    """As generated bindings have it: a plain dataclass whose names in JSON are pydantic's to say."""

    first_name: Annotated[str, pydantic.Field(alias="firstName")]
    born: date


@attrs.define
class Attrs:
    at: date
    _private: int = 1


class Struct(msgspec.Struct, rename="camel"):
    first_name: str
    at: date


AT = datetime(2024, 12, 31, 23, 59, 59, 250_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (AT, "2024-12-31T23:59:59.250000+00:00"),
        (AT.replace(tzinfo=timezone(-timedelta(hours=3, minutes=30))), "2024-12-31T23:59:59.250000-03:30"),
        (datetime(2024, 12, 31), "2024-12-31T00:00:00"),
        (date(2024, 12, 31), "2024-12-31"),
        (time(23, 59), "23:59:00"),
        (UUID(int=7), "00000000-0000-0000-0000-000000000007"),
        (PurePosixPath("/tmp/grüße"), "/tmp/grüße"),
        (PureWindowsPath("C:\\a"), "C:\\a"),
        (Decimal("1.10"), "1.10"),
        (Decimal("1E+2"), "100"),
        (Colour.RED, "red"),
        (Colour.NOON, "12:00:00"),
        (Size.BIG, 3),
        (Name.ADA, "ada"),
        (Pair(date(2024, 1, 2), 3), ["2024-01-02", 3]),
        (Inner(AT, [Colour.RED]), {"at": "2024-12-31T23:59:59.250000+00:00", "tags": ["red"]}),
        (
            Outer(Inner(AT), Path("/a")),
            {"inner": {"at": "2024-12-31T23:59:59.250000+00:00", "tags": []}, "where": str(Path("/a")), "maybe": None},
        ),
        (pydantic.TypeAdapter(Aliased).validate_python({"firstName": "Ada"}), {"firstName": "Ada"}),
        (Described("Ada", date(2024, 1, 2)), {"firstName": "Ada", "born": "2024-01-02"}),
        (Attrs(date(2024, 1, 2)), {"at": "2024-01-02", "_private": 1}),
        (Struct("Ada", date(2024, 1, 2)), {"firstName": "Ada", "at": "2024-01-02"}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_it_is_json(value: object, expected: object) -> None:
    assert json.loads(encode_json(value, "it")) == expected
    assert json.loads(encode_json({"a": [value]}, "it")) == {"a": [expected]}


class Odd(Enum):
    IT = b"bytes"


@dataclass
class Holder:
    value: Any


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        (timedelta(1), TypeError, r"`\$.a` is of type timedelta, which has no form of its own.*total_seconds\(\)"),
        (Decimal("NaN"), ValueError, r"`\$.a` is NaN; send a finite number"),
        (Decimal("-Infinity"), ValueError, r"`\$.a` is -Infinity; send a finite number"),
        (datetime.max.replace(tzinfo=timezone(timedelta(seconds=61))), ValueError, r"offset.*send it in UTC"),
        (Odd.IT, TypeError, r"`\$.a` is of type bytes; convert"),
        (Path("/\udcff"), ValueError, "half a character"),
        (Holder(Holder({1: 2})), TypeError, r"`\$.a.value.value` has a key of type int"),
        (Holder({1, 2}), TypeError, r"`\$.a.value` is of type set; convert it to str, .* list or dict"),
        (Holder, TypeError, r"`\$.a` is of type type; convert"),
        (Colour, TypeError, r"`\$.a` is of type EnumType; convert"),
        (pydantic.BaseModel, TypeError, r"`\$.a` is of type ModelMetaclass; convert"),
    ],
    ids=str,
)
def test_it_is_refused(value: object, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        encode_json({"a": value}, "it")


def test_what_holds_itself_is_refused() -> None:
    holder = Holder(None)
    holder.value = holder
    with pytest.raises(ValueError, match="nested over 128 deep, or holds itself"):
        encode_json(holder, "it")


def test_what_its_own_code_raises_is_raised() -> None:
    class Broken:
        def __fspath__(self) -> str:
            msg = "no path"
            raise LookupError(msg)

    with pytest.raises(LookupError, match="no path"):
        encode_json([Broken()], "it")


def test_a_dict_that_changes_meanwhile_is_refused() -> None:
    members: dict[str, object] = {}

    class Growing:
        def __fspath__(self) -> str:
            members["more"] = 1
            return "/a"

    members.update(a=Growing(), b=2)
    with pytest.raises(ValueError, match=r"`\$` changed while it was written; send a copy"):
        encode_json(members, "it")
