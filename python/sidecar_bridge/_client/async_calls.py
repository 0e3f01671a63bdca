"""Calls of commands that send messages while they run, for asyncio, each over a connection of its own."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from sidecar_bridge._client import wire
from sidecar_bridge._client.failure import no_answer
from sidecar_bridge._client.stream import CallBuffer
from sidecar_bridge._native import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sidecar_bridge._client.async_channel import AsyncChannel
    from sidecar_bridge._client.async_host import AsyncHost


async def reply_with_messages(
    host: AsyncHost,
    request: wire.Request,
    timeout_s: float | None,
    channels: Mapping[str, AsyncChannel[Any]],
    read: Callable[[str, str | bytes], Any],
) -> wire.Reply:
    """Give the reply; until then the channels get what `read` makes of a channel's name and message."""
    host._check()
    begun: list[AsyncChannel[Any]] = []
    try:
        for channel in channels.values():
            channel._begin()
            begun.append(channel)
        async with asyncio.timeout(timeout_s):
            turn = await host._turns.get()
            try:
                return await _converse(
                    host, request, timeout_s, lambda name, message: channels[name]._put(read(name, message))
                )
            finally:
                host._give_back(turn)
    except (OSError, ProtocolError) as error:
        raise no_answer(host._path, error) from error
    finally:
        # One that was used before belongs to another call.
        for channel in begun:
            channel._end()


async def _converse(
    host: AsyncHost, request: wire.Request, timeout_s: float | None, receive: Callable[[str, str | bytes], None]
) -> wire.Reply:
    connection = await host._open()
    buffer = CallBuffer(host._max_body_bytes, request.channels)
    try:
        started = await connection.start(request, host._token, wire.STREAM_BUFFER_BYTES, timeout_s)
        if started[1] != wire.EVENT_STREAM:
            return wire.Reply(*started, await connection.read_all())
        while buffer.reply is None:
            data = await connection.read()
            if not data:
                raise ConnectionAbortedError("the call broke off")
            for name, message in buffer.receive(data):
                receive(name, message)
        return buffer.reply
    finally:
        connection.abort()
