"""WebSockets: imported when the first one is opened, for most sidecars serve none, and no start is to wait for this."""

from __future__ import annotations

from uvicorn.protocols.websockets.auto import AutoWebSocketsProtocol
from websockets.exceptions import InvalidState

from sidecar_bridge._serve.protocols import end_connection_for_all


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
        end_connection_for_all(self.transport)
        super().connection_lost(exc)
