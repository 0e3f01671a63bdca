"""Answers of Tauri's commands: each function makes the value of one, or raises `ValueError`."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Never, TypeVar

from sidecar_bridge.tauri.dpi import LogicalPosition, PhysicalPosition, PhysicalSize

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from uuid import UUID

_A = TypeVar("_A")
_B = TypeVar("_B")
_E = TypeVar("_E", bound=Enum)


def _wrong(wanted: str, value: object) -> Never:
    msg = f"{type(value).__name__} in place of {wanted}"
    raise ValueError(msg)


def nothing(_value: Any) -> None:
    """Give nothing, whatever it was."""


def anything(value: Any) -> Any:
    """Give any JSON value."""
    return value


def text(value: Any) -> str:
    """Give a string."""
    return value if isinstance(value, str) else _wrong("str", value)


def boolean(value: Any) -> bool:
    """Give a bool."""
    return value if isinstance(value, bool) else _wrong("bool", value)


def integer(value: Any) -> int:
    """Give a whole number."""
    return value if isinstance(value, int) and not isinstance(value, bool) else _wrong("int", value)


def some(value: Any) -> int:
    """Give a whole number above 0."""
    found = integer(value)
    return found if found > 0 else _wrong("a number above 0", value)


def number(value: Any) -> float:
    """Give any number, as a float."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else _wrong("float", value)


def path(value: Any) -> Path:
    """Give a path."""
    return Path(text(value))


def data(value: Any) -> bytes:
    """Give bytes, which come raw or as a list of numbers."""
    return value if isinstance(value, bytes) else bytes(many(integer)(value))


def utf8(value: Any) -> str:
    """Give the text of bytes."""
    return data(value).decode("utf-8")


def uuid(value: Any) -> UUID:
    """Give a UUID of its sixteen bytes."""
    from uuid import UUID  # noqa: PLC0415 - few calls need it

    return UUID(bytes=data(value))


def moment(value: Any) -> datetime:
    """Give the time of milliseconds since 1970, in UTC."""
    from datetime import UTC, datetime  # noqa: PLC0415 - few calls need it

    return datetime.fromtimestamp(integer(value) / 1000, UTC)


def physical_size(value: Any) -> PhysicalSize:
    """Give a size in physical pixels."""
    return PhysicalSize(integer(value["width"]), integer(value["height"]))


def physical_position(value: Any) -> PhysicalPosition:
    """Give a position in physical pixels."""
    x, y = value["x"], value["y"]
    return PhysicalPosition(x if isinstance(x, int) else number(x), y if isinstance(y, int) else number(y))


def logical_position(value: Any) -> LogicalPosition:
    """Give a position in logical pixels."""
    return LogicalPosition(number(value["x"]), number(value["y"]))


def members(value: Any) -> None:
    """Refuse what is no object with members."""
    if not isinstance(value, dict):
        _wrong("dict", value)


def row(length: int, value: Any) -> None:
    """Refuse what is no list of that many parts."""
    if not (isinstance(value, list) and len(value) == length):
        _wrong(f"list of {length}", value)


def maybe(read: Callable[[Any], _A]) -> Callable[[Any], _A | None]:
    """Give `None` too."""
    return lambda value: None if value is None else read(value)


def many(read: Callable[[Any], _A]) -> Callable[[Any], list[_A]]:
    """Give a list."""
    return lambda value: [read(part) for part in value] if isinstance(value, list) else _wrong("list", value)


def mapping(read: Callable[[Any], _A]) -> Callable[[Any], dict[str, _A]]:
    """Give a dict."""
    return lambda value: (
        {key: read(part) for key, part in value.items()} if isinstance(value, dict) else _wrong("dict", value)
    )


def member(kind: type[_E]) -> Callable[[Any], _E]:
    """Give a member of an enum."""
    return kind


def one_of(words: tuple[_A, ...]) -> Callable[[Any], _A]:
    """Give one of some words."""

    def read(value: Any) -> _A:
        for word in words:
            if word == value:
                return word
        return _wrong(f"one of {words}", value)

    return read


def either(first: Callable[[Any], _A], second: Callable[[Any], _B]) -> Callable[[Any], _A | _B]:
    """Give what the first one gives, else what the second one gives."""

    def read(value: Any) -> _A | _B:
        try:
            return first(value)
        except (ValueError, TypeError, KeyError):
            return second(value)

    return read
