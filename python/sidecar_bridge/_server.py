"""uvicorn, as a sidecar needs it."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING

import uvicorn

from sidecar_bridge import _wire
from sidecar_bridge._errors import BridgeError
from sidecar_bridge._native import VERSION

if TYPE_CHECKING:
    import socket
    from collections.abc import Awaitable, Callable

    from sidecar_bridge._async_host import AsyncHost

_GRACE_S = 2
_KEEP_ALIVE_S = 3600
"""The host's pool decides how long its connections idle; it must never find one closed under it."""

_logger = logging.getLogger("uvicorn.error")


class Server(uvicorn.Server):
    """A server that tells the host when it is ready, and stops when the host says so."""

    def __init__(
        self, app: Callable[..., Awaitable[None]] | str, host: AsyncHost, *, log_level: str | int, access_log: bool
    ) -> None:
        """Configure uvicorn for plain HTTP/1.1 behind the host."""
        config = uvicorn.Config(
            app,
            http="httptools",
            log_level=log_level,
            access_log=access_log,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=_KEEP_ALIVE_S,
            timeout_graceful_shutdown=_GRACE_S,
        )
        super().__init__(config)
        self._host = host
        self.announce_failed = False

    def stop(self) -> None:
        """End in an orderly way; called from the lease's thread. uvicorn looks at this every 100 ms."""
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Run the lifespan's startup, accept, then announce readiness."""
        await super().startup(sockets)
        if self.should_exit:
            return
        try:
            await self._host._call(_wire.ready(os.getpid(), VERSION), None)
        except BridgeError as error:
            _logger.error("the host did not take the announcement that this sidecar is ready: %s", error)
            self.announce_failed = self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Shut the lifespan down, which may still need the host, then leave it."""
        await super().shutdown(sockets)
        await self._host.close()
