"""TOML that keeps its comments and its form."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from sidecar_bridge._app.documents import expected, unusual
from sidecar_bridge._app.errors import AppError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

_MARK = "\ufeff"


class TomlDocument:
    """A TOML file, see `documents.Document`."""

    def __init__(self, path: Path, text: str) -> None:
        """Read the text of the file at `path`; `AppError` where it is not valid TOML."""
        self.path = path
        # An editor of Windows may have put a mark before the text, which Cargo takes and tomlkit does not.
        self._text = text.removeprefix(_MARK)
        self._mark = text[: len(text) - len(self._text)]
        self._has_crlf = "\r\n" in text and re.search(r"(?<!\r)\n", text) is None
        try:
            self._document = tomlkit.parse(self._text)
        except (RecursionError, TOMLKitError) as error:  # older versions of tomlkit have no limit of their own
            raise AppError(f"{path} is not valid TOML: {error}; correct it") from error

    @property
    def value(self) -> Any:
        """All that the file says."""
        return tomllib.loads(self._text.replace("\r\n", "\n"))

    @property
    def text(self) -> str:
        """The file as it is now."""
        return self._mark + self._text

    def put(self, keys: Sequence[str | int], value: Any, *, sort: bool = False) -> None:
        """Add a member, and the tables around it that are missing. TOML's tables are seldom sorted: it comes last."""
        del sort
        wanted = expected(self.path, self.value, keys, lambda inner, last: inner.update({last: value}))

        def change() -> None:
            table: Any = self._document
            *parents, last = keys
            for depth, key in enumerate(parents):
                if isinstance(key, str) and key not in table:
                    if depth == 0 and self._text:
                        self._document.add(tomlkit.nl())
                    # Only the innermost table needs a line of its own.
                    table.add(key, tomlkit.table(is_super_table=depth + 1 < len(parents)))
                table = table[key]
            table[last] = _item(value)

        self._change(keys, wanted, change)

    def append(self, keys: Sequence[str | int], value: Any) -> None:
        """Add an element to a list that is there."""
        wanted = expected(self.path, self.value, keys, lambda inner, last: inner[last].append(value))

        def change() -> None:
            table: Any = self._document
            for key in keys:
                table = table[key]
            table.append(_item(value))

        self._change(keys, wanted, change)

    def _change(self, keys: Sequence[str | int], wanted: Any, change: Callable[[], None]) -> None:
        """Refuse a change that tomlkit does not make, or that has said something else."""
        try:
            change()
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            raise unusual(self.path, keys) from error
        text = self._document.as_string()
        # tomlkit ends what it adds with a line feed alone.
        self._text = re.sub(r"(?<!\r)\n", "\r\n", text) if self._has_crlf else text
        if self.value != wanted:
            raise unusual(self.path, keys)

    def line_of(self, keys: Sequence[str | int]) -> int:
        """Give the line of a value, from 1: the first line that has the last name, as tomlkit knows no positions."""
        name = next((key for key in reversed(keys) if isinstance(key, str)), "")
        lines = self.text.splitlines()
        return next((number for number, line in enumerate(lines, 1) if name in line.partition("=")[0]), 1)


def _item(value: Any) -> Any:
    """Make a value as people write it: tables in one line, with blanks inside of their braces."""
    return tomlkit.parse(f"value = {_inline(value)}\n")["value"]


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(key)} = {_inline(each)}" for key, each in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_inline(each) for each in value) + "]"
    return str(tomlkit.item(value).as_string())


def _key(key: str) -> str:
    return str(tomlkit.key(key).as_string())
