"""What only the asyncio host has to stand: tasks, cancellation, a host that goes away."""

from __future__ import annotations

import asyncio
import select
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from hosts import LIMIT_S, MAX_BODY_BYTES, Endpoint

from sidecar_bridge import AsyncHost, BridgeError, DeadlineExceededError, TransportError
from sidecar_bridge._client.async_host import link_of


@pytest.fixture
async def host(endpoint: Endpoint) -> AsyncIterator[AsyncHost]:
    async with AsyncHost(endpoint.hello.host_path, endpoint.hello.token) as host:
        yield host


Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@pytest.fixture
async def serve_raw(tmp_path: Path) -> AsyncIterator[Callable[[Handler], Awaitable[str]]]:
    """Serves a handler of raw connections, as a host that misbehaves."""
    servers = []

    async def start(handler: Handler) -> str:
        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await handler(reader, writer)
            finally:
                writer.close()

        path = str(tmp_path / "s")
        servers.append(await asyncio.start_unix_server(handle, path))
        return path

    yield start
    for server in servers:
        server.close()
        await server.wait_closed()


async def test_many_tasks_share_a_host(host: AsyncHost) -> None:
    async def echo(number: int) -> bool:
        value = {"number": number, "padding": "x" * (number % 7 * 1000)}
        return bool(await host.invoke("echo", {"value": value}, timeout_s=LIMIT_S) == value)

    assert all(await asyncio.gather(*map(echo, range(1000))))


async def test_cancelling_a_call_leaves_the_others_alone(host: AsyncHost) -> None:
    value = "x" * 100_000
    for rounds in range(20):
        calls = [asyncio.ensure_future(host.invoke("echo", {"value": [i, value]})) for i in range(10)]
        for _ in range(rounds):
            await asyncio.sleep(0)
        for call in calls[::2]:
            call.cancel()
        answers = await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), LIMIT_S)
        for number, answer in enumerate(answers):
            if number % 2:
                assert answer == [number, value]
            else:
                assert isinstance(answer, asyncio.CancelledError) or answer == [number, value]


async def test_an_idle_connection_that_the_host_closed_is_replaced(
    serve_raw: Callable[[Handler], Awaitable[str]],
) -> None:
    requests = []

    async def answer_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        requests.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")

    async with AsyncHost(await serve_raw(answer_once), "token") as host:
        for _ in range(3):
            await host.emit("e", timeout_s=LIMIT_S)
            await asyncio.sleep(0)
    assert len(requests) == 3


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nab",
        b"SSH-2.0\r\n",
        b"HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
    ],
)
async def test_a_broken_answer_is_a_transport_error_and_sent_once(
    serve_raw: Callable[[Handler], Awaitable[str]], answer: bytes
) -> None:
    requests = []

    async def answer_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        requests.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(answer)

    async with AsyncHost(await serve_raw(answer_once), "token") as host:
        with pytest.raises(TransportError, match=r"no answer from the host at .*; it may have exited"):
            await host.invoke("greet", {"name": "Ada"}, timeout_s=LIMIT_S)
    assert len(requests) == 1


async def test_a_host_that_was_never_there_is_a_transport_error(tmp_path: Path) -> None:
    async with AsyncHost(tmp_path / "absent", "token") as host:
        with pytest.raises(TransportError, match="absent"):
            await host.health()


async def test_a_host_that_goes_away_is_a_transport_error(start_endpoint: Callable[[], Endpoint]) -> None:
    endpoint = start_endpoint()
    async with AsyncHost(endpoint.hello.host_path, endpoint.hello.token) as host:
        async with host.listen("anything") as events:
            endpoint.host.kill()
            with pytest.raises(TransportError, match="it may have exited"):
                await events.receive(LIMIT_S)
        with pytest.raises(TransportError):
            await host.health(timeout_s=LIMIT_S)


async def test_events_are_heard(host: AsyncHost) -> None:
    async with host.listen("progress", timeout_s=LIMIT_S) as events:
        payloads = [{"step": 1}, None, "ü\n\r", [1.5, True]]
        for payload in payloads:
            await host.emit("progress", payload)
        await host.emit("other", "not for this listener")
        await host.emit("progress", "last", target="main")
        assert [await events.receive(LIMIT_S) for _ in range(5)] == [*payloads, "last"]
        with pytest.raises(DeadlineExceededError):
            await events.receive(timeout_s=0.01)
        await host.emit("progress", "after the deadline")
        assert await anext(aiter(events)) == "after the deadline"
    with pytest.raises(BridgeError, match="closed"):
        await events.receive()


async def test_a_reader_that_falls_behind_loses_nothing_it_was_sent(
    serve_raw: Callable[[Handler], Awaitable[str]],
) -> None:
    count, text = 3000, "x" * 2000
    requests: list[bytes] = []

    async def send_events(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        requests.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n: subscribed\n\n")
        for number in range(count if len(requests) == 1 else 0):
            writer.write(f'id: 1-{number}\ndata: [{number}, "{text}"]\n\n'.encode())
            await writer.drain()

    async with AsyncHost(await serve_raw(send_events), "token") as host, host.listen("e") as events:
        await asyncio.sleep(0.2)
        for number in range(count):
            assert await events.receive(LIMIT_S) == [number, text]
        with pytest.raises(TransportError, match="ended the stream of events"):
            await events.receive(LIMIT_S)
    assert b"last-event-id" not in requests[0]
    assert f"last-event-id: 1-{count - 1}\r\n".encode() in requests[1]


async def test_a_stream_goes_on_whose_head_was_there_before_anyone_waited(host: AsyncHost) -> None:
    class Late:
        """A connection whose caller comes back from sending when the stream has begun."""

        def __init__(self, connection: Any) -> None:
            self._connection = connection

        def __getattr__(self, name: str) -> Any:
            return getattr(self._connection, name)

        def try_send(self, *parts: Any) -> bool:
            assert self._connection.try_send(*parts)
            with socket.fromfd(self._connection.fileno(), socket.AF_UNIX, socket.SOCK_STREAM) as own:
                own.settimeout(LIMIT_S)
                while b"event: open" not in (came := own.recv(MAX_BODY_BYTES, socket.MSG_PEEK)):
                    assert came
            return True

    link = link_of(host)
    connect = link._connect

    async def connect_late() -> Any:
        link._connect = connect  # type: ignore[method-assign]
        connection = await connect()
        connection._connection = Late(connection._connection)  # type: ignore[union-attr]
        return connection

    link._connect = connect_late  # type: ignore[method-assign]
    async with host.channel() as messages:
        await host.invoke("tell_from_thread", {"count": 100, "perSecond": 1000, "options": {"handler": messages}})
        stream = messages._stream
        assert stream is not None
        descriptor = stream._connection._descriptor  # type: ignore[union-attr]
        assert (await asyncio.to_thread(select.select, [descriptor], [], [], LIMIT_S))[0]
        await asyncio.sleep(0)
        assert [await messages.receive(LIMIT_S) for _ in range(100)] == list(range(100))


async def test_closing_from_another_task_ends_the_iteration(host: AsyncHost) -> None:
    async with host.listen("silence") as events:
        reader = asyncio.ensure_future(anext(events, "the end"))
        await asyncio.sleep(0)
        await events.close()
        assert await asyncio.wait_for(reader, LIMIT_S) == "the end"


async def test_an_event_name_that_tauri_refuses(host: AsyncHost) -> None:
    with pytest.raises(BridgeError, match="invalid_argument"):
        async with host.listen("no spaces"):
            pass


async def call(host: AsyncHost) -> None:
    await host.health()


def test_another_event_loop_is_refused(endpoint: Endpoint) -> None:
    host = AsyncHost(endpoint.hello.host_path, endpoint.hello.token)

    asyncio.run(call(host))
    with pytest.raises(BridgeError, match="another event loop"):
        asyncio.run(host.health())
