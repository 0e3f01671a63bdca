"""The Python side of a Tauri app: serve ASGI for it, and call its commands, events and windows.

`serve(app)` runs an ASGI app, such as a FastAPI one, for the Tauri host that started this process. `Host` and
`AsyncHost` are the way back to the host, blocking and for asyncio; `get_host` and `get_async_host` give them. Importing
this package takes a few milliseconds: asyncio, uvicorn and what else calls of `Host` do not need are imported when they
are first used.
"""

from __future__ import annotations

from sidecar_bridge import _native
from sidecar_bridge._client.errors import (
    BridgeError,
    CallCancelledError,
    CommandError,
    DeadlineExceededError,
    EventsLostError,
    FailedPreconditionError,
    InternalError,
    InvalidArgumentError,
    NotFoundError,
    PermissionDeniedError,
    ProblemError,
    ResourceClosedError,
    ResourceExhaustedError,
    TransportError,
    UnauthenticatedError,
    UnavailableError,
    UnexpectedTypeError,
)
from sidecar_bridge._client.host import Host

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from sidecar_bridge._client.async_channel import AsyncChannel
    from sidecar_bridge._client.async_events import AsyncEvents
    from sidecar_bridge._client.async_handlers import AsyncHandling
    from sidecar_bridge._client.async_host import AsyncHost
    from sidecar_bridge._client.async_messages import AsyncMessages
    from sidecar_bridge._client.async_resource import AsyncResource
    from sidecar_bridge._client.callback import Channel
    from sidecar_bridge._client.events import Events
    from sidecar_bridge._client.handlers import Handling
    from sidecar_bridge._client.messages import Messages
    from sidecar_bridge._client.problem import ErrorCode, Problem
    from sidecar_bridge._client.resource import Resource
    from sidecar_bridge._client.tauri.async_window import AsyncWindow
    from sidecar_bridge._client.tauri.window import Window
    from sidecar_bridge._serve.async_current import get_async_host
    from sidecar_bridge._serve.current import get_host
    from sidecar_bridge._serve.options import ServeOptions
    from sidecar_bridge._serve.paths import Paths, paths
    from sidecar_bridge._serve.serve import serve, serve_async
    from sidecar_bridge.tauri.dpi import Size

__all__ = [
    "AsyncChannel",
    "AsyncEvents",
    "AsyncHandling",
    "AsyncHost",
    "AsyncMessages",
    "AsyncResource",
    "AsyncWindow",
    "BridgeError",
    "CallCancelledError",
    "Channel",
    "CommandError",
    "DeadlineExceededError",
    "ErrorCode",
    "Events",
    "EventsLostError",
    "FailedPreconditionError",
    "Handling",
    "Host",
    "InternalError",
    "InvalidArgumentError",
    "Messages",
    "NotFoundError",
    "Paths",
    "PermissionDeniedError",
    "Problem",
    "ProblemError",
    "Resource",
    "ResourceClosedError",
    "ResourceExhaustedError",
    "ServeOptions",
    "Size",
    "TransportError",
    "UnauthenticatedError",
    "UnavailableError",
    "UnexpectedTypeError",
    "Window",
    "__version__",
    "get_async_host",
    "get_host",
    "paths",
    "serve",
    "serve_async",
]

__version__ = _native.VERSION

_LAZY = {
    "AsyncChannel": "sidecar_bridge._client.async_channel",
    "AsyncEvents": "sidecar_bridge._client.async_events",
    "AsyncHandling": "sidecar_bridge._client.async_handlers",
    "AsyncHost": "sidecar_bridge._client.async_host",
    "AsyncMessages": "sidecar_bridge._client.async_messages",
    "AsyncResource": "sidecar_bridge._client.async_resource",
    "AsyncWindow": "sidecar_bridge._client.tauri.async_window",
    "Channel": "sidecar_bridge._client.callback",
    "ErrorCode": "sidecar_bridge._client.problem",
    "Events": "sidecar_bridge._client.events",
    "Handling": "sidecar_bridge._client.handlers",
    "Messages": "sidecar_bridge._client.messages",
    "Paths": "sidecar_bridge._serve.paths",
    "Problem": "sidecar_bridge._client.problem",
    "Resource": "sidecar_bridge._client.resource",
    "ServeOptions": "sidecar_bridge._serve.options",
    "Size": "sidecar_bridge.tauri.dpi",
    "Window": "sidecar_bridge._client.tauri.window",
    "get_async_host": "sidecar_bridge._serve.async_current",
    "get_host": "sidecar_bridge._serve.current",
    "paths": "sidecar_bridge._serve.paths",
    "serve": "sidecar_bridge._serve.serve",
    "serve_async": "sidecar_bridge._serve.serve",
}


if not TYPE_CHECKING:
    # Type checkers would take any name for one that this gives, and a misspelt one for `Any`.
    def __getattr__(name: str) -> Any:
        if name not in _LAZY:
            msg = f"module {__name__!r} has no attribute {name!r}"
            raise AttributeError(msg)
        from importlib import import_module  # noqa: PLC0415 - only the lazy names need it

        value = getattr(import_module(_LAZY[name]), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return __all__
