"""JSON as the wire has it: what Python would change or the host refuse is refused here, with the path of the value.

The rules are in `docs/wire.md`; the host's side of them is `src/json.rs`.
"""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterable

_MIN_INTEGER = -(2**63)
_MAX_INTEGER = 2**64 - 1
_MAX_DEPTH = 128
_SHOWN_KEY_CHARS = 64

# Text is sent as UTF-8, so that lone surrogates fail here and not at the host.
_encoder = json.JSONEncoder(allow_nan=False, ensure_ascii=False, separators=(",", ":"))

_LEAVES = frozenset({str, float, bool, type(None)})
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def encode(value: object, what: str) -> bytes:
    """Give the value as JSON; `ValueError` or `TypeError` with the path of what cannot be sent."""
    try:
        body = _encoder.encode(value).encode()
        if _is_plain(value):
            return body
    except (ValueError, TypeError, RecursionError) as error:
        _refuse(value, what, error)
        raise  # Not reached by what JSON has: only a subclass whose own methods fail gets here.
    _refuse(value, what, None)
    return body


def decode(text: bytes | str) -> Any:
    """Read a JSON value; `ValueError` if it is none."""
    return _decoder.decode(text if isinstance(text, str) else text.decode())


def _refuse_constant(name: str) -> NoReturn:
    msg = f"{name} is not JSON"
    raise ValueError(msg)


_decoder = json.JSONDecoder(parse_constant=_refuse_constant)


def _is_plain(value: Any) -> bool:
    """Tell whether the encoder cannot have changed anything; if not, only a closer look tells.

    It says nothing about what the encoder itself refuses. Measured beside encoding: no time for long text, a third for
    records, nearly as long for lists of small integers. A regular expression over the encoded text takes longer.
    """
    kind = type(value)
    if kind is dict:
        for key in value:
            if type(key) is not str:
                return False
        value = value.values()
    elif kind is not list and kind is not tuple:
        return kind in _LEAVES or (kind is int and _MIN_INTEGER <= value <= _MAX_INTEGER)
    for item in value:
        kind = type(item)
        if kind in _LEAVES:
            continue
        if kind is int:
            if _MIN_INTEGER <= item <= _MAX_INTEGER:
                continue
            return False
        if not _is_plain(item):
            return False
    return True


class _UnfitError(Exception):
    """On its way up from a value that cannot be sent."""

    def __init__(self, kind: type[Exception], reason: str) -> None:
        super().__init__(reason)
        self.kind = kind
        self.steps: list[object] = []

    def path(self) -> str:
        return "$" + "".join(_step(step) for step in reversed(self.steps))


def _step(step: object) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    key = str(step)
    shown = key[:_SHOWN_KEY_CHARS] + "…" * (len(key) > _SHOWN_KEY_CHARS)
    return f".{shown}" if _WORD.fullmatch(shown) else f"[{_quoted(shown)}]"


def _quoted(text: str) -> str:
    """Give the text in quotes, with escapes for what cannot be printed: halves of characters too."""
    shown = "".join(c if c.isprintable() or c in '"\\' else json.dumps(c)[1:-1] for c in text)
    return f'"{shown}"'


def _refuse(value: object, what: str, cause: Exception | None) -> None:
    """Raise the error for the first value that cannot be sent, if there is one."""
    try:
        _check(value, 1)
    except _UnfitError as unfit:
        msg = f"{what} cannot be sent as JSON: `{unfit.path()}` {unfit}"
        raise unfit.kind(msg) from cause


def _check(value: object, depth: int) -> None:
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, int):
        if not _MIN_INTEGER <= value <= _MAX_INTEGER:
            raise _UnfitError(ValueError, "is an integer beyond 64 bits; send it as a string")
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise _UnfitError(ValueError, f"is {value}; send a finite number, a string or None")
    elif isinstance(value, dict | list | tuple):
        if depth > _MAX_DEPTH:
            raise _UnfitError(ValueError, f"is nested over {_MAX_DEPTH} deep, or holds itself; send a flatter value")
        _check_items(value, depth)
    else:
        reason = f"is of type {type(value).__name__}; convert it to str, int, float, bool, None, list or dict"
        raise _UnfitError(TypeError, reason)


def _check_items(value: dict[Any, Any] | list[Any] | tuple[Any, ...], depth: int) -> None:
    steps: Iterable[tuple[Any, Any]] = enumerate(value)
    if isinstance(value, dict):
        for key in value:
            _check_key(key)
        steps = value.items()
    for step, item in steps:
        try:
            _check(item, depth + 1)
        except _UnfitError as unfit:
            unfit.steps.append(step)
            raise


def _check_key(key: object) -> None:
    if not isinstance(key, str):
        reason = f"has a key of type {type(key).__name__}, which JSON would change to a string; make it a str"
        raise _UnfitError(TypeError, reason)
    try:
        _check_text(key)
    except _UnfitError as unfit:
        unfit.steps.append(key)
        raise


def _check_text(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        half = _quoted(text[error.start])
        raise _UnfitError(ValueError, f"holds {half}, which is half a character; remove it") from None
