"""What a call does where the host has no room for its connection, and where this process has none."""

from __future__ import annotations

import asyncio
import gc
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest
from hosts import LIMIT_S, Endpoint, LoopWithoutReaders

from sidecar_bridge import AsyncHost, Host, TransportError
from sidecar_bridge._client.async_host import link_of

ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"

MOST_REPEATS = 3
"""So often a call is sent anew over a new connection."""


@pytest.fixture(scope="module")
def narrow(start_endpoint: Callable[..., Endpoint]) -> Iterator[Endpoint]:
    """A host with room for 16 connections, a quarter of its descriptors."""
    endpoint = start_endpoint(descriptors=64)
    yield endpoint
    endpoint.host.stop()


def test_more_clients_than_the_host_has_room_for_lose_no_call(narrow: Endpoint) -> None:
    async def ask(thread: int) -> None:
        async with AsyncHost(narrow.hello.host_path, narrow.hello.token) as host:
            for turn in range(4):
                calls = [host.invoke("echo", {"value": [thread, turn, number]}) for number in range(64)]
                async with asyncio.timeout(LIMIT_S):
                    assert await asyncio.gather(*calls) == [[thread, turn, number] for number in range(64)]

    def run(thread: int) -> None:
        asyncio.run(ask(thread))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(run, range(8)))


def test_clients_that_keep_their_connections_keep_nobody_out(narrow: Endpoint) -> None:
    hosts = [Host(narrow.hello.host_path, narrow.hello.token) for _ in range(40)]
    try:
        for turn in range(3):
            for number, host in enumerate(hosts):
                assert host.invoke("echo", {"value": [turn, number]}, timeout_s=LIMIT_S) == [turn, number]
    finally:
        for host in hosts:
            host.close()


class Turnstile:
    """A host that closes so many connections, of whose requests it reads `reads` bytes, and answers all others."""

    def __init__(self, path: Path, *, closes: int, reads: int = 0) -> None:
        self.accepted = 0
        self._is_over = False
        self._closes, self._reads = closes, reads
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(str(path))
        self._socket.listen()
        self._thread = Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while True:
            connection, _ = self._socket.accept()
            with connection:
                if self._is_over:
                    return
                if not connection.recv(1, socket.MSG_PEEK):
                    # It found that its loop cannot watch a socket.
                    continue
                self.accepted += 1
                if self.accepted <= self._closes:
                    if self._reads:
                        connection.recv(self._reads)
                    continue
                self._answer(connection)

    @staticmethod
    def _answer(connection: socket.socket) -> None:
        received = b""
        while b"\r\n\r\n" not in received:
            received += connection.recv(65536)
        head, body = received.lower().split(b"\r\n\r\n", 1)
        left = int(head.split(b"content-length: ")[1].split(b"\r")[0]) - len(body)
        while left > 0:
            left -= len(connection.recv(65536))
        connection.sendall(ANSWER)
        connection.recv(1)

    def close(self, path: Path) -> None:
        self._is_over = True
        with socket.socket(socket.AF_UNIX) as last:
            last.connect(str(path))
        self._thread.join(LIMIT_S)
        assert not self._thread.is_alive()
        self._socket.close()


@contextmanager
def turnstile(tmp_path: Path, **options: int) -> Iterator[tuple[Path, Turnstile]]:
    path = tmp_path / "s"
    host = Turnstile(path, **options)
    try:
        yield path, host
    finally:
        host.close(path)


def blocking(path: Path, body: bytes) -> object:
    with Host(path, "token") as host:
        return host.invoke("take", body, timeout_s=LIMIT_S)


def awaited(path: Path, body: bytes, loop: Callable[[], asyncio.AbstractEventLoop] | None = None) -> object:
    async def call() -> object:
        async with AsyncHost(path, "token") as host:
            return await host.invoke("take", body, timeout_s=LIMIT_S)

    with asyncio.Runner(loop_factory=loop) as runner:
        return runner.run(call())


def by_transport(path: Path, body: bytes) -> object:
    return awaited(path, body, LoopWithoutReaders)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells that nobody read the request")
@pytest.mark.parametrize("call", [blocking, awaited, by_transport])
def test_a_call_whose_request_nobody_read_is_sent_again(tmp_path: Path, call: Callable[[Path, bytes], object]) -> None:
    with turnstile(tmp_path, closes=MOST_REPEATS) as (path, host):
        assert call(path, b"x") == {}
        assert host.accepted == MOST_REPEATS + 1
    (tmp_path / "s").unlink()
    with turnstile(tmp_path, closes=MOST_REPEATS + 1) as (path, _), pytest.raises(TransportError) as raised:
        call(path, b"x")
    assert raised.value.retryable


@pytest.mark.parametrize("call", [blocking, awaited])
def test_a_call_that_was_read_in_part_is_sent_again(tmp_path: Path, call: Callable[[Path, bytes], object]) -> None:
    # More than a socket takes at once: a part stays here.
    with turnstile(tmp_path, closes=1, reads=1000) as (path, host):
        assert call(path, bytes(4_000_000)) == {}
        assert host.accepted == 2


def test_a_call_that_was_read_is_never_sent_again(tmp_path: Path) -> None:
    with turnstile(tmp_path, closes=1, reads=65536) as (path, host):
        for call in (blocking, awaited):
            host.accepted = 0
            with pytest.raises(TransportError) as raised:
                call(path, b"x")
            assert not raised.value.retryable
            assert host.accepted == 1


AT_THE_LIMIT = """
import asyncio, os, resource, sys
from contextlib import contextmanager
from sidecar_bridge import AsyncHost, Host, TransportError

resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))

@contextmanager
def at_the_limit():
    taken = []
    try:
        while True:
            taken.append(os.open("/dev/null", os.O_RDONLY))
    except OSError:
        pass
    try:
        yield
    except TransportError as error:
        print(error.retryable, error)
    finally:
        for descriptor in taken:
            os.close(descriptor)

async def main():
    # Has all that a call loads.
    async with AsyncHost(*sys.argv[1:]) as host:
        await host.health()
    async with AsyncHost(*sys.argv[1:]) as host:
        with at_the_limit():
            await host.invoke("greet", {"name": "Ada"})
        print(await host.invoke("greet", {"name": "Ada"}))

with Host(*sys.argv[1:]) as host:
    with at_the_limit():
        host.invoke("greet", {"name": "Ada"})
    print(host.invoke("greet", {"name": "Ada"}))
asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="has no such limit")
def test_a_process_with_no_descriptor_left_may_call_again(endpoint: Endpoint) -> None:
    command = [sys.executable, "-c", AT_THE_LIMIT, endpoint.hello.host_path, endpoint.hello.token]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    assert ended.returncode == 0, ended.stderr
    said = ended.stdout.splitlines()
    assert len(said) == 4
    for failed, greeted in zip(said[::2], said[1::2], strict=True):
        assert failed.startswith("True no descriptor is left for another connection to the host at ")
        assert failed.endswith("is `ulimit -n` too low?")
        assert "Ada" in greeted


@pytest.mark.skipif(sys.platform != "linux", reason="counts in /proc")
async def test_hosts_that_are_dropped_leave_no_descriptors(endpoint: Endpoint) -> None:
    def descriptors() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    async def use() -> None:
        host = AsyncHost(endpoint.hello.host_path, endpoint.hello.token)
        link_of(host)._shared_from = 2
        async with asyncio.timeout(LIMIT_S):
            while (calls := link_of(host)._calls) is None or not calls.is_open:
                await asyncio.gather(*(host.invoke("echo", {"value": 1}) for _ in range(4)))

    await use()
    gc.collect()
    await asyncio.sleep(0)
    before = descriptors()
    for _ in range(5):
        await use()
    gc.collect()
    await asyncio.sleep(0)
    assert descriptors() == before


def test_a_host_is_dropped_in_any_thread_and_after_its_loop(endpoint: Endpoint) -> None:
    async def use() -> list[AsyncHost]:
        host = AsyncHost(endpoint.hello.host_path, endpoint.hello.token)
        await host.health()
        hosts = [host]
        del host
        await asyncio.to_thread(hosts.clear)
        other = AsyncHost(endpoint.hello.host_path, endpoint.hello.token)
        await other.health()
        return [other]

    kept = asyncio.run(use())
    kept.clear()
    gc.collect()
