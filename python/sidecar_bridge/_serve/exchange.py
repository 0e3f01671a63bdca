"""One request and its answer, as the ASGI app sees them."""

from __future__ import annotations

import asyncio
import logging
import re
from typing import TYPE_CHECKING, Any, Protocol

from sidecar_bridge._serve.protocols import UNKNOWN_UPGRADE, HttpProtocol

if TYPE_CHECKING:
    from collections.abc import Iterable, MutableMapping

    Message = MutableMapping[str, Any]

_UNFRAMED = {204, 304}
_FAILURES = 500
_FRAMING = {b"content-length", b"transfer-encoding"}

_START, _BODY = "http.response.start", "http.response.body"

# What uvicorn refuses, but only when it can no longer say so in an answer.
_NO_NAME = re.compile(rb'[\x00-\x1f\x7f()<>@,;:\[\]={} \t\\"]')
_NO_VALUE = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")

_logger = logging.getLogger("uvicorn.error")


class Cycle(Protocol):
    """What is used of uvicorn's `RequestResponseCycle`: how far a request and its answer are on the connection."""

    scope: Message
    keep_alive: bool
    disconnected: bool
    response_started: bool
    response_complete: bool
    chunked_encoding: bool | None
    transport: asyncio.Transport
    expected_content_length: int
    """How many bytes of the body are still to be sent, unless it is chunked."""

    async def receive(self) -> Message:
        """Receive as an ASGI app does."""

    async def send(self, message: Message) -> None:
        """Send as an ASGI app does."""


class Exchange:
    """What the app receives and sends, so that uvicorn's connection is whole when the client's answer is.

    Each request pays for this, so nearly every message goes straight to uvicorn, which knows how far the answer is.
    Only a coroutine that runs looks how far it is: an app may make several, as tasks, before the first one runs.
    """

    __slots__ = ("_cycle", "_has_request", "_status", "_waits_for_request", "is_over")

    def __init__(self, cycle: Cycle) -> None:
        """Begin with a request of which the app has received nothing."""
        self._cycle = cycle
        self._has_request = False
        """Whether the app has received all of the request."""
        self._waits_for_request = False
        self._status = 0
        """The answer's, once it has begun."""
        self.is_over: asyncio.Event | None = None
        """Is set once the app has said that its answer ends, or its client has left; made when that has it whole."""

    @property
    def is_whole(self) -> bool:
        """Whether the client has the whole answer, so that the connection is free for the next request."""
        return self._cycle.response_complete or self.is_over is not None

    @property
    def tells_failure(self) -> bool:
        """Whether the answer says that the app has failed, as Starlette's does before Starlette raises."""
        return self._status >= _FAILURES

    @property
    def is_stream(self) -> bool:
        """Whether the answer, or the request, is on its way for as long as the client likes."""
        is_answering = self._status != 0 and not self._cycle.response_complete
        return is_answering or (self._waits_for_request and not self._has_request)

    async def receive(self) -> Message:
        """Receive the next piece of the request, or learn that the client has left."""
        if self.is_over is not None:
            if self._has_request:
                await self._tell()
            if self._cycle.response_complete:
                return await self._receive_late(self.is_over)
        self._waits_for_request = True
        try:
            message = await self._cycle.receive()
        finally:
            self._waits_for_request = False
        if message["type"] == "http.request":
            self._has_request = not message.get("more_body", False)
        elif self.is_over is not None and self._cycle.response_complete:
            return await self._receive_late(self.is_over)
        return message

    async def send(self, message: Message) -> None:
        """Send the next piece of the answer; `RuntimeError` for one that cannot be sent."""
        cycle = self._cycle
        if self.is_over is not None:
            await self._go_on(message, self.is_over)
        elif not cycle.response_started and message["type"] == _START:
            await self._start(message)
        elif message.get("more_body", False) and self._is_last(message):
            await self._end_early(message)
        else:
            await cycle.send(message)

    async def _start(self, message: Message) -> None:
        cycle = self._cycle
        head = self._begin(message)
        try:
            await cycle.send(head)
        except Exception as error:
            if cycle.response_started:
                raise self._take_back(head, error) from error
            raise
        self._status = head["status"]
        if (cycle.expected_content_length == 0 and not cycle.chunked_encoding) or cycle.scope["method"] == "HEAD":
            await self._end_early({"type": _BODY, "body": b""})

    async def end(self) -> None:
        """Let uvicorn know that the answer, which the client has whole, is whole."""
        await self._tell()
        if self.is_over is not None:
            self.is_over.set()

    async def _tell(self) -> None:
        if not self._cycle.response_complete:
            await self._cycle.send({"type": _BODY, "body": b"", "more_body": False})

    def _begin(self, message: Message) -> Message:
        """Give the head as uvicorn gets it; `RuntimeError` for one that it would send and should not."""
        status = message["status"]
        if not isinstance(status, int) or not 200 <= status <= 599:  # noqa: PLR2004 - what an answer can have
            msg = f"the answer's status is {status!r}; use one from 200 to 599"
            raise RuntimeError(msg)
        if UNKNOWN_UPGRADE in self._cycle.scope:
            self._cycle.keep_alive = False
        headers = message.get("headers", ())
        if status in _UNFRAMED:
            # uvicorn would send, or wait for, the body that they announce.
            return {**message, "headers": [(name, value) for name, value in headers if name.lower() not in _FRAMING]}
        if type(headers) is not list:
            # ASGI allows what can be read only once.
            headers = list(headers)
            message = {**message, "headers": headers}
        for name, value in headers:
            if name == b"transfer-encoding" and value.lower() != b"chunked":
                # The client would wait for the end of the connection, as uvicorn would for the next request.
                msg = f"the answer's Transfer-Encoding is {value!r}; leave it out"
                raise RuntimeError(msg)
        return message

    def _take_back(self, head: Message, error: Exception) -> RuntimeError:
        """Let uvicorn, which notes that it has begun before it looks whether it can, answer that the app failed."""
        cycle = self._cycle
        cycle.response_started, cycle.chunked_encoding, cycle.expected_content_length = False, None, 0
        return RuntimeError(_refusal(head.get("headers", ())) or str(error))

    def _is_last(self, message: Message) -> bool:
        """Whether the client expects nothing after this piece, though the app says that more comes."""
        cycle = self._cycle
        length = len(message.get("body", b""))
        return not (cycle.chunked_encoding or cycle.response_complete) and length == cycle.expected_content_length

    async def _end_early(self, message: Message) -> None:
        """Send what makes the answer whole for the client, and tell uvicorn so if that does not harm the app."""
        cycle = self._cycle
        # An app that receives on would hear that the client has left.
        may_tell = self._has_request or not any(name in _FRAMING for name, _ in cycle.scope["headers"])
        await cycle.send({**message, "more_body": not may_tell})
        if not cycle.disconnected:
            self.is_over = asyncio.Event()

    async def _go_on(self, message: Message, is_over: asyncio.Event) -> None:
        """Take what the app says of an answer that the client has whole."""
        kind = message["type"]
        if is_over.is_set():
            if self._cycle.transport.is_closing():
                return  # As uvicorn does when the client has left.
            msg = f"Unexpected ASGI message '{kind}' sent, after response already completed."
            raise RuntimeError(msg)
        if kind != _BODY:
            msg = f"Expected ASGI message '{_BODY}', but got '{kind}'."
            raise RuntimeError(msg)
        body = message.get("body", b"")
        if body and self._cycle.scope["method"] != "HEAD":
            self._report_dropped(len(body))
        if not message.get("more_body", False):
            await self.end()

    async def _receive_late(self, is_over: asyncio.Event) -> Message:
        """Receive what uvicorn would give had it not been told early that the answer is whole: the client is there."""
        if not (self._has_request or is_over.is_set()):
            # It has no body: see `_end_early`.
            self._has_request = True
            return {"type": "http.request", "body": b"", "more_body": False}
        # The connection may carry other requests by now, of which alone uvicorn would tell the app.
        protocol = self._cycle.transport.get_protocol()
        if isinstance(protocol, HttpProtocol):
            await protocol.until_lost(is_over)
        return {"type": "http.disconnect"}

    def _report_dropped(self, size: int) -> None:
        _logger.error(
            "dropped %d bytes of the answer %s to %s %s: it has no body, or has it whole; correct its Content-Length, "
            "or send none",
            size,
            self._status,
            self._cycle.scope["method"],
            self._cycle.scope["path"],
        )


def _refusal(headers: Iterable[tuple[Any, Any]]) -> str | None:
    """Say which of the headers uvicorn did not send, and why."""
    for name, value in headers:
        if not isinstance(name, bytes) or not isinstance(value, bytes):
            return f"the answer's header {name!r}: {value!r} is no pair of bytes; encode both"
        if _NO_NAME.search(name) or _NO_VALUE.search(value):
            return f"the answer's header {name!r}: {value!r} has a character that HTTP forbids there; leave it out"
        if name.lower() == b"content-length" and not value.strip().isdigit():
            return f"the answer's Content-Length is {value!r}; give the number of bytes"
    return None
