"""The host of this process: of the app that `serve` runs here, or of the sidecar that started this process."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

from sidecar_bridge._errors import BridgeError
from sidecar_bridge._host import Host

if TYPE_CHECKING:
    import asyncio

    from sidecar_bridge._async_host import AsyncHost


class Hosts:
    """The same host, for blocking code and for each event loop."""

    def __init__(self, path: str, token: str) -> None:
        """Use the host endpoint at `path` with a token of the lease."""
        self.blocking = Host(path, token)
        self._path = path
        self._token = token
        self._process = os.getpid()
        self._of_loops: dict[asyncio.AbstractEventLoop, AsyncHost] = {}

    @property
    def for_asyncio(self) -> AsyncHost:
        """That of the event loop that runs."""
        # Both imported late: blocking code needs neither.
        import asyncio  # noqa: PLC0415

        from sidecar_bridge._async_host import AsyncHost  # noqa: PLC0415

        loop = asyncio.get_running_loop()
        if self._process != os.getpid():
            # The connections in there are those of the process that this one was forked from.
            self._process, self._of_loops = os.getpid(), {}
        if loop not in self._of_loops:
            # A process may run one loop after another, and what belongs to those that have ended can go.
            self._of_loops = {other: host for other, host in list(self._of_loops.items()) if not other.is_closed()}
            self._of_loops[loop] = AsyncHost(self._path, self._token)
        return self._of_loops[loop]


_current: Hosts | None = None

_dialling = threading.Lock()


def _begin_in_child() -> None:
    """Begin with a lock that is free: in the parent another thread may have held it."""
    global _dialling  # noqa: PLW0603 - the other way round it would be held forever
    _dialling = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_in_child)


def set_hosts(hosts: Hosts) -> None:
    """Make them those of this process; a process serves one host."""
    global _current  # noqa: PLW0603 - a process has one lease
    _current = hosts


def current_hosts() -> Hosts:
    """Give the host of this process, which is dialled at the first call unless `serve` runs here."""
    if _current is not None:
        return _current
    with _dialling:
        if _current is None:
            set_hosts(_dialled())
    return current_hosts()


def _dialled() -> Hosts:
    from sidecar_bridge._dial import NO_HOST, address, dial  # noqa: PLC0415 - `serve` has done that already

    path = address()
    if path is None:
        msg = f"{NO_HOST}; start it from the Tauri app, or in a test use `sidecar_bridge.testing.FakeHost`"
        raise BridgeError(msg)
    hello = dial(path, "calls").hello
    return Hosts(hello.host_path, hello.token)


def get_host() -> Host:
    """Give the app that started this sidecar, for blocking code, in any process of the sidecar.

    Inside of `serve` it is the host that serves. A process that the sidecar has started, such as a worker of
    `multiprocessing` or a script, asks the app once, at the first call, and keeps the host. Safe to use from many
    threads; after a fork the child has connections of its own.

    Raises:
        BridgeError: No app started this process, or it does not answer within 5 s.
        ProblemError: The app refuses it; `detail` says why.
    """
    return current_hosts().blocking


def get_async_host() -> AsyncHost:
    """Give the same as `get_host` for the event loop that runs; each loop has its own.

    Outside of `serve` the first call blocks until the app has answered, usually for less than 1 ms.

    Raises:
        BridgeError: No app started this process, or it does not answer within 5 s.
        ProblemError: The app refuses it; `detail` says why.
        RuntimeError: No event loop runs in this thread.
    """
    return current_hosts().for_asyncio
