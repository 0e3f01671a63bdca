"""Serving where the host can hand over no listening socket: the sidecar dials, and serves on what it dialled."""

from __future__ import annotations

import asyncio
import logging
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from sidecar_bridge._client.errors import BridgeError
from sidecar_bridge._serve.protocols import HttpProtocol

if TYPE_CHECKING:
    from collections.abc import Callable

_LEAST_SPARE = 4
"""How many connections wait at least for a request. Where more are in use, as many wait."""

_DIAL_TIMEOUT_S = 5.0

_FIRST_PAUSE_S = 0.01
_LONGEST_PAUSE_S = 1.0
"""How long the pause is, in s, before a connection is dialled anew of which the host had no use."""

_logger = logging.getLogger("uvicorn.error")


class Dials(NamedTuple):
    """Where the host takes the connections on which a sidecar serves, and what the sidecar says first on each."""

    pipe: str
    host_pid: int | None
    token: str


class Dialler:
    """Takes the place of uvicorn's listening server: keeps connections to the host that no request has used yet."""

    def __init__(self, dials: Dials, protocol_options: dict[str, Any], in_use: Callable[[], int]) -> None:
        """Dial nothing yet; `in_use()` is how many connections carry requests, or did and may again."""
        self.first_line = dials.token.encode() + b"\n"
        self._dials = dials
        self._protocol_options = protocol_options
        self._in_use = in_use
        self._spare: set[DialledProtocol] = set()
        self._dialling: set[asyncio.Task[None]] = set()
        self._pause_s = _FIRST_PAUSE_S
        self._timer: asyncio.TimerHandle | None = None
        self._is_closed = False

    def top_up(self) -> None:
        """Dial as many connections as are missing."""
        self._timer = None
        missing = max(_LEAST_SPARE, self._in_use()) - len(self._spare) - len(self._dialling)
        for _ in range(0 if self._is_closed else missing):
            task = asyncio.get_running_loop().create_task(self._dial())
            self._dialling.add(task)
            task.add_done_callback(self._finish)

    def close(self) -> None:
        """Dial no more, and end the connections that no request has used. For uvicorn."""
        self._is_closed = True
        if self._timer is not None:
            self._timer.cancel()
        for task in self._dialling:
            task.cancel()
        for protocol in list(self._spare):
            protocol.transport.close()

    def add(self, protocol: DialledProtocol) -> None:
        """Note a connection that was dialled."""
        self._spare.add(protocol)
        if self._is_closed:
            protocol.transport.close()

    def use(self, protocol: DialledProtocol) -> None:
        """Note that a connection has its first request."""
        self._spare.discard(protocol)
        self._pause_s = _FIRST_PAUSE_S
        if self._timer is None:
            self.top_up()

    def lose(self, protocol: DialledProtocol) -> None:
        """Note that the host closed a connection that no request has used."""
        self._spare.discard(protocol)
        self._top_up_soon()

    def _finish(self, task: asyncio.Task[None]) -> None:
        self._dialling.discard(task)
        # Until now its connection counted twice.
        if self._timer is None:
            self.top_up()

    async def _dial(self) -> None:
        try:
            async with asyncio.timeout(_DIAL_TIMEOUT_S):
                await _open(self._dials, lambda: DialledProtocol(self, **self._protocol_options))
        except (BridgeError, OSError) as error:
            _logger.warning("the host took no connection to serve on: %r; it is dialled again", error)
            self._top_up_soon()

    def _top_up_soon(self) -> None:
        """Dial again after a pause, which grows for as long as the host has no use for what is dialled."""
        if not self._is_closed and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._pause_s, self.top_up)
            self._pause_s = min(2 * self._pause_s, _LONGEST_PAUSE_S)


class DialledProtocol(HttpProtocol):
    """HTTP on a connection that this process has dialled. uvicorn knows of the connection once it has a request."""

    def __init__(self, dialler: Dialler, **options: Any) -> None:
        """As uvicorn makes its own."""
        super().__init__(**options)
        self._dialler = dialler
        self._is_spare = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """Say whose connection it is."""
        transport.write(self._dialler.first_line)
        super().connection_made(transport)
        self.connections.discard(self)
        self._dialler.add(self)

    def data_received(self, data: bytes) -> None:
        """Take in what came, of which the Proactor makes a `bytearray`."""
        if self._is_spare:
            self._is_spare = False
            self.connections.add(self)
            self._dialler.use(self)
        super().data_received(bytes(data))

    def connection_lost(self, exc: Exception | None) -> None:
        """Dial another connection, if this one was not used."""
        if self._is_spare:
            self._is_spare = False
            self._dialler.lose(self)
        super().connection_lost(exc)


def check_loop(loop: asyncio.AbstractEventLoop) -> None:
    """Refuse a loop that cannot dial: `BridgeError`."""
    if sys.platform == "win32":
        from sidecar_bridge._client import pipes  # noqa: PLC0415 - only there

        pipes.check_loop(loop)


async def _open(dials: Dials, make: Callable[[], DialledProtocol]) -> None:
    if sys.platform == "win32":
        from sidecar_bridge._client import pipes  # noqa: PLC0415 - only there

        await pipes.open_pipe(make, dials.pipe, dials.host_pid)
    else:
        # No host of such a system asks for it; the tests do.
        await asyncio.get_running_loop().create_unix_connection(make, dials.pipe)
