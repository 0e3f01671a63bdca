"""The protocols that uvicorn speaks with the host."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.protocols.websockets.auto import AutoWebSocketsProtocol
from websockets.exceptions import InvalidState

from sidecar_bridge._client.open_ends import serve_page
from sidecar_bridge._serve.forks import end_for_all
from sidecar_bridge._serve.peer import is_own_user

if TYPE_CHECKING:
    import asyncio

_logger = logging.getLogger("uvicorn.error")


class HttpProtocol(HttpToolsProtocol):
    """HTTP/1.1 for this process's user: the bytes of another user's connection are never read.

    The mode of the socket keeps other users out already. The check is for a socket whose mode somebody has changed.

    Each request tells what waits on its behalf in threads when the page has left.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        """As uvicorn makes it."""
        super().__init__(*args, **options)
        self._app = self.app
        self.app = self._serve_page

    async def _serve_page(self, scope: Any, receive: Any, send: Any) -> None:
        cycle: RequestResponseCycle = receive.__self__  # as uvicorn calls its app
        serve_page(lambda: cycle.disconnected)
        await self._app(scope, receive, send)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """Take a connection of this user."""
        super().connection_made(transport)
        # A pipe is one that this process dialled, see `dialled`.
        if sys.platform != "win32" and not is_own_user(transport.get_extra_info("socket")):
            _logger.warning("refused a connection of another user")
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """End the connection for each process that may hold it."""
        _end_for_all(self.transport)
        super().connection_lost(exc)

    @property
    def waits_for_app(self) -> bool:
        """Whether a whole request has come, and nothing of its answer has left."""
        return self.cycle is not None and not (self.cycle.more_body or self.cycle.response_started)


class WebSocketProtocol(AutoWebSocketsProtocol):  # type: ignore[misc, valid-type] # a class, where websockets is
    """WebSockets that a page may close at the moment in which the server does.

    uvicorn's own raise `InvalidState` then, and uvicorn leaves out the rest of its shutdown: the lifespan's, too.
    """

    def shutdown(self) -> None:
        """Close the connection, also one that is closing already."""
        try:
            super().shutdown()
        except InvalidState:
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """End the connection for each process that may hold it."""
        _end_for_all(self.transport)
        super().connection_lost(exc)


def _end_for_all(transport: asyncio.BaseTransport) -> None:
    # Windows has no forks, and a pipe is no socket.
    if sys.platform != "win32":
        end_for_all(transport.get_extra_info("socket").fileno())
