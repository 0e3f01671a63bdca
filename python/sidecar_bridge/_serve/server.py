"""uvicorn, as a sidecar needs it."""

from __future__ import annotations

import asyncio
import logging
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.protocols.websockets.auto import AutoWebSocketsProtocol
from websockets.exceptions import InvalidState

from sidecar_bridge._client import wire
from sidecar_bridge._client.async_host import link_of
from sidecar_bridge._client.errors import BridgeError
from sidecar_bridge._client.open_ends import serve_page
from sidecar_bridge._native import VERSION
from sidecar_bridge._serve.contract import contracts
from sidecar_bridge._serve.peer import is_own_user

if TYPE_CHECKING:
    import socket
    from collections.abc import Awaitable, Callable
    from types import FrameType

    from sidecar_bridge._native import Pulse
    from sidecar_bridge._serve.current import Hosts

_GRACE_S = 1
"""How long requests in flight may take after `stop`, in s. The host sends SIGTERM 1 s after `stop`, then SIGKILL."""

_KEEP_ALIVE_S = 3600
"""How long a connection may idle, in s. So long that the host's pool closes idle connections, and never uvicorn."""

_logger = logging.getLogger("uvicorn.error")


class _Protocol(HttpToolsProtocol):
    """HTTP/1.1 for this process's user: the bytes of another user's connection are never read.

    The mode of the socket keeps other users out already. The check is for a socket whose mode somebody has changed.

    Each request tells what waits on its behalf in threads when the page has left.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._app = self.app
        self.app = self._serve_page

    async def _serve_page(self, scope: Any, receive: Any, send: Any) -> None:
        cycle: RequestResponseCycle = receive.__self__  # as uvicorn calls its app
        serve_page(lambda: cycle.disconnected)
        await self._app(scope, receive, send)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        super().connection_made(transport)
        if not is_own_user(transport.get_extra_info("socket")):
            _logger.warning("refused a connection of another user")
            transport.abort()


class _WebSocketProtocol(AutoWebSocketsProtocol):  # type: ignore[misc, valid-type] # a class, where websockets is
    """WebSockets that a page may close at the moment in which the server does.

    uvicorn's own raise `InvalidState` then, and uvicorn leaves out the rest of its shutdown: the lifespan's, too.
    """

    def shutdown(self) -> None:
        """Close the connection, also one that is closing already."""
        try:
            super().shutdown()
        except InvalidState:
            self.transport.close()


class Heart(NamedTuple):
    """Sends the beats that tell the host that the event loop turns, one every `interval_s`."""

    pulse: Pulse
    interval_s: float

    def beat(self, loop: asyncio.AbstractEventLoop) -> None:
        """Beat now, and then every `interval_s` for as long as the loop turns."""
        self.pulse.beat()
        loop.call_later(self.interval_s, self.beat, loop)


class Server(uvicorn.Server):
    """A uvicorn server that tells the host when the server is ready, and stops when the host says `stop`."""

    def __init__(
        self, app: Callable[..., Awaitable[None]] | str, hosts: Hosts, *, log_level: str | int, access_log: bool
    ) -> None:
        """Configure uvicorn for plain HTTP/1.1 behind the host."""
        config = uvicorn.Config(
            app,
            http=_Protocol,
            ws=_WebSocketProtocol,
            log_level=log_level,
            access_log=access_log,
            proxy_headers=False,
            server_header=False,
            # uvicorn would wake up ten times a second to keep the date right, and nobody caches on a private socket.
            date_header=False,
            timeout_keep_alive=_KEEP_ALIVE_S,
            timeout_graceful_shutdown=_GRACE_S,
        )
        super().__init__(config)
        self._hosts = hosts
        self._loop: asyncio.AbstractEventLoop | None = None
        self._exit = asyncio.Event()
        self.heart: Heart | None = None
        """Tells the host that the event loop turns; `None` when the host does not watch it."""
        self.announce_failed = False

    def stop(self) -> None:
        """End in an orderly way. The lease's thread calls this, perhaps before the event loop runs."""
        self.should_exit = True
        self._wake()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Take a signal."""
        super().handle_exit(sig, frame)
        self._wake()

    def _wake(self) -> None:
        # At once: a thread that waits for an event keeps its route from ending, and if it is the loop's, the loop too.
        self._hosts.stop_listening()
        if self._loop is not None:
            # RuntimeError: the loop has ended meanwhile.
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._exit.set)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Run the lifespan's startup, accept connections, then tell the host that the sidecar is ready."""
        self._loop = asyncio.get_running_loop()
        if self.heart is not None:
            self.heart.beat(self._loop)
        await super().startup(sockets)
        if self.should_exit:
            return
        announcing = asyncio.create_task(self._announce())
        exiting = asyncio.create_task(self._exit.wait())
        # A host that says `stop` meanwhile need not answer.
        await asyncio.wait({announcing, exiting}, return_when=asyncio.FIRST_COMPLETED)
        for task in (announcing, exiting):
            task.cancel()
        await asyncio.wait({announcing, exiting})
        if not announcing.cancelled():
            announcing.result()

    async def _announce(self) -> None:
        """Tell the host that this sidecar serves."""
        try:
            await link_of(self._hosts.for_asyncio).ask(wire.ready(os.getpid(), VERSION, contracts()), None)
        except BridgeError as error:
            _logger.error("the host did not take the announcement that this sidecar is ready: %s", error)
            self.announce_failed = self.should_exit = True

    async def main_loop(self) -> None:
        """Sleep until it is time to exit. uvicorn's own loop looks ten times a second."""
        await self.on_tick(0)  # sets the headers of every response
        if not self.should_exit:
            await self._exit.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Shut the lifespan down, then close the connections to the host, which the lifespan may still need."""
        self._hosts.stop_listening()
        await super().shutdown(sockets)
        # Now, for the loop does not end before the threads that it has started.
        self._hosts.end()
        await self._hosts.for_asyncio.close()
