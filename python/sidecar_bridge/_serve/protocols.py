"""The protocols that uvicorn speaks with the host."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from sidecar_bridge._serve.forks import end_for_all
from sidecar_bridge._serve.peer import is_own_user

if TYPE_CHECKING:
    import asyncio

UNKNOWN_UPGRADE = "sidecar_bridge.unknown_upgrade"
"""In the scope of a request for an upgrade that uvicorn does not know: after that, uvicorn reads no further request."""

_logger = logging.getLogger("uvicorn.error")


class HttpProtocol(HttpToolsProtocol):
    """HTTP/1.1 for this process's user: the bytes of another user's connection are never read.

    The mode of the socket keeps other users out already. The check is for a socket whose mode somebody has changed.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """Take a connection of this user."""
        super().connection_made(transport)
        # uvicorn puts the words of a line together before the level is asked.
        self.access_log = self.access_log and self.access_logger.isEnabledFor(logging.INFO)
        self._waiting: set[asyncio.Event] = set()
        # A pipe is one that this process dialled, see `dialled`.
        if sys.platform != "win32" and not is_own_user(transport.get_extra_info("socket")):
            _logger.warning("refused a connection of another user")
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """End the connection for each process that may hold it."""
        end_connection_for_all(self.transport)
        super().connection_lost(exc)
        self._lose()

    def _should_upgrade(self) -> bool:
        is_known = super()._should_upgrade()
        if not is_known:
            self.scope[UNKNOWN_UPGRADE] = True  # type: ignore[literal-required] # no key of ASGI
        return is_known

    def handle_websocket_upgrade(self) -> None:
        """Leave the connection to a WebSocket: of its end this hears nothing."""
        super().handle_websocket_upgrade()
        self._lose()

    async def until_lost(self, event: asyncio.Event) -> None:
        """Wait until the connection is lost, which sets the event, or until somebody else sets it."""
        if self.transport.is_closing():
            return
        self._waiting.add(event)
        try:
            await event.wait()
        finally:
            self._waiting.discard(event)

    def _lose(self) -> None:
        for event in self._waiting:
            event.set()

    @property
    def waits_for_app(self) -> bool:
        """Whether a whole request has come, and nothing of its answer has left."""
        return self.cycle is not None and not (self.cycle.more_body or self.cycle.response_started)


def end_connection_for_all(transport: asyncio.BaseTransport) -> None:
    """End a connection also for the processes that were forked while it was open."""
    # Windows has no forks, and a pipe is no socket.
    if sys.platform != "win32":
        end_for_all(transport.get_extra_info("socket").fileno())
