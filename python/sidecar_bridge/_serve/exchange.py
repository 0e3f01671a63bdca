"""One request and its answer, as the ASGI app sees them."""

from __future__ import annotations

import asyncio
import logging
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, MutableMapping

    Message = MutableMapping[str, Any]

_NO_CONTENT = 204
_NOT_MODIFIED = 304
_FAILURES = 500
_FRAMING = {b"content-length", b"transfer-encoding"}

# What uvicorn refuses, but only when it can no longer say so in an answer.
_NO_NAME = re.compile(rb'[\x00-\x1f\x7f()<>@,;:\[\]={} \t\\"]')
_NO_VALUE = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")

_logger = logging.getLogger("uvicorn.error")


class Exchange:
    """What the app receives and sends, so that uvicorn's connection is whole when the client's answer is."""

    def __init__(
        self, scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
    ) -> None:
        """Begin with a request of which nothing was received."""
        self.scope = scope
        self._receive = receive
        self._send = send
        self._is_bodiless = not any(name.lower() in _FRAMING for name, _ in scope["headers"])
        self._has_request = False
        """Whether the app has received all of the request."""
        self._waits_for_request = False
        self._head: Message | None = None
        self._has_left = False
        """Whether the head was sent, and not only taken from the app."""
        self._room: int | None = None
        """How many bytes of the body the client still expects; `None`: until it is told of the end."""
        self._has_ended = False
        """Whether uvicorn takes the answer for whole."""
        self._is_done = asyncio.Event()
        """Whether the app takes it for whole."""

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
            await self._is_done.wait()
        return message

    async def send(self, message: Message) -> None:
        """Send the next piece of the answer; `RuntimeError` for one that cannot be sent."""
        expected = "http.response.start" if self._head is None else "http.response.body"
        if self._is_done.is_set():
            msg = f"Unexpected ASGI message '{message['type']}' sent, after response already completed."
            raise RuntimeError(msg)
        if message["type"] != expected:
            msg = f"Expected ASGI message '{expected}', but got '{message['type']}'."
            raise RuntimeError(msg)
        if self._head is None:
            await self._begin(message)
        else:
            await self._continue(message)

    async def end(self) -> None:
        """Let uvicorn know that the answer, which the client has whole, is whole."""
        if not self._has_ended:
            await self._forward(b"", is_last=True)
        self._is_done.set()

    async def _begin(self, message: Message) -> None:
        headers = [(name, value) for name, value in message.get("headers", ())]
        status = message["status"]
        _check(status, headers)
        if status in {_NO_CONTENT, _NOT_MODIFIED}:
            # uvicorn would send, or wait for, the body that they announce.
            headers = [(name, value) for name, value in headers if name.lower() not in _FRAMING]
        if any(name.lower() == b"upgrade" for name, _ in self.scope["headers"]):
            # After an upgrade that it does not know, uvicorn reads no further request.
            headers.append((b"connection", b"close"))
        self._room = self._expected(status, headers)
        self._head = {**message, "headers": headers}
        if self._room != 0:
            await self._send_head()

    def _expected(self, status: int, headers: Iterable[tuple[bytes, bytes]]) -> int | None:
        if status in {_NO_CONTENT, _NOT_MODIFIED} or self.scope["method"] == "HEAD":
            return 0
        framing = [(name.lower(), value) for name, value in headers if name.lower() in _FRAMING]
        if not framing or any(name == b"transfer-encoding" for name, _ in framing):
            return None
        return int(framing[0][1])

    async def _continue(self, message: Message) -> None:
        body: bytes = message.get("body", b"")
        is_last = not message.get("more_body", False)
        if not self._has_left:
            # Of an answer without a body: the client has it whole now.
            await self._send_head()
        if self._room == 0 and body:
            if self.scope["method"] != "HEAD":
                self._report_dropped(len(body))
            body = b""
        if self._room is not None and len(body) <= self._room:
            self._room -= len(body)
        if not self._has_ended:
            # An app that has not received the whole request yet would see that the client has left.
            has_request = self._has_request or self._is_bodiless
            await self._forward(body, is_last=is_last or (self._room == 0 and has_request))
        if is_last:
            self._is_done.set()

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

    async def _send_head(self) -> None:
        assert self._head is not None  # noqa: S101 - taken from the app before
        await self._send(self._head)
        self._has_left = True

    async def _forward(self, body: bytes, *, is_last: bool) -> None:
        await self._send({"type": "http.response.body", "body": body, "more_body": not is_last})
        self._has_ended = is_last


def _check(status: object, headers: Iterable[tuple[object, object]]) -> None:
    """Refuse what uvicorn would refuse only after it can say so."""
    if not isinstance(status, int) or not 200 <= status <= 599:  # noqa: PLR2004 - what an answer can have
        msg = f"the answer's status is {status!r}; use one from 200 to 599"
        raise RuntimeError(msg)
    for name, value in headers:
        if not isinstance(name, bytes) or not isinstance(value, bytes):
            msg = f"the answer's header {name!r}: {value!r} is no pair of bytes; encode both"
            raise RuntimeError(msg)
        if _NO_NAME.search(name) or _NO_VALUE.search(value):
            msg = f"the answer's header {name!r}: {value!r} has a character that HTTP forbids there; leave it out"
            raise RuntimeError(msg)
        if name.lower() == b"content-length" and not value.strip().isdigit():
            msg = f"the answer's Content-Length is {value!r}; give the number of bytes"
            raise RuntimeError(msg)
