"""The private socket of a fake host."""

from __future__ import annotations

import secrets
import socket
import struct
import sys
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from threading import Thread
from typing import TYPE_CHECKING, Any, cast

from sidecar_bridge._client import wire
from sidecar_bridge._testing.replies import Refused, Reply, event

if sys.platform == "win32":
    from sidecar_bridge._testing.pipes import PipeEnd, PipeListener

    Connection = PipeEnd
else:
    Connection = socket.socket

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

LIMIT_S = 10.0
"""How long anything may take that should take no time; only a failing test waits for it."""


class BrokenOffError(Exception):
    """The connection ends without an answer, or in the middle of one."""


class Server:
    """Accepts connections, each in a thread of its own, for which the interpreter does not wait at its end."""

    def __init__(
        self,
        path: str,
        respond: Callable[[Handler, bytes], Reply | None],
        failed: Callable[[BaseException], None],
    ) -> None:
        """Answer with what `respond` makes of a request and its body; `failed` gets other exceptions."""
        self.respond = respond
        self.failed = failed
        self._listener = _listening(path)
        self._connections: list[Connection] = []
        self._threads = [Thread(target=self._accept, name="fake-host", daemon=True)]
        self._threads[0].start()

    def hang_up(self) -> None:
        """Take no more connections, and end the present ones."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._threads[0].join(LIMIT_S)
        for connection in self._connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Wait for all threads, which end when nobody is connected or held."""
        for thread in self._threads:
            thread.join(LIMIT_S)
        for connection in (self._listener, *self._connections):
            connection.close()

    def _accept(self) -> None:
        # Until the listener is shut down.
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._connections.append(connection)
                name = "fake-host-connection"
                self._threads.append(Thread(target=self._serve, args=[connection], name=name, daemon=True))
                self._threads[-1].start()

    def _serve(self, connection: Connection) -> None:
        # The app may leave at any time.
        with suppress(OSError):
            Handler(connection, self)
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
        if sys.platform == "win32":
            # Of a pipe, only that tells the app.
            connection.close()


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"

    def __init__(self, connection: Connection, server: Server) -> None:
        """Serve the connection to its end."""
        self._server = server
        self._streams = False
        super().__init__(cast("Any", connection), "", cast("Any", server))

    def do_GET(self) -> None:
        """Answer."""
        self._answer()

    def do_POST(self) -> None:
        """Answer."""
        self._answer()

    def do_DELETE(self) -> None:
        """Answer."""
        self._answer()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's name
        """Say nothing."""

    def begin_stream(self, comment: str) -> None:
        """Begin a stream of events with a comment; the stream ends with the connection."""
        self.close_connection = self._streams = True
        self._send_head(200, wire.EVENT_STREAM, {"Connection": "close"})
        self.send_raw(f": {comment}\n\n".encode())

    def send_event(self, payload: str, name: str = "") -> None:
        """Send one event of the stream, once there is room for it; a real host would drop the oldest."""
        if sys.platform != "win32":
            limit = struct.pack("@ll", int(LIMIT_S), int(LIMIT_S % 1 * 1e6))
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
        try:
            self.send_raw((f"event: {name}\n" if name else "").encode() + f"data: {payload}\n\n".encode())
        except BlockingIOError:
            msg = (
                f"the app reads none of its events within {LIMIT_S} s, and a fake host loses none; read while they come"
            )
            raise AssertionError(msg) from None

    def send_raw(self, text: bytes) -> None:
        """Send what is a part of the stream."""
        self.wfile.write(text)

    def wait_for_end(self) -> None:
        """Wait until the app has left: the app says nothing more on this connection."""
        self.rfile.read(1)

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            reply = self._server.respond(self, body)
        except Refused as refused:
            reply = refused.reply()
        except BrokenOffError:
            self.close_connection = True
            return
        except BaseException as error:  # noqa: BLE001, RUF100 - whatever a test's function raises, failed assertions too
            self._server.failed(error)
            raised = Refused("internal", f"what the test gave to `answers` raised {error!r}")
            reply = raised.reply()
        if reply is not None and self._streams:
            self.send_raw(event("problem", reply))
        elif reply is not None:
            self._send_head(
                reply.status, reply.content_type, {"Content-Length": str(len(reply.body)), "Bridge-Undo": reply.undo}
            )
            self.wfile.write(reply.body)

    def _send_head(self, status: int, content_type: str, more: Mapping[str, str]) -> None:
        self.send_response_only(status)
        for name, value in {"Content-Type": content_type, **more}.items():
            if value and (status, name) != (204, "Content-Length"):
                self.send_header(name, value)
        self.end_headers()


if sys.platform == "win32":

    def address(_directory: Path) -> str:
        """Give a name for the pipe of a fake host, whose directory that is."""
        return rf"\\.\pipe\sidecar-bridge-fake-{secrets.token_hex(16)}"

    def _listening(path: str) -> PipeListener:
        return PipeListener(path, LIMIT_S)
else:

    def address(directory: Path) -> str:
        """Give a path for the socket of a fake host, whose directory that is."""
        return str(directory / "host.sock")

    def _listening(path: str) -> socket.socket:
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(path)
        listener.listen()
        return listener
