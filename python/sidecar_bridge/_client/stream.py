"""The content of the host's streams, for both twins: nothing here does I/O."""

from __future__ import annotations

from base64 import b64decode
from collections import deque
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from sidecar_bridge._client import wire
from sidecar_bridge._client.errors import BridgeError, EventsLostError, ResourceClosedError, TransportError
from sidecar_bridge._native import EventParser, Reply

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

_T = TypeVar("_T")
_T_co = TypeVar("_T_co", covariant=True)

_GAP = "gap"


class Buffer(Protocol[_T_co]):
    """What was received and not taken yet."""

    def __bool__(self) -> bool:
        """Tell whether there is any."""

    def take(self) -> _T_co:
        """Give the oldest; raise `EventsLostError` in the place of what is missing."""


class EventBuffer(Generic[_T]):
    """The payloads of an event stream that were received and not taken yet, also across streams that resume it."""

    def __init__(self, max_event_bytes: int, decode: Callable[[str], _T]) -> None:
        """Start before the stream's first byte; `decode` reads the payloads."""
        self._parser = EventParser(max_event_bytes)
        self._max_event_bytes = max_event_bytes
        self._decode = decode
        self._waiting: deque[tuple[str, str]] = deque()
        self._last_id: str | None = None
        self.subscribed = False
        """Whether the host said that the subscription is in place."""

    def restart(self) -> str | None:
        """Expect a new stream, and give the id of the last event that came, if there was one."""
        self._parser = EventParser(self._max_event_bytes)
        self.subscribed = False
        return self._last_id

    def receive(self, data: bytes) -> None:
        """Take in the next bytes of the stream."""
        for kind, name, text in self._parser.receive(data):
            if kind == "event":
                self._waiting.append((name, text))
            elif text == "subscribed":
                self.subscribed = True
        self._last_id = self._parser.last_id or self._last_id

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def take(self) -> _T:
        """Give the oldest payload; raise `EventsLostError` in the place of events that are missing."""
        name, text = self._waiting.popleft()
        if name == _GAP:
            raise _lost(text)
        return self._decode(text)


class MessageBuffer(Generic[_T]):
    """The messages of a channel that were received and not taken yet."""

    def __init__(self, max_message_bytes: int, decode: Callable[[str | bytes], _T]) -> None:
        """Start before the stream's first byte; `decode` reads the messages."""
        self._parser = EventParser(max_message_bytes)
        self._decode = decode
        self._waiting: deque[tuple[str, str]] = deque()
        self.id = 0
        """The channel's number; 0 until the host has said it."""
        self.window = ""
        """The label of the channel's window, likewise."""
        self.ended: BridgeError | None = None
        """Why the host has ended the channel. What waits then was sent before."""

    def receive(self, data: bytes) -> None:
        """Take in the next bytes of the stream."""
        for kind, name, text in self._parser.receive(data):
            if name == "open":
                self._begin(text)
            elif name == "end":
                self.ended = _ended(text, self.window)
            elif kind == "event":
                self._waiting.append((name, text))

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def take(self) -> _T:
        """Give the oldest message; raise `EventsLostError` in the place of messages that are missing."""
        name, text = self._waiting.popleft()
        if name == _GAP:
            raise _lost(text)
        return self._decode(_bytes(text) if name == "raw" else text)

    def _begin(self, text: str) -> None:
        match wire.parse(text):
            case {"id": int() as number, "window": str() as window}:
                self.id, self.window = number, window
            case _:
                msg = f"the host opened a channel, and did not say which: `{text}`"
                raise TransportError(msg)


def _ended(text: str, window: str) -> BridgeError:
    match wire.parse(text):
        case {"reason": "windowClosed"}:
            return ResourceClosedError("the channel", f"has ended with its window, `{window}`; open another one")
        case {"reason": "generationEnded"}:
            return ResourceClosedError("the channel", "has ended with this sidecar's generation; open another one")
        case _:
            return BridgeError(f"the host has ended the channel: `{text}`")


class CallBuffer:
    """The answer to a call with channels: messages, then the reply."""

    def __init__(self, max_message_bytes: int, channels: Collection[str]) -> None:
        """Start before the stream's first byte, for a call with these channels."""
        self._parser = EventParser(max_message_bytes)
        self._channels = channels
        self.reply: Reply | None = None
        """The reply; `None` until the reply has come."""

    def receive(self, data: bytes) -> list[tuple[str, str | bytes]]:
        """Take in the next bytes of the stream, and give their messages: the channel's name, and JSON or raw bytes."""
        messages: list[tuple[str, str | bytes]] = []
        for kind, name, text in self._parser.receive(data):
            what, _, channel = name.partition(":")
            if kind == "comment":
                continue
            if what in {"channel", "raw"} and channel not in self._channels:
                msg = f"the host sent a message of channel `{channel}`, which the call does not have"
                raise TransportError(msg)
            if what == "channel":
                messages.append((channel, text))
            elif what == "raw":
                messages.append((channel, _bytes(text)))
            else:
                self.reply = _reply(what, text)
        return messages


def _lost(text: str) -> EventsLostError | TransportError:
    match wire.parse(text):
        case {"lost": int() | None as count}:
            return EventsLostError(count)
        case _:
            return TransportError(f"the host said that events are missing, and not how many: `{text}`")


def _reply(kind: str, text: str) -> Reply:
    match kind:
        case "result":
            return Reply(200, wire.JSON, text.encode())
        case "result-raw":
            return Reply(200, wire.BYTES, _bytes(text))
        case "problem":
            # The problem has a status of its own; the status of the stream was 200.
            return Reply(500, wire.PROBLEM, text.encode())
        case _:
            msg = f"the host ended a call with `{kind}`; it may be newer than this package"
            raise TransportError(msg)


def _bytes(text: str) -> bytes:
    try:
        return b64decode(text)
    except ValueError as error:
        msg = f"the host sent something that is not base64: {error}"
        raise TransportError(msg) from error
