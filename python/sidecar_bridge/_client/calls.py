"""Blocking calls of commands that send messages while they run, each over a connection of its own."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from sidecar_bridge._client import wire
from sidecar_bridge._client.failure import no_answer, seconds_left
from sidecar_bridge._client.stream import CallBuffer
from sidecar_bridge._native import Connection, ProtocolError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sidecar_bridge._client.host import Host


def reply_with_messages(
    host: Host, request: wire.Request, timeout_s: float | None, receive: Callable[[str, str | bytes], None]
) -> wire.Reply:
    """Give the reply; until then `receive` gets each channel's name and message, and may end the call by raising."""
    host._check()
    deadline = None if timeout_s is None else monotonic() + timeout_s
    buffer = CallBuffer(host._max_body_bytes, request.channels)
    connection = None
    try:
        try:
            connection = Connection.open(host._path, timeout_s)
            buffer.reply = _start(connection, request, host._token, deadline)
        except (OSError, ProtocolError) as error:
            raise no_answer(host._path, error) from error
        while buffer.reply is None:
            for channel, message in _read(connection, host._path, buffer, deadline):
                receive(channel, message)
        return buffer.reply
    finally:
        if connection is not None:
            connection.close()


def _start(connection: Connection, request: wire.Request, token: str, deadline: float | None) -> wire.Reply | None:
    """Send the request, and give the reply if it comes without messages."""
    started = connection.start(request, token, wire.STREAM_BUFFER_BYTES, seconds_left(deadline))
    if started[1] == wire.EVENT_STREAM:
        return None
    return wire.Reply(*started, connection.read_all(seconds_left(deadline)))


def _read(
    connection: Connection, path: str, buffer: CallBuffer, deadline: float | None
) -> list[tuple[str, str | bytes]]:
    try:
        data = connection.read(seconds_left(deadline))
        messages = buffer.receive(data)
    except (OSError, ProtocolError) as error:
        raise no_answer(path, error) from error
    if not data:
        raise no_answer(path, ConnectionAbortedError("the call broke off"))
    return messages
