"""JSON of the host as values of the type that the caller names: `returns=` of calls, events and channels.

What reads a type:

- `object`, the default, and `Any` take every JSON value, and raw bytes, as they are.
- `str`, `int`, `float`, `bool`, `list`, `dict` and `None` are checked without a library. So are `bytes`, the raw bytes
  of an answer that is no JSON.
- msgspec reads its own structs, also inside of another type.
- pydantic reads everything else in its strict mode: models, dataclasses, TypedDicts, unions, literals, enums, dates,
  `list[...]`. Without pydantic msgspec reads these too; without both they are a `TypeError`.
"""

from __future__ import annotations

from functools import lru_cache
from types import NoneType
from typing import TYPE_CHECKING, Any, get_args

from sidecar_bridge._client import wire
from sidecar_bridge._client.errors import UnexpectedTypeError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_SHOWN_FAULTS = 3

_PLAIN: dict[Any, tuple[type, ...]] = {
    str: (str,),
    int: (int,),
    float: (float, int),
    bool: (bool,),
    list: (list,),
    dict: (dict,),
    None: (NoneType,),
    NoneType: (NoneType,),
}
"""What a value of JSON may be, for each type that needs no library. JSON has no subclasses."""


class Shape:
    """A type that values of the host are read as."""

    def __init__(self, returns: Any) -> None:
        """Find what reads the type; `TypeError` if nothing does."""
        self._takes_all = returns is object or returns is Any
        self._takes_bytes = self._takes_all or returns is bytes or bytes in get_args(returns)
        self._read = wire.parse if self._takes_all else _reader(returns)
        self._name = _shown(returns)

    def reply(self, reply: wire.Reply, what: str) -> Any:
        """Give the content of a reply; `ProblemError` for a problem, `UnexpectedTypeError` for another type."""
        wire.check(reply)
        if reply.content_type == wire.BYTES:
            return self.message(reply.body, what)
        if self._takes_all or (reply.body and reply.content_type != wire.JSON):
            return wire.decode(reply)
        return self.text(reply.body or b"null", what)

    def text(self, text: bytes | str, what: str) -> Any:
        """Read JSON; `UnexpectedTypeError` for another type, `TransportError` for what is no JSON."""
        try:
            return self._read(text)
        except ValueError as error:
            wire.parse(text)
            raise self._unexpected(what, faults(error)) from error

    def message(self, content: bytes | str, what: str) -> Any:
        """Read a message of a channel: JSON, or raw bytes."""
        if not isinstance(content, bytes):
            return self.text(content, what)
        if not self._takes_bytes:
            raise self._unexpected(what, "it is raw bytes")
        return content

    def _unexpected(self, what: str, why: str) -> UnexpectedTypeError:
        return UnexpectedTypeError(f"{what} is not {self._name}: {why}; see what the app sends")


_kept_shape = lru_cache(maxsize=512)(Shape)


def shape_of(returns: Any) -> Shape:
    """Give the shape of a type, which is made once; `TypeError` for what is no type, or needs a library."""
    try:
        hash(returns)
    except TypeError:
        return Shape(returns)
    return _kept_shape(returns)


def payload_reader(returns: Any, event: str) -> Callable[[str], Any]:
    """Give the function that reads the payloads of an event."""
    shape, what = shape_of(returns), f"the payload of event `{event}`"
    return lambda text: shape.text(text, what)


def channel_reader(returns: Any) -> Callable[[bytes | str], Any]:
    """Give the function that reads the messages of a channel, which may be of several commands."""
    shape = shape_of(returns)
    return lambda content: shape.message(content, "a message of the channel")


def check_names(channels: object) -> None:
    """Refuse channels that stand under no names: `TypeError`."""
    if not hasattr(channels, "items"):
        msg = f"`channels` must be a dict, with the name of the argument for each, not {type(channels).__name__}"
        raise TypeError(msg)


def message_reader(returns: Mapping[str, Any], command: str) -> Callable[[str, bytes | str], Any]:
    """Give the function that makes a value of a channel's name and a message; `returns` has each channel's type."""
    shapes = {channel: shape_of(each) for channel, each in returns.items()}
    return lambda channel, content: shapes[channel].message(
        content, f"a message of channel `{channel}` of command `{command}`"
    )


def _reader(returns: Any) -> Callable[[bytes | str], Any]:
    if returns is bytes:
        return _no_bytes
    if returns is None or (isinstance(returns, type) and returns in _PLAIN):
        return _plain(returns)
    try:
        return _msgspec(returns) if _has_struct(returns) else _pydantic(returns)
    except ModuleNotFoundError:
        pass
    try:
        return _msgspec(returns)
    except ModuleNotFoundError:
        msg = f"to read {_shown(returns)}, install pydantic or msgspec: `pip install 'tauri-sidecar-bridge[bindings]'`"
        raise TypeError(msg) from None


def _plain(returns: Any) -> Callable[[bytes | str], Any]:
    kinds = _PLAIN[returns]

    def read(text: bytes | str) -> Any:
        value = wire.parse(text)
        if type(value) not in kinds:
            msg = f"it is {_shown(type(value))}"
            raise ValueError(msg)
        return float(value) if returns is float else value

    return read


def _no_bytes(_text: bytes | str) -> Any:
    msg = "it is JSON, no raw bytes; a command that gives `Vec<u8>` answers with a list[int]"
    raise ValueError(msg)


def _pydantic(returns: Any) -> Callable[[bytes | str], Any]:
    from pydantic import PydanticUndefinedAnnotation, PydanticUserError, TypeAdapter  # noqa: PLC0415 - an app may do without

    try:
        adapter = TypeAdapter(returns)
        if not adapter.pydantic_complete:
            # Else the first answer would tell what is not defined, when the command has run.
            adapter.rebuild(raise_errors=True)
    except (PydanticUserError, PydanticUndefinedAnnotation) as error:
        msg = f"{_shown(returns)} is no type that pydantic reads: {error.message}"
        raise TypeError(msg) from error
    return lambda text: adapter.validate_json(text, strict=True)


def _msgspec(returns: Any) -> Callable[[bytes | str], Any]:
    import msgspec  # noqa: PLC0415 - an app may do without

    decode = msgspec.json.Decoder(returns).decode

    def read(text: bytes | str) -> Any:
        try:
            return decode(text)
        except msgspec.MsgspecError as error:
            raise ValueError(str(error)) from error

    return read


def _has_struct(returns: Any) -> bool:
    return hasattr(returns, "__struct_fields__") or any(_has_struct(part) for part in get_args(returns))


def _shown(returns: Any) -> str:
    if returns is None or returns is NoneType:
        return "`None`"
    return f"`{returns.__qualname__}`" if isinstance(returns, type) and not get_args(returns) else f"`{returns}`"


def faults(error: ValueError) -> str:
    """Say what is wrong and where, without the values: an answer may hold what no log should."""
    errors = getattr(error, "errors", None)
    if errors is None:
        return str(error)
    found = errors(include_url=False, include_context=False, include_input=False)
    said = [f"`${''.join(f'[{part!r}]' for part in each['loc'])}`: {each['msg']}" for each in found[:_SHOWN_FAULTS]]
    more = len(found) - len(said)
    return "; ".join(said) + (f"; and {more} more" if more else "")
