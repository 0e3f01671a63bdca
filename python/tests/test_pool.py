"""Many threads, tasks and processes on one host; connections that are cut."""

from __future__ import annotations

import asyncio
import gc
import os
import random
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import Any, cast

import pytest
from hosts import LIMIT_S, Call, Endpoint, LoopWithoutReaders

from sidecar_bridge import AsyncChannel, AsyncHost, DeadlineExceededError, EventsLostError, Host, TransportError
from sidecar_bridge._client.async_host import link_of
from sidecar_bridge._client.async_transport import TransportConnection
from sidecar_bridge._client.stream import EventBuffer


def test_more_threads_than_connections_share_a_host(host: Host) -> None:
    def echo(number: int) -> bool:
        value = {"number": number, "padding": "x" * (number % 7 * 1000)}
        return bool(host.invoke("echo", {"value": value}, timeout_s=LIMIT_S) == value)

    with ThreadPoolExecutor(96) as threads:
        assert all(threads.map(echo, range(3000)))


FORK = """
import os, sys
from sidecar_bridge import Host

host = Host(sys.argv[1], sys.argv[2])
ask = lambda who: [host.invoke("echo", {"value": [who, n]}) for n in range(200)] == [[who, n] for n in range(200)]
assert ask("before")
child = os.fork()
right = ask("child" if child == 0 else "parent")
if child == 0:
    os._exit(0 if right else 1)
assert right and os.waitpid(child, 0)[1] == 0
"""


def test_parent_and_child_do_not_share_connections(endpoint: Endpoint) -> None:
    command = [sys.executable, "-c", FORK, endpoint.hello.host_path, endpoint.hello.token]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    assert ended.returncode == 0, ended.stderr


async def test_a_storm_of_cancellations_disturbs_nobody(endpoint: Endpoint) -> None:
    seed = random.randrange(2**32)
    print("seed", seed)
    chance = random.Random(seed)
    async with AsyncHost(endpoint.hello.host_path, endpoint.hello.token) as host:

        async def call(number: int) -> None:
            value = [number, "x" * chance.choice([0, 10, 300_000])]
            assert await host.invoke("echo", {"value": value}, timeout_s=LIMIT_S) == value

        for _ in range(20):
            calls = [asyncio.ensure_future(call(number)) for number in range(100)]
            for doomed in chance.sample(calls, 70):
                await asyncio.sleep(chance.choice([0, 0, 0.001]))
                doomed.cancel()
            ended = await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), LIMIT_S)
            assert {type(result) for result in ended} <= {type(None), asyncio.CancelledError}
        await call(0)


def test_calls_go_on_where_the_loop_watches_no_descriptors(endpoint: Endpoint) -> None:
    async def run() -> None:
        async with AsyncHost(endpoint.hello.host_path, endpoint.hello.token) as host:
            content = bytes(range(256)) * 10_000
            assert await host.invoke("reverse", content, timeout_s=LIMIT_S) == content[::-1]
            echoes = [host.invoke("echo", {"value": number}, timeout_s=LIMIT_S) for number in range(200)]
            assert await asyncio.gather(*echoes) == list(range(200))
            async with host.listen("progress") as events:
                await host.emit("progress", 1)
                assert await events.receive(LIMIT_S) == 1

    with asyncio.Runner(loop_factory=LoopWithoutReaders) as runner:
        runner.run(run())


def test_a_loop_that_gives_bytearrays_as_the_proactor_does(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    take = TransportConnection.data_received
    monkeypatch.setattr(
        TransportConnection, "data_received", lambda self, data: take(self, cast("Any", bytearray(data)))
    )

    async def run() -> None:
        async with AsyncHost(endpoint.hello.host_path, endpoint.hello.token) as host:
            assert await host.invoke("echo", {"value": 1}, timeout_s=LIMIT_S) == 1

    with asyncio.Runner(loop_factory=LoopWithoutReaders) as runner:
        runner.run(run())


def test_no_transport_is_open_when_the_loop_has_ended(endpoint: Endpoint, recwarn: pytest.WarningsRecorder) -> None:
    hosts = []

    async def run() -> None:
        hosts.append(AsyncHost(endpoint.hello.host_path, endpoint.hello.token))
        assert await hosts[-1].invoke("echo", {"value": 1}, timeout_s=LIMIT_S) == 1

    with asyncio.Runner(loop_factory=LoopWithoutReaders) as runner:
        runner.run(run())
    hosts.clear()
    gc.collect()
    assert not recwarn.list


UNDER_UVLOOP = """
import asyncio, sys
import uvloop
from sidecar_bridge import AsyncChannel, AsyncHost, DeadlineExceededError

async def main(path, token):
    assert type(asyncio.get_running_loop()).__module__.startswith("uvloop")
    async with AsyncHost(path, token) as host:
        content = bytes(range(256)) * 10_000
        assert await host.invoke("reverse", content, timeout_s=20) == content[::-1]
        calls = [host.invoke("echo", {"value": number}, timeout_s=20) for number in range(500)]
        assert await asyncio.gather(*calls) == list(range(500))
        for _ in range(20):
            late = asyncio.create_task(host.invoke("hold", {"onText": "__CHANNEL__:7"}))
            await asyncio.sleep(0)
            late.cancel()
        try:
            await host.invoke("hold", {"onText": "__CHANNEL__:7"}, timeout_s=0.2)
        except DeadlineExceededError:
            pass
        else:
            raise AssertionError("it never answers")
        async with host.listen("progress", timeout_s=20) as events:
            for number in range(100):
                await host.emit("progress", number)
            assert [await events.receive(20) for _ in range(100)] == list(range(100))

uvloop.run(main(*sys.argv[1:]))
"""


def test_the_client_works_under_uvloop(endpoint: Endpoint) -> None:
    place = os.environ.get("SIDECAR_BRIDGE_UVLOOP")
    assert place, "SIDECAR_BRIDGE_UVLOOP names no directory; run scripts/test, which installs uvloop there"
    words = [sys.executable, "-W", "error", "-c", UNDER_UVLOOP, endpoint.hello.host_path, endpoint.hello.token]
    subprocess.run(words, env={**os.environ, "PYTHONPATH": place}, check=True, timeout=60)


class _Cable:
    """A socket between a client and the host, which can be cut."""

    def __init__(self, path: Path, host_path: str) -> None:
        self.path = str(path)
        self._host_path = host_path
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self.path)
        self._listener.listen()
        self._ends: list[socket.socket] = []
        self._threads = [Thread(target=self._accept)]
        self._threads[0].start()

    def cut(self) -> None:
        for end in self._ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._threads[0].join(LIMIT_S)
        self.cut()
        for thread in self._threads:
            thread.join(LIMIT_S)
        for end in [self._listener, *self._ends]:
            end.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                host = socket.socket(socket.AF_UNIX)
                host.connect(self._host_path)
                self._ends += [client, host]
                for ends in ((client, host), (host, client)):
                    self._threads.append(Thread(target=self._carry, args=ends))
                    self._threads[-1].start()

    @staticmethod
    def _carry(source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
        with suppress(OSError):
            target.shutdown(socket.SHUT_RDWR)


@contextmanager
def cable(directory: Path, endpoint: Endpoint) -> Iterator[_Cable]:
    one = _Cable(directory / "cable", endpoint.hello.host_path)
    try:
        yield one
    finally:
        one.close()


def test_a_subscription_that_is_cut_loses_nothing(tmp_path: Path, endpoint: Endpoint, host: Host) -> None:
    with (
        cable(tmp_path, endpoint) as wire,
        Host(wire.path, endpoint.hello.token) as cut_off,
        cut_off.listen("progress", timeout_s=LIMIT_S) as events,
    ):
        for number in range(200):
            if number % 40 == 20:
                wire.cut()
            host.emit("progress", number)
        assert [events.receive(LIMIT_S) for _ in range(200)] == list(range(200))


def test_a_subscription_that_is_cut_before_its_first_event_loses_nothing(
    tmp_path: Path, endpoint: Endpoint, host: Host
) -> None:
    with (
        cable(tmp_path, endpoint) as wire,
        Host(wire.path, endpoint.hello.token) as cut_off,
        cut_off.listen("progress", timeout_s=LIMIT_S) as events,
    ):
        for number in range(3):
            wire.cut()
            host.emit("progress", number)
            wire.cut()
        assert [events.receive(LIMIT_S) for _ in range(3)] == [0, 1, 2]


async def test_a_subscription_that_is_cut_loses_nothing_with_asyncio(
    tmp_path: Path, endpoint: Endpoint, host: Host
) -> None:
    with cable(tmp_path, endpoint) as wire:
        async with (
            AsyncHost(wire.path, endpoint.hello.token) as cut_off,
            cut_off.listen("progress", timeout_s=LIMIT_S) as events,
        ):
            for number in range(200):
                if number % 40 == 20:
                    wire.cut()
                await asyncio.to_thread(host.emit, "progress", number)
            assert [await events.receive(LIMIT_S) for _ in range(200)] == list(range(200))


def test_what_a_slow_reader_missed_is_said_in_its_place() -> None:
    buffer: EventBuffer[object] = EventBuffer(1000, lambda text: text)
    buffer.receive(b': subscribed\n\nid: 1-1\ndata: 1\n\nevent: gap\ndata: {"lost":7}\n\nid: 1-9\ndata: 9\n\n')
    assert buffer.take() == "1"
    with pytest.raises(EventsLostError, match="7 events are missing") as caught:
        buffer.take()
    assert caught.value.lost == 7
    assert buffer.take() == "9"
    assert buffer.restart() == "1-9"


@pytest.mark.parametrize("text", ["{}", '{"lost":"7"}', "7", "{"])
def test_a_gap_that_says_nothing_is_a_failure_of_the_host(text: str) -> None:
    buffer: EventBuffer[object] = EventBuffer(1000, lambda text: text)
    buffer.receive(f": subscribed\n\nevent: gap\ndata: {text}\n\n".encode())
    with pytest.raises(TransportError):
        buffer.take()


def test_a_call_in_time_outlives_the_timer_of_a_shorter_one(endpoint: Endpoint) -> None:
    async def run() -> None:
        async with AsyncHost(endpoint.hello.host_path, endpoint.hello.token) as host:
            begun = asyncio.get_running_loop().time()
            await host.invoke("echo", {"value": 1}, timeout_s=0.2)
            # The same connection, whose timer fires in the middle of this.
            with pytest.raises(DeadlineExceededError):
                await host.invoke("hold", {"onText": "__CHANNEL__:7"}, timeout_s=0.6)
            assert asyncio.get_running_loop().time() - begun >= 0.59

    asyncio.run(run())


def test_a_call_with_channels_keeps_no_connection_open_after_the_host_was_closed(endpoint: Endpoint) -> None:
    async def run() -> None:
        host = AsyncHost(endpoint.hello.host_path, endpoint.hello.token)
        await host.invoke("echo", {"value": 1}, timeout_s=LIMIT_S)
        link = link_of(host)
        turn = await link.take_turn(None)
        link.give_back(turn)
        assert turn is not None
        assert turn[0].is_reusable()
        channel = AsyncChannel[str]()
        holding = asyncio.create_task(host.invoke("hold", channels={"onText": channel}))
        assert await anext(aiter(channel)) == "held"
        await host.close()
        holding.cancel()
        with pytest.raises(asyncio.CancelledError):
            await holding
        assert not turn[0].is_reusable()

    asyncio.run(run())


def test_pydantic_models_are_sent_as_json_has_them(call: Call) -> None:
    from datetime import UTC, datetime  # noqa: PLC0415

    from pydantic import BaseModel, Field  # noqa: PLC0415

    class Step(BaseModel):
        done_at: datetime = Field(serialization_alias="doneAt")
        parts: list[int]

    def send(host: Any) -> Any:
        return host.invoke("echo", {"value": [Step(done_at=datetime(2026, 11, 25, tzinfo=UTC), parts=[1])]})

    assert call(send) == [{"doneAt": "2026-11-25T00:00:00Z", "parts": [1]}]


IMPORTED = """
import sys
bare = set(sys.modules)
from sidecar_bridge import Host
Host(sys.argv[1], sys.argv[2]).invoke("greet", {"name": "Ada"})
print(*sys.modules.keys() - bare)
"""


def test_a_first_call_imports_little(endpoint: Endpoint) -> None:
    heavy = {"asyncio", "typing", "dataclasses", "json", "re", "inspect", "pydantic", "fastapi", "socket", "uvicorn"}
    command = [sys.executable, "-S", "-c", IMPORTED, endpoint.hello.host_path, endpoint.hello.token]
    path = str(Path(__file__).parents[1])
    ended = subprocess.run(
        command, capture_output=True, text=True, timeout=LIMIT_S, check=False, env={"PYTHONPATH": path}
    )
    imported = set(ended.stdout.split())
    assert "sidecar_bridge" in imported, ended.stderr
    assert not imported & heavy
