"""How streams end, and go on: subscriptions and calls with channels, for both twins."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from hosts import LIMIT_S, Call, Endpoint

from sidecar_bridge import AsyncChannel, AsyncHost, BridgeError, EventsLostError, Host, TransportError
from sidecar_bridge._client.host import link_of

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n"

GAP = b'id: 1-1\ndata: 1\n\nevent: gap\ndata: {"lost":7}\n\nid: 1-9\ndata: 9\n\nevent: gap\ndata: {"lost":null}\n\n'


class Player:
    """A host that gives each connection one of these answers, oldest first, and hangs up, but stays after the last."""

    def __init__(self, path: Path, *answers: bytes, stays: bool = True) -> None:
        self.path = path
        self.asked: list[bytes] = []
        self._answers = answers
        self._stays = stays
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen()
        self._listener.settimeout(LIMIT_S)
        self._kept: list[socket.socket] = []
        self._thread = Thread(target=self._play)
        self._thread.start()

    def _play(self) -> None:
        for number, answer in enumerate(self._answers, 1):
            connection, _ = self._listener.accept()
            self._kept.append(connection)
            self.asked.append(connection.recv(65536))
            connection.sendall(answer)
            if number < len(self._answers) or not self._stays:
                connection.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._thread.join(LIMIT_S)
        for each in [self._listener, *self._kept]:
            each.close()


@pytest.fixture
def play(tmp_path: Path) -> Iterator[Callable[..., Player]]:
    players: list[Player] = []

    def start(*answers: bytes, stays: bool = True) -> Player:
        players.append(Player(tmp_path / "s", *answers, stays=stays))
        return players[-1]

    yield start
    for player in players:
        player.close()


@pytest.fixture(params=["Host", "AsyncHost"])
def reading(request: pytest.FixtureRequest) -> Callable[..., list[Any]]:
    """Reads so many events of a host at a path, for each twin; gives what came, errors among it."""

    def blocking(path: Path, count: int, **options: Any) -> list[Any]:
        came: list[Any] = []
        with Host(path, "token") as host, host.listen("e", timeout_s=LIMIT_S, **options) as events:
            while len(came) < count:
                try:
                    came.append(events.receive(LIMIT_S))
                except BridgeError as error:
                    came.append(error)
        return came

    def awaited(path: Path, count: int, **options: Any) -> list[Any]:
        async def run() -> list[Any]:
            came: list[Any] = []
            async with (
                AsyncHost(path, "token") as host,
                host.listen("e", timeout_s=LIMIT_S, **options) as events,
            ):
                while len(came) < count:
                    try:
                        came.append(await events.receive(LIMIT_S))
                    except BridgeError as error:
                        came.append(error)
            return came

        return asyncio.run(run())

    return blocking if request.param == "Host" else awaited


def test_an_idle_subscription_is_made_anew(play: Callable[..., Player], reading: Callable[..., list[Any]]) -> None:
    idle = HEAD + b": subscribed\n\nid: 1-4\n\n"
    player = play(idle, idle, idle + b"id: 1-5\ndata: 5\n\n")
    assert reading(player.path, 1) == [5]
    assert [b"last-event-id: 1-4" in asked for asked in player.asked] == [False, True, True]


def test_a_host_that_ends_every_stream_at_once_is_not_asked_for_ever(
    play: Callable[..., Player], reading: Callable[..., list[Any]]
) -> None:
    player = play(*[HEAD + b": subscribed\n\nid: 1-4\n\n"] * 4, stays=False)
    (error,) = reading(player.path, 1)
    assert isinstance(error, TransportError)
    assert "ended the stream of events" in str(error)


def test_a_listener_hears_what_was_lost_without_ending(
    play: Callable[..., Player], reading: Callable[..., list[Any]]
) -> None:
    lost: list[int | None] = []
    player = play(HEAD + b": subscribed\n\n" + GAP + b"id: 1-10\ndata: 10\n\n")
    assert reading(player.path, 3, on_lost=lost.append) == [1, 9, 10]
    assert lost == [7, None]


def test_without_a_callback_the_loss_is_an_error(
    play: Callable[..., Player], reading: Callable[..., list[Any]]
) -> None:
    came = reading(play(HEAD + b": subscribed\n\n" + GAP).path, 4)
    assert [came[0], came[2]] == [1, 9]
    assert [error.lost for error in came if isinstance(error, EventsLostError)] == [7, None]


def test_what_the_callback_raises_ends_the_wait(play: Callable[..., Player], reading: Callable[..., list[Any]]) -> None:
    def refuse(_: int | None) -> None:
        raise KeyError

    with pytest.raises(KeyError):
        reading(play(HEAD + b": subscribed\n\n" + GAP).path, 2, on_lost=refuse)


def test_closing_the_host_ends_its_streams(endpoint: Endpoint) -> None:
    host = Host(endpoint.hello.host_path, endpoint.hello.token)
    listens: list[object] = []
    held: list[object] = []

    def iterate() -> list[object]:
        with host.listen("never", timeout_s=LIMIT_S) as events:
            listens.append(events)
            return list(events)

    def receive() -> object:
        with host.listen("never", timeout_s=LIMIT_S) as events:
            listens.append(events)
            return events.receive()

    def hold() -> object:
        return host.invoke("hold", channels={"onText": held.append})

    with ThreadPoolExecutor() as threads:
        iterating, receiving, holding = (threads.submit(work) for work in (iterate, receive, hold))
        while len(listens) < 2 or not held:
            pass
        host.close()
        assert iterating.result(LIMIT_S) == []
        for waiting in (receiving, holding):
            with pytest.raises(BridgeError, match="is closed; make another one"):
                waiting.result(LIMIT_S)
    with pytest.raises(BridgeError, match="is closed"), host.listen("never"):
        pass


async def test_closing_the_host_ends_its_streams_with_asyncio(endpoint: Endpoint) -> None:
    host = AsyncHost(endpoint.hello.host_path, endpoint.hello.token)
    entered = [asyncio.Event(), asyncio.Event()]
    channel = AsyncChannel[str]()

    async def iterate() -> list[object]:
        async with host.listen("never", timeout_s=LIMIT_S) as events:
            entered[0].set()
            return [event async for event in events]

    async def receive() -> object:
        async with host.listen("never", timeout_s=LIMIT_S) as events:
            entered[1].set()
            return await events.receive()

    iterating, receiving = asyncio.create_task(iterate()), asyncio.create_task(receive())
    holding = asyncio.create_task(host.invoke("hold", channels={"onText": channel}))
    assert await anext(aiter(channel)) == "held"
    for event in entered:
        await event.wait()
    await host.close()
    assert await asyncio.wait_for(iterating, LIMIT_S) == []
    for waiting in (receiving, holding):
        with pytest.raises(BridgeError, match="is closed; make another one"):
            await asyncio.wait_for(waiting, LIMIT_S)
    with pytest.raises(BridgeError, match="is closed"):
        async with host.listen("never"):
            pass


def test_a_call_in_flight_ends_as_it_would_have(endpoint: Endpoint) -> None:
    host = Host(endpoint.hello.host_path, endpoint.hello.token)
    with ThreadPoolExecutor() as threads:
        content = bytes(5_000_000)
        calls = [threads.submit(host.invoke, "reverse", content) for _ in range(4)]
        host.close()
        for call in calls:
            # Or it had not begun yet.
            assert isinstance(call.exception(LIMIT_S), BridgeError) or call.result(LIMIT_S) == content


def test_a_call_in_flight_does_not_outlast_the_sidecar(endpoint: Endpoint) -> None:
    host = Host(endpoint.hello.host_path, endpoint.hello.token)
    with ThreadPoolExecutor() as threads:
        holding = threads.submit(host.invoke, "hold", {"onText": "__CHANNEL__:7"})
        while not holding.running():
            pass
        link_of(host).end()
        assert isinstance(holding.exception(LIMIT_S), BridgeError)


def test_a_child_that_closes_the_host_ends_no_stream_of_its_parent(endpoint: Endpoint, host: Host) -> None:
    with (
        Host(endpoint.hello.host_path, endpoint.hello.token) as forked,
        forked.listen("progress", timeout_s=LIMIT_S) as events,
    ):
        child = os.fork()
        if child == 0:
            forked.close()
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        stream = events._stream
        host.emit("progress", json.loads("[1]"))
        assert events.receive(LIMIT_S) == [1]
        assert events._stream is stream


def test_closed_subscriptions_are_forgotten(call: Call) -> None:
    def blocking(host: Host) -> bool:
        for _ in range(3):
            with host.listen("never", timeout_s=LIMIT_S):
                pass
        return not link_of(host).is_streaming

    async def awaited(host: AsyncHost) -> bool:
        from sidecar_bridge._client.async_host import link_of  # noqa: PLC0415

        for _ in range(3):
            async with host.listen("never", timeout_s=LIMIT_S):
                pass
        return not link_of(host).is_streaming

    assert call(lambda host: blocking(host) if isinstance(host, Host) else awaited(host))
