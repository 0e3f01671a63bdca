"""uvicorn, as a sidecar needs it."""

from __future__ import annotations

import asyncio
import logging
import os
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from sidecar_bridge import _wire
from sidecar_bridge._contract import contracts
from sidecar_bridge._errors import BridgeError
from sidecar_bridge._native import VERSION
from sidecar_bridge._peer import is_own_user

if TYPE_CHECKING:
    import socket
    from collections.abc import Awaitable, Callable
    from types import FrameType

    from sidecar_bridge._current import Hosts
    from sidecar_bridge._native import Pulse

_GRACE_S = 1
"""The host has waited for its own requests before it says `stop`; a second later it sends SIGTERM, then SIGKILL."""

_KEEP_ALIVE_S = 3600
"""The host's pool decides how long its connections idle; it must never find one closed under it."""

_logger = logging.getLogger("uvicorn.error")


class _Protocol(HttpToolsProtocol):
    """HTTP/1.1 for our own user: what a connection of another one says is never read.

    The mode of the socket keeps other users out already; this is for a socket whose mode somebody has changed.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        super().connection_made(transport)
        if not is_own_user(transport.get_extra_info("socket")):
            _logger.warning("refused a connection of another user")
            transport.abort()


class Heart(NamedTuple):
    """How the event loop says that it turns, and how often."""

    pulse: Pulse
    interval_s: float

    def beat(self, loop: asyncio.AbstractEventLoop) -> None:
        """Beat now, and from now on for as long as the loop turns."""
        self.pulse.beat()
        loop.call_later(self.interval_s, self.beat, loop)


class Server(uvicorn.Server):
    """A server that tells the host when it is ready, and stops when the host says so."""

    def __init__(
        self, app: Callable[..., Awaitable[None]] | str, hosts: Hosts, *, log_level: str | int, access_log: bool
    ) -> None:
        """Configure uvicorn for plain HTTP/1.1 behind the host."""
        config = uvicorn.Config(
            app,
            http=_Protocol,
            log_level=log_level,
            access_log=access_log,
            proxy_headers=False,
            server_header=False,
            # uvicorn would wake up ten times a second to keep it right, and nobody caches on a private socket.
            date_header=False,
            timeout_keep_alive=_KEEP_ALIVE_S,
            timeout_graceful_shutdown=_GRACE_S,
        )
        super().__init__(config)
        self._hosts = hosts
        self._loop: asyncio.AbstractEventLoop | None = None
        self._exit = asyncio.Event()
        self.heart: Heart | None = None
        """What tells the host that the event loop turns."""
        self.announce_failed = False

    def stop(self) -> None:
        """End in an orderly way; called from the lease's thread, perhaps before the event loop runs."""
        self.should_exit = True
        self._wake()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Take a signal."""
        super().handle_exit(sig, frame)
        self._wake()

    def _wake(self) -> None:
        if self._loop is not None:
            # The loop may have ended meanwhile, which is what this is for.
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._exit.set)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Run the lifespan's startup, accept, then announce readiness."""
        self._loop = asyncio.get_running_loop()
        if self.heart is not None:
            self.heart.beat(self._loop)
        await super().startup(sockets)
        if self.should_exit:
            return
        try:
            await self._hosts.for_asyncio._call(_wire.ready(os.getpid(), VERSION, contracts()), None)
        except BridgeError as error:
            _logger.error("the host did not take the announcement that this sidecar is ready: %s", error)
            self.announce_failed = self.should_exit = True

    async def main_loop(self) -> None:
        """Sleep until it is time to exit, where uvicorn looks ten times a second."""
        await self.on_tick(0)  # sets the headers of every response
        if not self.should_exit:
            await self._exit.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Shut the lifespan down, which may still need the host, then leave it."""
        await super().shutdown(sockets)
        await self._hosts.for_asyncio.close()
