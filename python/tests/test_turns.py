"""How many calls are under way at once, and what a call that is out of time leaves behind, for both twins."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Thread

import pytest
from hosts import LIMIT_S

from sidecar_bridge import AsyncChannel, AsyncHost, DeadlineExceededError, Host, TransportError
from sidecar_bridge._client.async_host import link_of

MOST_CALLS = 64

ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"

NOT_FOUND = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"

SUBSCRIBED = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n: subscribed\n\n"


class Listener:
    """A host that accepts when the test says so, and answers what the test says."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(str(path))
        self._socket.listen(2 * MOST_CALLS)
        self._accepted: list[socket.socket] = []

    def accept(self) -> socket.socket:
        self._socket.settimeout(LIMIT_S)
        connection, _ = self._socket.accept()
        self._accepted.append(connection)
        return connection

    def nobody_waits(self) -> bool:
        self._socket.setblocking(False)
        try:
            self._accepted.append(self._socket.accept()[0])
        except BlockingIOError:
            return True
        return False

    def hang_up(self) -> None:
        for connection in self._accepted:
            connection.close()
        self._accepted.clear()

    def close(self) -> None:
        self.hang_up()
        self._socket.close()


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[Listener]:
    listener = Listener(tmp_path / "s")
    yield listener
    listener.close()


def test_calls_with_channels_take_turns(listener: Listener) -> None:
    with Host(listener.path, "token") as host, ThreadPoolExecutor(MOST_CALLS) as threads:
        held = [
            threads.submit(host.invoke, "hold", channels={"onText": print}, timeout_s=LIMIT_S)
            for _ in range(MOST_CALLS)
        ]
        for _ in held:
            listener.accept()
        for late in (host.health, lambda **more: host.invoke("hold", channels={"onText": print}, **more)):
            with pytest.raises(DeadlineExceededError):
                late(timeout_s=0.1)
        assert listener.nobody_waits()
        listener.hang_up()
        assert {type(call.exception(LIMIT_S)) for call in held} == {TransportError}
        answered = threads.submit(host.health, timeout_s=LIMIT_S)
        listener.accept().sendall(ANSWER)
        assert answered.result(LIMIT_S) == {}


async def test_a_turn_goes_to_the_task_that_waits_for_it_longest(listener: Listener) -> None:
    def request(connection: socket.socket) -> str:
        return connection.recv(65536).split(b" ", 2)[1].decode()

    async with AsyncHost(listener.path, "token") as host:

        async def loop() -> None:
            while True:
                await host.health()

        looping = [asyncio.create_task(loop()) for _ in range(MOST_CALLS)]
        accepted = [await asyncio.to_thread(listener.accept) for _ in range(MOST_CALLS + 1)]
        asked = {connection: await asyncio.to_thread(request, connection) for connection in accepted}
        connections = [connection for connection, path in asked.items() if path == "/health"]
        # One would carry many calls, which this host knows nothing of.
        [other] = [connection for connection in accepted if connection not in connections]
        assert asked[other] == "/v1/calls"
        other.sendall(NOT_FOUND)
        late = [asyncio.create_task(host.invoke(name, timeout_s=LIMIT_S)) for name in ("first", "given-up", "second")]
        await asyncio.sleep(0)
        late[1].cancel()
        for wanted in ("/v1/invoke/first", "/v1/invoke/second", "/health"):
            connections[0].sendall(ANSWER)
            assert await asyncio.to_thread(request, connections[0]) == wanted
        for task in looping:
            task.cancel()
        await asyncio.gather(*looping, *late, return_exceptions=True)
        assert late[0].result() == late[2].result() == {}


@pytest.mark.parametrize("cancelled_first", [False, True])
async def test_a_turn_is_not_lost_with_the_task_that_was_to_get_it(listener: Listener, cancelled_first: bool) -> None:
    async with AsyncHost(listener.path, "token") as host:
        link = link_of(host)
        turns = [await link.take_turn(None) for _ in range(MOST_CALLS)]
        first, second = (asyncio.create_task(link.take_turn(None)) for _ in range(2))
        await asyncio.sleep(0)
        # The task does not run between these.
        if cancelled_first:
            first.cancel()
        link.give_back(turns.pop())
        if not cancelled_first:
            first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        assert await asyncio.wait_for(second, LIMIT_S) is None


async def test_calls_with_channels_take_turns_with_asyncio(listener: Listener) -> None:
    async with AsyncHost(listener.path, "token") as host:

        def hold(timeout_s: float = LIMIT_S) -> asyncio.Task[object]:
            return asyncio.create_task(host.invoke("hold", channels={"onText": AsyncChannel()}, timeout_s=timeout_s))

        held = [hold() for _ in range(MOST_CALLS)]
        for _ in held:
            await asyncio.to_thread(listener.accept)
        with pytest.raises(DeadlineExceededError):
            await host.health(timeout_s=0.1)
        with pytest.raises(DeadlineExceededError):
            await hold(timeout_s=0.1)
        assert listener.nobody_waits()
        listener.hang_up()
        ended = await asyncio.wait_for(asyncio.gather(*held, return_exceptions=True), LIMIT_S)
        assert {type(error) for error in ended} == {TransportError}


def test_a_callback_that_raises_gives_its_turn_back(listener: Listener) -> None:
    message = SUBSCRIBED.replace(b": subscribed", b"event: channel:onText\ndata: 1")

    def refuse(_: object) -> None:
        raise KeyError

    with Host(listener.path, "token") as host, ThreadPoolExecutor(1) as thread:
        for _ in range(MOST_CALLS + 1):
            call = thread.submit(host.invoke, "hold", channels={"onText": refuse}, timeout_s=LIMIT_S)
            listener.accept().sendall(message)
            assert type(call.exception(LIMIT_S)) is KeyError


def subscriptions(listener: Listener) -> Callable[[], None]:
    """Give what plays a host that breaks off, then says nothing, then goes on."""

    def play() -> None:
        first = listener.accept()
        first.recv(65536)
        first.sendall(SUBSCRIBED + b"id: 1-1\ndata: 1\n\n")
        first.shutdown(socket.SHUT_RDWR)
        silent = listener.accept()
        assert b"last-event-id: 1-1" in silent.recv(65536)
        last = listener.accept()
        assert b"last-event-id: 1-1" in last.recv(65536)
        last.sendall(SUBSCRIBED + b"id: 1-2\ndata: 2\n\n")

    return play


def test_a_subscription_that_is_out_of_time_while_it_is_made_anew_goes_on(listener: Listener) -> None:
    player = Thread(target=subscriptions(listener))
    player.start()
    with Host(listener.path, "token") as host, host.listen("e", timeout_s=LIMIT_S) as events:
        assert events.receive(LIMIT_S) == 1
        with pytest.raises(DeadlineExceededError):
            events.receive(0.2)
        assert events.receive(LIMIT_S) == 2
    player.join(LIMIT_S)


async def test_a_subscription_that_is_out_of_time_while_it_is_made_anew_goes_on_with_asyncio(
    listener: Listener,
) -> None:
    player = asyncio.create_task(asyncio.to_thread(subscriptions(listener)))
    async with AsyncHost(listener.path, "token") as host, host.listen("e", timeout_s=LIMIT_S) as events:
        assert await events.receive(LIMIT_S) == 1
        with pytest.raises(DeadlineExceededError):
            await events.receive(0.2)
        assert await events.receive(LIMIT_S) == 2
    await player
