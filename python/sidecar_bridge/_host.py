"""The host, for blocking code."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

from sidecar_bridge import _wire
from sidecar_bridge._events import Events
from sidecar_bridge._failure import closed, no_answer, require_unix, seconds_left
from sidecar_bridge._native import ProtocolError
from sidecar_bridge._window import Window

if sys.platform != "win32":
    from sidecar_bridge._native import Connection, NotSentError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from types import TracebackType
    from typing import Self

_T = TypeVar("_T")

_MAX_IDLE_CONNECTIONS = 16


class Host:
    """The Tauri app that started this sidecar, for blocking code; safe to use from many threads.

    A call without `timeout_s` waits for as long as the host takes. Every call raises `TransportError` when no answer
    comes, `DeadlineExceededError` when none comes within `timeout_s` seconds, and `ProblemError` when the host refuses.
    A request that may have reached the host is never sent twice.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        token: str,
        *,
        max_body_bytes: int = _wire.DEFAULT_MAX_BODY_BYTES,
    ) -> None:
        """Use the host endpoint at `path` with the token of the lease; nothing is connected yet.

        Args:
            path: The Unix socket of the host endpoint.
            token: The token of this generation's lease.
            max_body_bytes: How large an answer, an event or a channel's message may be; in a call with channels, raw
                bytes count in base64.
        """
        require_unix()
        self._path = os.fspath(path)
        self._token = token
        self._max_body_bytes = max_body_bytes
        self._idle: list[Connection] = []
        self._lock = Lock()
        self._closed = False

    def __repr__(self) -> str:
        return f"Host({self._path!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the idle connections; calls in flight end as they would have, and later ones raise `BridgeError`."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def health(self, *, timeout_s: float | None = None) -> dict[str, Any]:
        """Ask whether the host answers: `{"status": "ok", "sidecar": …, "generation": …, "version": …}`."""
        health: dict[str, Any] = self._call(_wire.HEALTH, timeout_s)
        return health

    def report_startup(self, activity: str, percent: int | None = None, *, timeout_s: float | None = None) -> None:
        """Tell the host and the page what this sidecar does until it serves, such as `migrating`: for the lifespan.

        The sidecar then has the whole of `readyTimeoutMs` again to become ready.

        Args:
            activity: What it does, in a word or a few.
            percent: How much of that is done, from 0 to 100.
            timeout_s: How long to wait for the host, in seconds.

        Raises:
            ProblemError: `failed_precondition` once the sidecar is ready, `invalid_argument` for another percentage.
        """
        self._call(_wire.starting(activity, percent), timeout_s)

    def invoke(
        self,
        command: str,
        args: Mapping[str, object] | bytes | bytearray | memoryview | None = None,
        *,
        window: str | None = None,
        channels: Mapping[str, Callable[[Any], object]] | None = None,
        timeout_s: float | None = None,
    ) -> Any:
        """Run a Tauri command of the app, of a plugin or of Tauri's core, as the ACL lets this sidecar.

        Args:
            command: Its name, such as `greet` or `plugin:window|set_title`.
            args: Its arguments under their names in JavaScript (camelCase), or the raw bytes that it takes.
            window: The label of the window that it runs in; without it, the first one by label.
            channels: For each argument that is a `Channel`, what is called with each of its messages, a JSON value or
                bytes, in this thread and in the order in which they were sent, until the command answers. What it
                raises ends the call. What the command sends after its answer is dropped.
            timeout_s: How long to wait, in seconds. The command is not stopped when the time is over.

        Returns:
            Its result: a JSON value, or bytes if it answers with raw bytes.

        Raises:
            CommandError: The command answered with an error.
            ProblemError: `permission_denied`, `not_found` (command or window), `invalid_argument`,
                `resource_exhausted` (a body over the host's limit, or messages read too slowly),
                `failed_precondition` (channels, and the app has no interceptor for them).
            TypeError: The arguments are not JSON; also `ValueError`.
        """
        if not channels:
            return self._call(_wire.invoke(command, args, window), timeout_s)

        def receive(channel: str, message: str | bytes) -> None:
            channels[channel](message if isinstance(message, bytes) else _wire.parse(message))

        request = _wire.invoke(command, args, window, channels)
        return _wire.decode(self._reply_with_messages(request, timeout_s, receive))

    def emit(
        self, name: str, payload: object = None, *, target: str | None = None, timeout_s: float | None = None
    ) -> None:
        """Emit a Tauri event with any JSON payload, to every listener or only to those of the label `target`.

        Raises:
            ProblemError: `permission_denied` without `core:event:allow-emit` (with a target: `allow-emit-to`).
            TypeError: The payload is not JSON; also `ValueError`.
        """
        self._call(_wire.emit(name, payload, target), timeout_s)

    def listen(self, name: str, *, timeout_s: float | None = None) -> AbstractContextManager[Events[Any]]:
        """Subscribe to a Tauri event: `with host.listen("progress") as events: ...`.

        The subscription is in place once the block is entered, so no event that is emitted after is lost. `timeout_s`
        is for entering only.

        Raises:
            ProblemError: On entering: `permission_denied` without `core:event:allow-listen`.
        """
        return self._listen(name, timeout_s, _wire.parse)

    @contextmanager
    def _listen(self, name: str, timeout_s: float | None, decode: Callable[[str], _T]) -> Iterator[Events[_T]]:
        events = Events(self._path, self._open(), self._max_body_bytes, decode)
        try:
            events._subscribe(_wire.listen(name), self._token, timeout_s)
            yield events
        finally:
            events.close()

    def window(self, label: str | None = None, *, timeout_s: float | None = None) -> Window:
        """Give the window with that label, or the first one by label; `timeout_s` is for each of its calls."""
        return Window(self, label, timeout_s)

    def _call(self, request: _wire.Request, timeout_s: float | None) -> Any:
        return _wire.decode(self._reply(request, timeout_s))

    def _reply(self, request: _wire.Request, timeout_s: float | None) -> _wire.Reply:
        head = request.head(self._token)
        deadline = None if timeout_s is None else monotonic() + timeout_s
        while True:
            connection, is_new = self._connect()
            try:
                started = connection.start(head, request.body, self._max_body_bytes, timeout_s)
                body = connection.read_all(seconds_left(deadline))
            except NotSentError as error:
                # An idle connection that the host closed just now; a new one tells whether the host is there.
                if is_new:
                    raise no_answer(self._path, error) from error
                continue
            except (OSError, ProtocolError) as error:
                raise no_answer(self._path, error) from error
            self._keep(connection)
            return _wire.Reply(*started, body)

    def _reply_with_messages(
        self, request: _wire.Request, timeout_s: float | None, receive: Callable[[str, str | bytes], None]
    ) -> _wire.Reply:
        """Call with channels, over a connection of its own; `receive` gets each channel's name and message."""
        deadline = None if timeout_s is None else monotonic() + timeout_s
        connection = self._open()
        buffer = _wire.CallBuffer(self._max_body_bytes)
        try:
            buffer.reply = self._start_call(connection, request, timeout_s)
            while buffer.reply is None:
                for channel, message in self._read_messages(connection, buffer, deadline):
                    receive(channel, message)
            return buffer.reply
        finally:
            connection.close()

    def _start_call(
        self, connection: Connection, request: _wire.Request, timeout_s: float | None
    ) -> _wire.Reply | None:
        """Send the request, and give the reply if it comes without messages."""
        head = request.head(self._token)
        deadline = None if timeout_s is None else monotonic() + timeout_s
        try:
            started = connection.start(head, request.body, _wire.STREAM_BUFFER_BYTES, timeout_s)
            if started[1] == _wire.EVENT_STREAM:
                return None
            return _wire.Reply(*started, connection.read_all(seconds_left(deadline)))
        except (OSError, ProtocolError) as error:
            raise no_answer(self._path, error) from error

    def _read_messages(
        self, connection: Connection, buffer: _wire.CallBuffer, deadline: float | None
    ) -> list[tuple[str, str | bytes]]:
        try:
            data = connection.read(seconds_left(deadline))
            messages = buffer.receive(data)
        except (OSError, ProtocolError) as error:
            raise no_answer(self._path, error) from error
        if not data:
            raise no_answer(self._path, ConnectionAbortedError("the call broke off"))
        return messages

    def _connect(self) -> tuple[Connection, bool]:
        with self._lock:
            if self._closed:
                raise closed(self)
            while self._idle:
                # The last one used is the least likely to have been closed by the host.
                connection = self._idle.pop()
                if connection.is_reusable():
                    return connection, False
        return self._open(), True

    def _open(self) -> Connection:
        with self._lock:
            if self._closed:
                raise closed(self)
        try:
            return Connection(self._path)
        except OSError as error:
            raise no_answer(self._path, error) from error

    def _keep(self, connection: Connection) -> None:
        with self._lock:
            if not self._closed and len(self._idle) < _MAX_IDLE_CONNECTIONS and connection.is_reusable():
                self._idle.append(connection)
