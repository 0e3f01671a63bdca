"""The headers that a command may read, beside its arguments: what a caller may set."""

from __future__ import annotations

from string import ascii_letters, digits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_TOKEN = frozenset(ascii_letters + digits + "!#$%&'*+-.^_`|~")
"""RFC 9110, section 5.6.2."""

_REFUSED = {
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "expect",
    "host",
    "keep-alive",
    "origin",
    "referer",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
}
_REFUSED_PREFIXES = ("access-control-", "bridge-", "proxy-", "sec-", "tauri-")
"""What belongs to the IPC of pages or to the connection; the host has the same list, in `src/server/message.rs`."""


def checked(headers: Mapping[str, str] | None) -> Sequence[tuple[str, str]]:
    """Give the headers as pairs; `ValueError` or `TypeError` for one that cannot be sent."""
    if not headers:
        return ()
    return [(_name(name), _value(name, value)) for name, value in headers.items()]


def _name(name: object) -> str:
    if not isinstance(name, str):
        msg = f"header {name!r} is of type {type(name).__name__}; give names as str"
        raise TypeError(msg)
    if not name or not _TOKEN.issuperset(name):
        msg = f"{name!r} is no name of a header; give letters, digits and `-`"
        raise ValueError(msg)
    lower = name.lower()
    if lower in _REFUSED or lower.startswith(_REFUSED_PREFIXES):
        msg = (
            f"header `{name}` belongs to the IPC of pages or to the connection, and is not for a caller to set; give "
            "what the command reads under another name, or as an argument"
        )
        raise ValueError(msg)
    return name


def _value(name: object, value: object) -> str:
    if not isinstance(value, str):
        msg = f"the value of header `{name}` is of type {type(value).__name__}; give a str"
        raise TypeError(msg)
    if not value or value != value.strip(" ") or not value.isascii() or not value.isprintable():
        msg = (
            f"the value of header `{name}` is not visible ASCII from its first character to its last; percent-encode "
            "it, as with `urllib.parse.quote`, if the command decodes that"
        )
        raise ValueError(msg)
    return value
