"""What a child process tells; `sidecar_bridge.tauri.shell` has these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

from sidecar_bridge.tauri import _results as results

if TYPE_CHECKING:
    from collections.abc import Callable

_Data = TypeVar("_Data", str, bytes)


@dataclass(frozen=True, slots=True)
class Stdout(Generic[_Data]):
    r"""Something that a child wrote to its standard output.

    Attributes:
        data: A line with its end, `\n` or `\r\n`; a last line has none if the child wrote none. Or bytes, as they came.
    """

    data: _Data


@dataclass(frozen=True, slots=True)
class Stderr(Generic[_Data]):
    """Something that a child wrote to its standard error.

    Attributes:
        data: A line or bytes, as of `Stdout`.
    """

    data: _Data


@dataclass(frozen=True, slots=True)
class Error:
    """A line that could not be read as text, or another failure on the way; what comes next comes all the same.

    Attributes:
        message: What went wrong, in Tauri's words.
    """

    message: str


@dataclass(frozen=True, slots=True)
class Terminated:
    """The end of a child; nothing comes after it.

    Attributes:
        code: Its exit code; `None` if a signal ended it.
        signal: The number of that signal.
    """

    code: int | None
    signal: int | None


Event: TypeAlias = Stdout[_Data] | Stderr[_Data] | Error | Terminated
"""What a child process tells, of text or of bytes."""


def _read_event(value: Any, data: Callable[[Any], Any]) -> Event[Any]:
    match value:
        case {"event": "Stdout", "payload": payload}:
            return Stdout(data(payload))
        case {"event": "Stderr", "payload": payload}:
            return Stderr(data(payload))
        case {"event": "Error", "payload": payload}:
            return Error(results.text(payload))
        case {"event": "Terminated", "payload": {"code": code, "signal": signal}}:
            return Terminated(results.maybe(results.integer)(code), results.maybe(results.integer)(signal))
    msg = "an event that is none of Stdout, Stderr, Error and Terminated"
    raise ValueError(msg)
