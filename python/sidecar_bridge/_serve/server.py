"""uvicorn, as a sidecar needs it."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple

import uvicorn

from sidecar_bridge._client import wire
from sidecar_bridge._client.async_host import link_of
from sidecar_bridge._client.errors import BridgeError
from sidecar_bridge._native import VERSION
from sidecar_bridge._serve.config import Config
from sidecar_bridge._serve.contract import contracts
from sidecar_bridge._serve.dialled import Dialler, Dials, check_loop
from sidecar_bridge._serve.ending import Ending
from sidecar_bridge._serve.output import flush

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator
    from types import FrameType

    from sidecar_bridge._native import Pulse
    from sidecar_bridge._serve.answers import Answers
    from sidecar_bridge._serve.current import Hosts
    from sidecar_bridge._serve.hello import Hello

_LOOK_S = 0.001

_PATIENT = 0.9
"""How much of its time the lifespan's shutdown may take without a word in the log."""

_logger = logging.getLogger("uvicorn.error")


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

    def __init__(self, config: Config, hosts: Hosts, hello: Hello) -> None:
        """Serve behind the host of that hello."""
        super().__init__(config)
        self._ticks = config.ticks
        self._hosts = hosts
        self._loop: asyncio.AbstractEventLoop | None = None
        self._exit = asyncio.Event()
        self._stop_timeout_s = hello.stop_timeout_ms / 1000
        self._dials = Dials(hello.dials, hello.host_pid, hello.token) if hello.dials is not None else None
        self._sources = hello.sources
        self._stopped_at: float | None = None
        self._stop_has_returned = False
        self.heart: Heart | None = None
        """Tells the host that the event loop turns; `None` when the host does not watch it."""
        self.announce_failed = False
        self._shuts_down = False

    def stop(self) -> None:
        """End in an orderly way. The lease's thread calls this, perhaps before the event loop runs."""
        self._stopped_at = time.monotonic()
        self.should_exit = True
        try:
            self._wake()
        finally:
            # Nothing may follow: see `_until_stop_has_returned`.
            self._stop_has_returned = True

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Take a signal."""
        if sig == signal.SIGTERM and self._stopped_at is not None:
            # The host's next step after `stop`. Raised again at the end, it would keep `atexit` from running.
            return
        super().handle_exit(sig, frame)
        self._wake()

    def _wake(self) -> None:
        # At once: a thread that waits for an event keeps its route from ending, and if it is the loop's, the loop too.
        self._hosts.stop_listening()
        if self._loop is not None:
            # RuntimeError: the loop has ended meanwhile.
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._exit.set)

    async def _serve(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, serve and shut down, also when `serve_async` is cancelled or `stop` comes during the start."""
        try:
            await super()._serve(sockets)
        finally:
            if self.started and not self._shuts_down:
                await self.shutdown(sockets)
            await self._until_stop_has_returned()
            # Before a signal that ends the process at once is raised again.
            flush()

    async def _until_stop_has_returned(self) -> None:
        """Let the thread that called `stop` leave Python: one that is there when Python ends takes the process along.

        From the last statement of `stop` on it gives the GIL to nobody before it has left.
        """
        while self._stopped_at is not None and not self._stop_has_returned:  # noqa: ASYNC110 - no more code there
            await asyncio.sleep(_LOOK_S)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Run the lifespan's startup, accept connections, then tell the host that the sidecar is ready."""
        self._loop = asyncio.get_running_loop()
        if self._dials is not None:
            check_loop(self._loop)
        if self.heart is not None:
            self.heart.beat(self._loop)
        # Sets the headers of every response; uvicorn does it after the first may have come.
        await self.on_tick(0)
        await super().startup(sockets)
        if self.should_exit:
            return
        if self._dials is not None:
            self._dial(self._dials)
        announcing = asyncio.create_task(self._announce())
        exiting = asyncio.create_task(self._exit.wait())
        # A host that says `stop` meanwhile need not answer.
        await asyncio.wait({announcing, exiting}, return_when=asyncio.FIRST_COMPLETED)
        for task in (announcing, exiting):
            task.cancel()
        await asyncio.wait({announcing, exiting})
        if not announcing.cancelled():
            announcing.result()
        if self._sources is not None:
            from sidecar_bridge._serve.imported import Telling  # noqa: PLC0415 - the host seldom asks for it

            Telling(self._hosts, self._sources).begin(self._loop)

    def _dial(self, dials: Dials) -> None:
        """Serve on connections that this process dials: `sockets` was empty."""
        options = {"config": self.config, "server_state": self.server_state, "app_state": self.lifespan.state}
        dialler = Dialler(dials, options, lambda: len(self.server_state.connections))
        dialler.top_up()
        self.servers.append(dialler)  # type: ignore[arg-type] # what ends with `close`

    async def _announce(self) -> None:
        """Tell the host that this sidecar serves."""
        try:
            await link_of(self._hosts.for_asyncio).ask(wire.ready(os.getpid(), VERSION, contracts()), None)
        except BridgeError as error:
            _logger.error("the host did not take the announcement that this sidecar is ready: %s", error)
            self.announce_failed = self.should_exit = True

    async def main_loop(self) -> None:
        """Sleep until it is time to exit. uvicorn's own loop looks ten times a second."""
        if self._ticks:
            await super().main_loop()
        elif not self.should_exit:
            await self._exit.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End what is under way and the lifespan, then close the connections to the host, which both may need."""
        self._shuts_down = True
        _logger.info("Shutting down")
        self._hosts.stop_listening()
        for server in self.servers:
            server.close()
        for sock in sockets or []:
            sock.close()
        ending = Ending(self.server_state, self._answers, lambda: self.force_exit)
        await ending.end(self._left_s())
        if not self.force_exit:
            with self._warned():
                await self.lifespan.shutdown()
        # Now, for the loop does not end before the threads that it has started.
        self._hosts.end()
        await self._hosts.for_asyncio.close()

    def _left_s(self) -> float:
        """How long the host still waits before it ends this process."""
        waited_s = 0.0 if self._stopped_at is None else time.monotonic() - self._stopped_at
        return max(self._stop_timeout_s - waited_s, 0.0)

    @contextmanager
    def _warned(self) -> Iterator[None]:
        """Say so before the host cuts short what runs in this block; afterwards nobody here can."""
        if self._stopped_at is None:
            yield
            return
        msg = "the lifespan's shutdown goes on after %.1f s, and the host is about to end it; raise `stopTimeoutMs`"
        soon_s = self._left_s() * _PATIENT
        warning = asyncio.get_running_loop().call_later(soon_s, _logger.error, msg, soon_s)
        try:
            yield
        finally:
            warning.cancel()

    @property
    def _answers(self) -> Answers:
        assert isinstance(self.config, Config)  # noqa: S101 - made here
        return self.config.answers
