"""What the host answers to a process that dials it, see `docs/wire.md`."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from sidecar_bridge._client import wire
from sidecar_bridge._client.errors import BridgeError
from sidecar_bridge._native import PROTOCOL, decode_json

if TYPE_CHECKING:
    from collections.abc import Mapping

_T = TypeVar("_T")

KIND = "pipe" if sys.platform == "win32" else "unix"
"""What sockets of the host are on this system, on the wire."""

_STOP_TIMEOUT = "stopTimeoutMs"

_STOP_TIMEOUT_MS = 10_000
"""What the host gives a sidecar if the hello does not say."""

_REFUSED = 403
"""A placeholder: the problem in the line has its own status."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello:
    """What the host tells a process of the sidecar.

    Attributes:
        sidecar: The sidecar's name, as configured.
        generation: Which life of the sidecar this is, from 1.
        identifier: The app's identifier.
        host_path: The Unix socket of the host endpoint, or the name of its pipe.
        host_pid: The process of the host, where pipes are: nobody else's pipe is the host's.
        listens: Whether the listening socket to serve on came with the hello.
        dials: The name of the pipe that the sidecar dials to serve on, where pipes are.
        beat_ms: The time from one beat of the event loop to the next, in ms; `None` when the host does not watch it.
        stop_timeout_ms: How long the end of the process may take after the host's `stop`, in ms.
        directories: The directories of the app, by the names of `docs/wire.md`.
        sources: The folders with the app's own modules, when the host wants to hear of all imports from elsewhere.
        process_group: The group that the host made for this sidecar; `None` when somebody started it by hand.
        token: The secret that every request to the host carries; `repr` leaves it out.
    """

    sidecar: str
    generation: int
    identifier: str
    host_path: str
    host_pid: int | None
    listens: bool
    dials: str | None
    beat_ms: int | None
    stop_timeout_ms: int
    directories: Mapping[str, object]
    sources: list[str] | None = None
    process_group: int | None
    token: str = field(repr=False)


def parse_hello(line: bytes) -> Hello:
    """Read the hello.

    Raises:
        ProblemError: The line is a refusal.
        BridgeError: The line is no hello. The text has no values of the line, for one of them is the token.
    """
    try:
        document = decode_json(line)
    except ValueError:
        document = None
    is_object = isinstance(document, dict)
    if is_object and "code" in document:
        wire.check(wire.Reply(_REFUSED, wire.PROBLEM, line))
    if not is_object or "protocol" not in document:
        raise BridgeError("the host's answer is not a hello")
    if document["protocol"] != PROTOCOL:
        msg = (
            f"the host speaks protocol {document['protocol']!r} and this package {PROTOCOL}; "
            "install versions of the plugin and the package that belong together"
        )
        raise BridgeError(msg)
    listen = document.get("listen")
    return Hello(
        sidecar=_member(document, "sidecar", str),
        generation=_member(document, "generation", int),
        identifier=_member(document, "identifier", str),
        host_path=_member(_member(document, "host", dict), KIND, str),
        host_pid=_member(document, "hostPid", int) if sys.platform == "win32" else None,
        listens=listen == "passed",
        dials=_dials(listen),
        beat_ms=_member(document, "beatMs", int) if "beatMs" in document else None,
        stop_timeout_ms=_member({_STOP_TIMEOUT: _STOP_TIMEOUT_MS, **document}, _STOP_TIMEOUT, int),
        directories=_member({"directories": {}, **document}, "directories", dict),
        sources=_member(document, "sources", list) if "sources" in document else None,
        process_group=_member(document, "processGroup", int) if "processGroup" in document else None,
        token=_member(document, "token", str),
    )


def _dials(listen: object) -> str | None:
    if not isinstance(listen, dict) or "dial" not in listen:
        return None
    return _member(_member(listen, "dial", dict), KIND, str)


def _member(document: dict[str, object], name: str, kind: type[_T]) -> _T:
    value = document.get(name)
    if not isinstance(value, kind):
        msg = f"the host's hello has no `{name}` of the type {kind.__name__}"
        raise BridgeError(msg)
    return value
