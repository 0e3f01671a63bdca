# Generated from `_client/async_calls.py` by `python/tools/blocking.py`: do not edit.

"""Calls of commands that send messages while they run, each over a connection of its own, for blocking code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar_bridge._client.failure import no_answer
from sidecar_bridge._client.stream import CallBuffer
from sidecar_bridge._native import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from sidecar_bridge._client import wire
    from sidecar_bridge._client.link import Link, Stream


def reply_with_messages(
    link: Link,
    request: wire.Request,
    timeout_s: float | None,
    read: Callable[[str, str | bytes], Any],
    receive: Callable[[str, Any], object],
) -> wire.Reply:
    """Give the reply; until then `receive` gets each message: the channel's name, and what `read` makes of both.

    An exception of `read` or `receive` ends the call.
    """
    deadline = link.deadline(timeout_s)
    buffer = CallBuffer(link.max_body_bytes, request.channels)
    turn = link.take_turn(deadline)
    stream: Stream | None = None
    try:
        try:
            stream = link.open(deadline)
            buffer.reply = stream.start(request, deadline)
        except (OSError, ProtocolError) as error:
            link.check()
            raise no_answer(link.path, error) from error
        while buffer.reply is None:
            for channel, message in _messages(stream, link, buffer, deadline):
                receive(channel, read(channel, message))
        return buffer.reply
    finally:
        try:
            if stream is not None:
                stream.close()
        finally:
            link.give_back(turn)


def _messages(stream: Stream, link: Link, buffer: CallBuffer, deadline: float | None) -> list[tuple[str, str | bytes]]:
    try:
        data = stream.read(deadline)
        messages = buffer.receive(data)
    except (OSError, ProtocolError) as error:
        link.check()
        raise no_answer(link.path, error) from error
    if not data:
        link.check()
        raise no_answer(link.path, ConnectionAbortedError("the call broke off"))
    return messages
