"""The host of this process: the one that `serve` serves here, or that of the sidecar that started this process."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from sidecar_bridge._client.errors import BridgeError
from sidecar_bridge._client.host import Host, link_of

if TYPE_CHECKING:
    import asyncio
    from typing import Literal

    from sidecar_bridge._client.async_host import AsyncHost
    from sidecar_bridge._serve.hello import Hello


class Hosts:
    """One host, with a client for blocking code and a client for each event loop."""

    def __init__(self, hello: Hello) -> None:
        """Use the host endpoint and the token of a hello."""
        self.directories = hello.directories
        self.blocking = Host(hello.host_path, hello.token, host_pid=hello.host_pid)
        self._hello = hello
        self._process = os.getpid()
        self._of_loops: dict[asyncio.AbstractEventLoop, AsyncHost] = {}
        self._stops = False
        """Whether there are to be no more subscriptions."""

    @property
    def for_asyncio(self) -> AsyncHost:
        """The client of the running event loop."""
        # Both imported late: blocking code needs neither.
        import asyncio  # noqa: PLC0415

        from sidecar_bridge._client.async_host import AsyncHost, link_of  # noqa: PLC0415

        loop = asyncio.get_running_loop()
        if self._process != os.getpid():
            # This process is a fork: the clients hold connections of its parent.
            self._process, self._of_loops = os.getpid(), {}
        if loop not in self._of_loops:
            # A process may run one loop after another. Drop the clients of loops that have ended, and nothing that
            # another thread adds meanwhile.
            for other in [other for other in list(self._of_loops) if other.is_closed()]:
                self._of_loops.pop(other, None)
            self._of_loops[loop] = host = AsyncHost(
                self._hello.host_path, self._hello.token, host_pid=self._hello.host_pid
            )
            if self._stops:
                link_of(host).stop_listening()
        return self._of_loops[loop]

    def stop_listening(self) -> None:
        """End the subscriptions of all threads and loops, and refuse new ones: the sidecar stops.

        They are for as long as the sidecar serves, and a thread that waits for an event would keep the process. Any
        thread and any signal handler may call this.
        """
        self._stops = True
        link_of(self.blocking).stop_listening()
        self._in_loops("stop_listening")

    def end(self) -> None:
        """End the calls with channels too, and give up the calls in flight of all threads."""
        self._stops = True
        link_of(self.blocking).end()
        self._in_loops("end_streams")

    def _in_loops(self, what: Literal["stop_listening", "end_streams"]) -> None:
        """Let each loop's client do this in the loop's own thread, soon."""
        for loop, host in list(self._of_loops.items()):
            from sidecar_bridge._client.async_host import link_of  # noqa: PLC0415 - loaded with the client

            # RuntimeError: the loop has ended.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(getattr(link_of(host), what))


_current: Hosts | None = None

_dialling = threading.Lock()


def _begin_in_child() -> None:
    """Give the child of a fork a free lock: in the parent another thread may have held the lock."""
    global _dialling  # noqa: PLW0603 - a lock copied while held stays held
    _dialling = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_in_child)


def set_hosts(hosts: Hosts) -> None:
    """Make `hosts` the host of this process; a process has one host."""
    global _current  # noqa: PLW0603 - a process has one lease
    _current = hosts


def current_hosts() -> Hosts:
    """Give the host of this process. Unless `serve` runs here, the first call dials the host."""
    if _current is not None:
        return _current
    with _dialling:
        if _current is None:
            set_hosts(_dialled())
    return current_hosts()


def _dialled() -> Hosts:
    from sidecar_bridge._serve.dial import NO_HOST, address, dial, is_spare  # noqa: PLC0415 - after `serve` nobody dials

    if is_spare():
        raise BridgeError(
            "this process stands ready as the next generation and has no host until it is called; call the host from "
            'the lifespan on, or set `spawn.standby` to "off"'
        )

    path = address()
    if path is None:
        msg = f"{NO_HOST}; start it from the Tauri app, or in a test use `sidecar_bridge.testing.FakeHost`"
        raise BridgeError(msg)
    return Hosts(dial(path, "calls").hello)


def get_host() -> Host:
    """Give the host, the app that started this sidecar, for blocking code in any process of the sidecar.

    Inside of `serve` this is the host that `serve` serves. A process that the sidecar has started, such as a worker of
    `multiprocessing` or a script, asks the app once, at the first call, and keeps the host. Safe to use from many
    threads; after a fork the child has connections of its own.

    Raises:
        BridgeError: No app started this process, or the app does not answer within 5 s.
        ProblemError: The app refuses this process; `detail` says why.
    """
    return current_hosts().blocking
