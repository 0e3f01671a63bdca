"""One request and its answer, as the ASGI app sees them."""

from __future__ import annotations

import asyncio
import logging
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    Message = MutableMapping[str, Any]

_NO_CONTENT = 204
_NOT_MODIFIED = 304
_FAILURES = 500
_FRAMING = {b"content-length", b"transfer-encoding"}

_START, _BODY = "http.response.start", "http.response.body"

# What uvicorn refuses, but only when it can no longer say so in an answer.
_NO_NAME = re.compile(rb'[\x00-\x1f\x7f()<>@,;:\[\]={} \t\\"]')
_NO_VALUE = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")

_logger = logging.getLogger("uvicorn.error")


class Exchange:
    """What the app receives and sends, so that uvicorn's connection is whole when the client's answer is."""

    __slots__ = (
        "_done",
        "_expected",
        "_has_ended",
        "_has_left",
        "_has_request",
        "_head",
        "_is_done",
        "_receive",
        "_room",
        "_send",
        "_waits_for_request",
        "scope",
    )

    def __init__(
        self, scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
    ) -> None:
        """Begin with a request of which nothing was received."""
        self.scope = scope
        self._receive = receive
        self._send = send
        self._has_request = False
        """Whether the app has received all of the request."""
        self._waits_for_request = False
        self._expected = _START
        """The message that the app has to send next."""
        self._head: Message | None = None
        self._has_left = False
        """Whether the head was sent, and not only taken from the app."""
        self._room: int | None = None
        """How many bytes of the body the client still expects; `None`: until it is told of the end."""
        self._has_ended = False
        """Whether uvicorn takes the answer for whole."""
        self._is_done = False
        """Whether the app takes it for whole."""
        self._done: asyncio.Event | None = None
        """Is set then, for a `receive` that waits for it."""

    @property
    def is_whole(self) -> bool:
        """Whether the client has the whole answer, so that the connection is free for the next request."""
        return self._has_ended or (self._has_left and self._room == 0)

    @property
    def tells_failure(self) -> bool:
        """Whether the answer says that the app has failed, as Starlette's does before Starlette raises."""
        return self._head is not None and self._head["status"] >= _FAILURES

    @property
    def is_stream(self) -> bool:
        """Whether the answer, or the request, is on its way for as long as the client likes."""
        return (self._has_left and not self._has_ended) or (self._waits_for_request and not self._has_request)

    async def receive(self) -> Message:
        """Receive the next piece of the request, or learn that the client has left."""
        self._waits_for_request = True
        try:
            message = await self._receive()
        finally:
            self._waits_for_request = False
        if message["type"] == "http.request":
            self._has_request = not message.get("more_body", False)
        elif self._has_ended and self._has_request and self._head is not None:
            # The client has left only for uvicorn, which was told early that the answer is whole.
            await self._until_done()
        return message

    async def send(self, message: Message) -> None:
        """Send the next piece of the answer; `RuntimeError` for one that cannot be sent."""
        kind = message["type"]
        if self._is_done or kind != self._expected:
            raise self._unexpected(kind)
        if self._head is None:
            self._head = self._begin(message)
            self._expected = _BODY
            if self._room != 0:
                await self._send(self._head)
                self._has_left = True
            return
        if not self._has_left:
            # Of an answer without a body: the client has it whole now.
            await self._send(self._head)
            self._has_left = True
        piece = self._piece(message)
        if piece is not None:
            await self._send(piece)
            self._has_ended = not piece.get("more_body", False)
        if not message.get("more_body", False):
            self._finish()

    async def end(self) -> None:
        """Let uvicorn know that the answer, which the client has whole, is whole."""
        if not self._has_ended:
            await self._send({"type": _BODY, "body": b"", "more_body": False})
            self._has_ended = True
        self._finish()

    def _finish(self) -> None:
        self._is_done = True
        if self._done is not None:
            self._done.set()

    async def _until_done(self) -> None:
        if self._done is None:
            self._done = asyncio.Event()
        if not self._is_done:
            await self._done.wait()

    def _unexpected(self, kind: str) -> RuntimeError:
        if self._is_done:
            return RuntimeError(f"Unexpected ASGI message '{kind}' sent, after response already completed.")
        return RuntimeError(f"Expected ASGI message '{self._expected}', but got '{kind}'.")

    def _begin(self, message: Message) -> Message:
        """Take the head, and what it says of the body."""
        status = message["status"]
        if not isinstance(status, int) or not 200 <= status <= 599:  # noqa: PLR2004 - what an answer can have
            msg = f"the answer's status is {status!r}; use one from 200 to 599"
            raise RuntimeError(msg)
        headers = [(name, value) for name, value in message.get("headers", ())]
        self._room = _length(headers)
        if status in {_NO_CONTENT, _NOT_MODIFIED}:
            self._room = 0
            # uvicorn would send, or wait for, the body that they announce.
            headers = [(name, value) for name, value in headers if name.lower() not in _FRAMING]
        elif self.scope["method"] == "HEAD":
            self._room = 0
        for name, _ in self.scope["headers"]:
            if name == b"upgrade":
                # After an upgrade that it does not know, uvicorn reads no further request.
                headers.append((b"connection", b"close"))
                break
        return {**message, "headers": headers}

    def _piece(self, message: Message) -> Message | None:
        """Give what uvicorn gets of a piece of the body: mostly the piece itself, `None` once it has all."""
        room = self._room
        if room is None:
            return message
        body, is_last = message.get("body", b""), not message.get("more_body", False)
        fitting = body
        if room == 0 and body:
            if self.scope["method"] != "HEAD":
                self._report_dropped(len(body))
            fitting = b""
        elif len(body) <= room:
            self._room = room = room - len(body)
        if self._has_ended:
            return None
        tells_end = is_last or (room == 0 and self._may_end_early())
        if fitting is body and tells_end == is_last:
            return message
        return {"type": _BODY, "body": fitting, "more_body": not tells_end}

    def _may_end_early(self) -> bool:
        """Whether uvicorn may be told of the end: an app that receives on would hear that the client has left."""
        return self._has_request or not any(name.lower() in _FRAMING for name, _ in self.scope["headers"])

    def _report_dropped(self, size: int) -> None:
        assert self._head is not None  # noqa: S101 - a body comes after it
        _logger.error(
            "dropped %d bytes of the answer %s to %s %s: it has no body, or has it whole; correct its Content-Length, "
            "or send none",
            size,
            self._head["status"],
            self.scope["method"],
            self.scope["path"],
        )


@lru_cache(maxsize=256)
def _lower(name: bytes) -> bytes | None:
    """Give a header's name in lower case; `None` if HTTP forbids the name. An app has few of them."""
    return None if _NO_NAME.search(name) else name.lower()


def _length(headers: list[tuple[Any, Any]]) -> int | None:
    """Give the number of bytes that the headers announce; `None` when the end of the body has to be told.

    Refuses what uvicorn would refuse only after it can say so.
    """
    length, is_chunked = None, False
    for name, value in headers:
        if not isinstance(name, bytes) or not isinstance(value, bytes):
            msg = f"the answer's header {name!r}: {value!r} is no pair of bytes; encode both"
            raise RuntimeError(msg)
        lower = _lower(name)
        if lower is None or _NO_VALUE.search(value):
            msg = f"the answer's header {name!r}: {value!r} has a character that HTTP forbids there; leave it out"
            raise RuntimeError(msg)
        if lower == b"transfer-encoding":
            is_chunked = True
        elif lower == b"content-length":
            if not value.strip().isdigit():
                msg = f"the answer's Content-Length is {value!r}; give the number of bytes"
                raise RuntimeError(msg)
            if length is None:
                length = int(value)
    return None if is_chunked else length
