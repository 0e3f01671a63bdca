"""The first line of the lease, see `docs/wire.md`."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TypeVar

from sidecar_bridge._client.errors import BridgeError

PROTOCOL = 1

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello:
    """What the host tells the sidecar that it starts.

    Attributes:
        sidecar: The sidecar's name, as configured.
        generation: Which life of the sidecar this is, from 1.
        identifier: The app's identifier.
        host_path: The Unix socket of the host endpoint.
        listen_fd: The inherited descriptor of the listening socket to serve on; `None` when it came with the hello.
        beat_ms: How often the event loop says that it turns, in ms; `None` when nobody listens.
        process_group: The group that the host made for this sidecar; `None` when somebody started it by hand.
        token: What every request to the host carries; never shown.
    """

    sidecar: str
    generation: int
    identifier: str
    host_path: str
    listen_fd: int | None
    beat_ms: int | None
    process_group: int | None
    token: str = field(repr=False)


def parse_hello(line: bytes) -> Hello:
    """Read the hello; `BridgeError` says what is wrong with it, without its values, for one of them is the token."""
    try:
        document = json.loads(line)
    except ValueError:
        document = None
    if not isinstance(document, dict) or "protocol" not in document:
        raise BridgeError("the first line of standard input is not a hello")
    if document["protocol"] != PROTOCOL:
        msg = (
            f"the host speaks protocol {document['protocol']!r} and this package {PROTOCOL}; "
            "install versions of the plugin and the package that belong together"
        )
        raise BridgeError(msg)
    return Hello(
        sidecar=_member(document, "sidecar", str),
        generation=_member(document, "generation", int),
        identifier=_member(document, "identifier", str),
        host_path=_member(_member(document, "host", dict), "unix", str),
        listen_fd=None if document.get("listen") == "passed" else _member(_member(document, "listen", dict), "fd", int),
        beat_ms=_member(document, "beatMs", int) if "beatMs" in document else None,
        process_group=_member(document, "processGroup", int) if "processGroup" in document else None,
        token=_member(document, "token", str),
    )


def _member(document: dict[str, object], name: str, kind: type[_T]) -> _T:
    value = document.get(name)
    if not isinstance(value, kind):
        msg = f"the host's hello has no `{name}` of the type {kind.__name__}"
        raise BridgeError(msg)
    return value
