"""uvicorn's configuration, as a sidecar needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import uvicorn

from sidecar_bridge._serve.answers import Answers
from sidecar_bridge._serve.protocols import HttpProtocol, WebSocketProtocol

if TYPE_CHECKING:
    from collections.abc import Callable

_KEEP_ALIVE_S = 3600
"""How long a connection may idle, in s. So long that the host's pool closes idle connections, and never uvicorn."""


class Config(uvicorn.Config):
    """uvicorn configured for plain HTTP/1.1 behind the host, with `Answers` around the app."""

    answers: Answers
    """What is answered just now, once the app is loaded."""

    def __init__(self, app: Callable[..., Any] | str, options: dict[str, Any]) -> None:
        """Configure uvicorn with the options that somebody chose, and those that the bridge owns."""
        super().__init__(
            app,
            http=HttpProtocol,
            ws=WebSocketProtocol,
            proxy_headers=False,
            timeout_keep_alive=_KEEP_ALIVE_S,
            **options,
        )

    def load(self) -> None:
        """Load the app."""
        super().load()
        self.answers = Answers(self.loaded_app)
        self.loaded_app = self.answers
