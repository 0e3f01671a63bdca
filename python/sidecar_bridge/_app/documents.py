"""Configuration files that are changed and keep their comments and their form: JSON, JSON5 and TOML."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, Protocol

from sidecar_bridge._app.errors import AppError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

Keys = tuple[str | int, ...]
"""Where a value is: names of members, and numbers of elements."""


class Document(Protocol):
    """A file that is read, changed in memory, and given back as text."""

    @property
    def value(self) -> Any:
        """All that the file says."""

    @property
    def text(self) -> str:
        """The file as it is now."""

    def put(self, keys: Sequence[str | int], value: Any, *, sort: bool = False) -> None:
        """Add a member, and the objects around it that are missing; `sort` puts it among sorted members."""

    def append(self, keys: Sequence[str | int], value: Any) -> None:
        """Add an element to a list that is there."""

    def line_of(self, keys: Sequence[str | int]) -> int:
        """Give the line of a value, from 1."""


def at(value: Any, *keys: str | int) -> Any:
    """Give a value inside of another one, `None` where there is none."""
    for key in keys:
        if isinstance(key, str):
            value = value.get(key) if isinstance(value, dict) else None
        else:
            value = value[key] if isinstance(value, list) and key < len(value) else None
    return value


def table(value: Any, *keys: str | int) -> dict[str, Any]:
    """Give an object inside of another value, an empty one where there is none or something else."""
    found = at(value, *keys)
    return found if isinstance(found, dict) else {}


def elements(value: Any, *keys: str | int) -> list[Any]:
    """Give a list inside of another value, an empty one where there is none or something else."""
    found = at(value, *keys)
    return found if isinstance(found, list) else []


def texts(value: Any, *keys: str | int) -> list[str]:
    """Give the texts of a list inside of another value."""
    return [each for each in elements(value, *keys) if isinstance(each, str)]


def expected(path: Path, before: Any, keys: Sequence[str | int], change: Callable[[Any, Any], None]) -> Any:
    """Give a value in which `change` has changed what the last of `keys` names; what is missing around it is made.

    Raises:
        AppError: The file at `path` has a number, a list or the like where an object belongs.
    """
    try:
        after = copy.deepcopy(before)
        inner, (*parents, last) = after, keys
        for key in parents:
            inner = inner.setdefault(key, {}) if isinstance(key, str) else inner[key]
        change(inner, last)
    except (AttributeError, LookupError, RecursionError, TypeError) as error:
        raise unusual(path, keys) from error
    return after


def unusual(path: Path, keys: Sequence[str | int]) -> AppError:
    """Say that a file is to be changed by hand."""
    return AppError(f"{path} has a form in which `{keys[-1]}` cannot be set; set it by hand")


def read_text(path: Path) -> str:
    """Give a file's text with the line ends that it has.

    Raises:
        AppError: It cannot be read.
    """
    try:
        return path.read_bytes().decode("utf-8")
    except IsADirectoryError as error:
        raise AppError(f"{path} is a folder where a file belongs; move it") from error
    except OSError as error:
        raise AppError(f"{path} cannot be read: {error.strerror}; make it readable") from error
    except UnicodeDecodeError as error:
        raise AppError(f"{path} is not UTF-8: {error}; save it as UTF-8") from error
