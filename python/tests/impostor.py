"""A server on the host's socket that answers as no host does, and the twins that call it."""

from __future__ import annotations

import asyncio
import json
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from threading import Thread
from typing import Any

from hosts import LIMIT_S

from sidecar_bridge import AsyncChannel, AsyncHost, Host

MAX_BODY_BYTES = 64 * 1024

Play = Callable[[socket.socket], object]
"""Does something on a connection."""

Call = Callable[..., Any]
"""Calls with a value, and gives what the answer holds; a list takes the messages of a channel."""

Twin = Callable[[str], AbstractContextManager[Call]]
"""Opens the host at a path."""

BROKEN = "broken"
"""The value for which the server does what the test wants."""


def nothing(_connection: socket.socket) -> None:
    """Leave the connection as it is."""


class Server:
    """Answers each call with the value that it carries; to `BROKEN` and to raw bytes it does what the test wants.

    Of raw bytes it reads no more than comes with the header.
    """

    def __init__(self, path: str, play: Play, after: Play) -> None:
        """Serve at `path`; `after` comes after each answer."""
        self._play, self._after = play, after
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(path)
        self._listener.listen()
        self._connections: list[socket.socket] = []
        self._threads = [Thread(target=self._accept)]
        self._threads[0].start()

    def close(self) -> None:
        """End all connections and threads."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._threads[0].join(LIMIT_S)
        for connection in self._connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(LIMIT_S)
            assert not thread.is_alive()
        for connection in [self._listener, *self._connections]:
            connection.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._connections.append(connection)
                self._threads.append(Thread(target=self._serve, args=[connection]))
                self._threads[-1].start()

    def _serve(self, connection: socket.socket) -> None:
        # Whatever the client does to its end.
        with suppress(OSError):
            while request := read_request(connection):
                value = json.loads(request)["value"]
                if value == BROKEN:
                    self._play(connection)
                else:
                    connection.sendall(answer(json.dumps(value).encode()))
                    self._after(connection)


def read_request(connection: socket.socket) -> bytes:
    """Give a request's body; empty at the end of the connection."""
    request = b""
    while b"\r\n\r\n" not in request:
        data = connection.recv(1024)
        if not data:
            return b""
        request += data
    head, _, body = request.partition(b"\r\n\r\n")
    if b"application/octet-stream" in head:
        return json.dumps({"value": BROKEN}).encode()
    length = re.search(rb"content-length: (\d+)", head)
    assert length is not None
    while len(body) < int(length[1]):
        body += connection.recv(65536)
    return body


def answer(body: bytes, content_type: str = "application/json", status: str = "200 OK") -> bytes:
    head = f"HTTP/1.1 {status}\r\ncontent-type: {content_type}\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


@contextmanager
def blocking(path: str) -> Iterator[Call]:
    def call(value: object, messages: list[object] | None = None, timeout_s: float = LIMIT_S) -> Any:
        channels = None if messages is None else {"messages": messages.append}
        return host.invoke("echo", arguments(value), channels=channels, timeout_s=timeout_s)

    with Host(path, "token", max_body_bytes=MAX_BODY_BYTES) as host:
        yield call


@contextmanager
def awaited(path: str) -> Iterator[Call]:
    def call(value: object, messages: list[object] | None = None, timeout_s: float = LIMIT_S) -> Any:
        channels = None if messages is None else {"messages": AsyncChannel[object]()}
        calling = host.invoke("echo", arguments(value), channels=channels, timeout_s=timeout_s)
        # A deadline that is lost fails the test.
        return runner.run(asyncio.wait_for(calling, LIMIT_S + 1))

    host = AsyncHost(path, "token", max_body_bytes=MAX_BODY_BYTES)
    with asyncio.Runner() as runner:
        try:
            yield call
        finally:
            runner.run(host.close())


def arguments(value: object) -> Any:
    return value if isinstance(value, bytes) else {"value": value}
