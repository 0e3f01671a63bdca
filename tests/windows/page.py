"""A page's WebSocket: what the guest package says to the host for it."""

from __future__ import annotations

import json
import uuid
from typing import Any

from world import Host

TEXT, BINARY, CLOSE = 1, 2, 3
"""The kinds of messages, see `src/guest/websocket.rs`."""

NUMBER_AND_LAST = 5
"""So many bytes stand before those of a piece, see `src/guest/exchange/piece.rs`."""


class WebSocket:
    """A WebSocket that the page of the host's window has opened."""

    def __init__(self, running: Host, path: str) -> None:
        self._running = running
        self._exchange = f"websocket-{uuid.uuid4()}"
        self._came = bytearray()
        request = {"exchange": self._exchange, "path": path, "protocols": list[str](), "headers": list[list[str]]()}
        answer = running.invoke("connect", json={"request": request})
        assert answer == {"page": {"json": {"protocol": ""}}}, answer

    def send(self, kind: int, data: bytes) -> None:
        head = json.dumps({"exchange": self._exchange, "last": kind == CLOSE}).encode()
        message = bytes([kind]) + len(data).to_bytes(4) + data
        answer = self._running.invoke("write", bytes=[*(len(head).to_bytes(4) + head + message)])
        assert answer == {"page": {"json": None}}, answer

    def receive(self) -> tuple[int, bytes]:
        """Give the next message."""
        while (message := self._message()) is None:
            answer = self.read()
            assert "page" in answer, answer
            self._came += bytes(answer["page"]["bytes"][NUMBER_AND_LAST:])
        return message

    def read(self) -> dict[str, Any]:
        """Give the next piece, or why there is none."""
        return self._running.invoke("read", json={"exchange": self._exchange})

    def _message(self) -> tuple[int, bytes] | None:
        head, rest = self._came[:5], self._came[5:]
        if len(head) < 5 or len(rest) < (length := int.from_bytes(head[1:])):
            return None
        self._came = rest[length:]
        return head[0], bytes(rest[:length])
