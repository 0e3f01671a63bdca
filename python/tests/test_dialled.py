"""Serving on connections that the sidecar dials, as on Windows; the host's end is a Unix socket here."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hosts import LIMIT_S
from served import Served, Serving, serving
from websockets.sync.client import unix_connect

__all__ = ["serving"]

SPARE = 4

SCRIPT = """
import asyncio
from sidecar_bridge import serve

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        return await send({"type": "lifespan.shutdown.complete"})
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        while (message := await receive())["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": message["text"].upper()})
        return
    if scope["path"] == "/wait":
        await asyncio.sleep(1000)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})

serve(app, log_level="warning")
"""


class Meeting:
    """The socket that the sidecar dials."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen()
        self._listener.settimeout(LIMIT_S)
        self._taken: list[socket.socket] = []

    def take(self, token: str) -> socket.socket:
        """Take the next connection, on which the sidecar says the token first and nothing else."""
        connection, _ = self._listener.accept()
        self._taken.append(connection)
        connection.settimeout(LIMIT_S)
        first = f"{token}\n".encode()
        assert connection.recv(len(first), socket.MSG_WAITALL) == first
        return connection

    def has_another(self) -> bool:
        """Tell whether the sidecar has dialled once more, or does so within a moment."""
        self._listener.settimeout(0.3)
        try:
            self._taken.append(self._listener.accept()[0])
        except TimeoutError:
            return False
        finally:
            self._listener.settimeout(LIMIT_S)
        return True

    def close(self) -> None:
        for each in [self._listener, *self._taken]:
            each.close()


@pytest.fixture
def meeting(tmp_path: Path) -> Iterator[Meeting]:
    meeting = Meeting(tmp_path / "dialled.sock")
    yield meeting
    meeting.close()


@pytest.fixture
def served(serving: Serving, meeting: Meeting) -> Served:
    return serving(SCRIPT, listen={"dial": {"unix": str(meeting.path)}})


def ask(connection: socket.socket, path: str = "/") -> bytes:
    connection.sendall(f"GET {path} HTTP/1.1\r\nhost: x\r\n\r\n".encode())
    answer = b""
    while not answer.endswith(b"ok"):
        piece = connection.recv(65536)
        assert piece, f"it ended: {answer!r}"
        answer += piece
    return answer


def test_four_connections_wait_and_each_says_the_token_first(served: Served, meeting: Meeting) -> None:
    for _ in range(SPARE):
        meeting.take(served.fake.token)
    assert not meeting.has_another()


def test_one_that_is_used_is_replaced_once_and_goes_on(served: Served, meeting: Meeting) -> None:
    first, *_ = [meeting.take(served.fake.token) for _ in range(SPARE)]
    assert ask(first).startswith(b"HTTP/1.1 200")
    meeting.take(served.fake.token)
    assert ask(first).startswith(b"HTTP/1.1 200")
    assert not meeting.has_another()


def test_as_many_wait_as_are_in_use(served: Served, meeting: Meeting) -> None:
    connections = [meeting.take(served.fake.token) for _ in range(SPARE)]
    for number in range(2 * SPARE):
        connections[number].sendall(b"GET /wait HTTP/1.1\r\nhost: x\r\n\r\n")
        in_use = number + 1
        while len(connections) < in_use + max(SPARE, in_use):
            connections.append(meeting.take(served.fake.token))
    assert not meeting.has_another()


def test_one_that_the_host_closes_is_replaced(served: Served, meeting: Meeting) -> None:
    for connection in [meeting.take(served.fake.token) for _ in range(SPARE)]:
        connection.close()
    for _ in range(SPARE):
        assert ask(meeting.take(served.fake.token)).startswith(b"HTTP/1.1 200")


def test_a_websocket(served: Served, meeting: Meeting) -> None:
    connection = meeting.take(served.fake.token)
    with unix_connect(sock=connection, uri="ws://localhost/", compression=None) as websocket:
        websocket.send("over what was dialled")
        assert websocket.recv(LIMIT_S) == "OVER WHAT WAS DIALLED"


def test_a_stop_ends_all_of_them(served: Served, meeting: Meeting) -> None:
    used, *spare = [meeting.take(served.fake.token) for _ in range(SPARE)]
    ask(used)
    served.say("stop")
    assert served.ended() == 0, served.printed()
    for connection in [used, *spare]:
        with suppress(ConnectionResetError):
            assert connection.recv(1) == b""
    assert "Traceback" not in served.printed()
