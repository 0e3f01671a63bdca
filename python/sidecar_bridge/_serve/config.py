"""uvicorn's configuration, as a sidecar needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.middleware.asgi2 import ASGI2Middleware

from sidecar_bridge._serve.answers import Answers
from sidecar_bridge._serve.apps import is_of_asgi2, load_app
from sidecar_bridge._serve.collecting import held
from sidecar_bridge._serve.output import handlers_stay_open
from sidecar_bridge._serve.protocols import HttpProtocol

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Mapping

_DEFAULTS: Mapping[str, Any] = {
    "server_header": False,
    # uvicorn would wake up ten times a second to keep it right, and nobody caches on a private socket.
    "date_header": False,
    # The socket ends with the page, and the page may take longer for an answer than uvicorn would wait.
    "ws_ping_interval": None,
    "ws_ping_timeout": None,
}

_KEEP_ALIVE_S = 3600
"""How long a connection may idle, in s. So long that the host's pool closes idle connections, and never uvicorn."""


class Config(uvicorn.Config):
    """uvicorn configured for plain HTTP/1.1 behind the host, with `Answers` around the app."""

    answers: Answers
    """What is answered just now, once the app is loaded."""

    def __init__(self, app: Callable[..., Any] | str, options: Mapping[str, Any]) -> None:
        """Configure uvicorn with the options that somebody chose, and those that the bridge owns."""
        with handlers_stay_open():
            super().__init__(
                app,
                http=HttpProtocol,
                ws=_open_websocket,  # type: ignore[arg-type] # uvicorn calls what makes one
                proxy_headers=False,
                timeout_keep_alive=_KEEP_ALIVE_S,
                **{**_DEFAULTS, **options},
            )

    def load(self) -> None:
        """Load the app; `SystemExit` and `TypeError` as `load_app` has them."""
        with held():
            self._load()

    def _load(self) -> None:
        app = load_app(self.app, factory=self.factory)
        if self.interface == "asgi2" or (self.interface == "auto" and is_of_asgi2(app)):
            app = ASGI2Middleware(app)  # type: ignore[arg-type] # a class or what is like one

        # uvicorn calls what it loads without arguments, to see whether that makes an app.
        def loaded(scope: Any, receive: Any, send: Any) -> Any:
            return app(scope, receive, send)

        self.app, self.factory, self.interface = loaded, False, "asgi3"
        super().load()
        # Around what uvicorn puts around the app to log all messages: it looks at uvicorn's own `receive`.
        self.loaded_app = self.answers = Answers(app if self.loaded_app is loaded else self.loaded_app)

    @property
    def ticks(self) -> bool:
        """Whether uvicorn has something to look at ten times a second."""
        return self.date_header or self.limit_max_requests is not None or self.callback_notify is not None


def _open_websocket(**options: Any) -> asyncio.Protocol:
    from sidecar_bridge._serve.websocket import WebSocketProtocol  # noqa: PLC0415 - most sidecars serve none

    protocol: asyncio.Protocol = WebSocketProtocol(**options)
    return protocol
