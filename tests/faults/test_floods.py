"""Somebody floods the host endpoint: the sidecar does not notice, and the host does not grow."""

from __future__ import annotations

import re
import resource
import socket
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from threading import Event, Thread

import pytest
from sidecar_bridge import BridgeError
from sidecar_bridge import Host as Client

from figures import note, spread
from world import Endpoint, host, many

MUST = "0 calls of others fail; ≤ 128 MiB growth; recovery < 1.5 s"


class Others(Thread):
    """A sidecar at work: one call after another on a connection that it has, and on a new one each time."""

    def __init__(self, endpoint: Endpoint) -> None:
        super().__init__()
        self.took_ms: list[float] = []
        self.failures: list[BridgeError] = []
        self._endpoint = endpoint
        self._over = Event()

    def run(self) -> None:
        with Client(*self._endpoint) as steady:
            while not self._over.wait(0.005):
                self._call(steady)
                with Client(*self._endpoint) as fresh:
                    self._call(fresh)

    def _call(self, client: Client) -> None:
        began = time.monotonic()
        try:
            client.health(timeout_s=10)
        except BridgeError as error:
            self.failures.append(error)
        self.took_ms.append((time.monotonic() - began) * 1000)

    def make(self, calls: int) -> None:
        """Wait until they have made as many more."""
        until = len(self.took_ms) + calls
        while self.is_alive() and len(self.took_ms) < until:
            time.sleep(0.01)

    def end(self) -> None:
        self._over.set()
        self.join()


def connect(endpoint: Endpoint) -> socket.socket:
    client = socket.socket(socket.AF_UNIX)
    # Without a time limit, for with one it would not wait for a place in the backlog, see EAGAIN in connect(2).
    client.connect(str(endpoint.path))
    client.settimeout(10)
    return client


def many_connections(endpoint: Endpoint, open_ones: ExitStack) -> str:
    """Open connections and say nothing on them."""
    count = many(1000, 10_000)
    for _ in range(count):
        open_ones.enter_context(connect(endpoint))
    return f"{count} silent connections"


def slow_loris(endpoint: Endpoint, open_ones: ExitStack) -> str:
    """Send headers, a byte at a time, that never end."""
    slow = [open_ones.enter_context(connect(endpoint)) for _ in range(300)]
    until = time.monotonic() + many(2, 30)
    while time.monotonic() < until:
        for number, client in enumerate(slow):
            try:
                client.send(b"a")
            except OSError:  # turned away, so it comes again
                client.close()
                slow[number] = open_ones.enter_context(connect(endpoint))
        time.sleep(0.1)
    return "slow-loris on 300 connections"


def half_requests(endpoint: Endpoint, open_ones: ExitStack) -> str:
    """Send a request up to each of its bytes, and then nothing, or the end."""
    body = b'{"step": 1}'
    head = f"POST /v1/events/touched HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {endpoint.token}\r\n"
    whole = f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
    with Client(*endpoint) as client, client.listen("touched") as events:
        for ends in (False, True):
            for cut in range(len(whole)):
                half = open_ones.enter_context(connect(endpoint))
                half.sendall(whole[:cut])
                if ends:
                    half.shutdown(socket.SHUT_WR)
        client.emit("touched", "whole")
        assert events.receive(timeout_s=10) == "whole", "half a request was carried out"
    return f"half requests, cut at each of {len(whole)} bytes, left open and closed"


def rss_bytes(pid: int) -> int:
    match = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert match is not None
    return int(match[1]) * 1024


@pytest.mark.parametrize("descriptors", [None, 64])
@pytest.mark.parametrize("flood", [many_connections, slow_loris, half_requests])
def test_a_flood_reaches_nobody_else(flood: Callable[[Endpoint, ExitStack], str], descriptors: int | None) -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    limits = None if descriptors is None else ["prlimit", f"--nofile={descriptors}"]
    with host(limits=limits) as running:
        running.ready()
        endpoint = running.endpoint()
        others = Others(endpoint)
        before = rss_bytes(running.process.pid)
        others.start()
        try:
            with ExitStack() as open_ones:
                what = flood(endpoint, open_ones)
                others.make(many(100, 2000))
                grown = (rss_bytes(running.process.pid) - before) / 2**20
            over = time.monotonic()
            with Client(*endpoint) as client:
                client.health(timeout_s=30)
            recovery = time.monotonic() - over
        finally:
            others.end()
        assert others.failures == []
        assert running.process.poll() is None
    took = spread(others.took_ms)
    seen = f"0 of {len(others.took_ms)} calls failed, {took}; {grown:+.1f} MiB; recovery {recovery * 1000:.0f} ms"
    limited = "" if descriptors is None else f", {descriptors} descriptors for the app"
    note(f"{what}{limited}", MUST, seen, holds=grown <= 128 and recovery < 1.5)
