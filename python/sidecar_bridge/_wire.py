"""Requests and replies as values, for both twins: nothing here does I/O."""

from __future__ import annotations

from base64 import b64decode
from collections import deque
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar
from urllib.parse import quote

from sidecar_bridge import _json
from sidecar_bridge._errors import CommandError, Problem, ProblemError, TransportError
from sidecar_bridge._native import EventParser, encode_head

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_T = TypeVar("_T")

DEFAULT_MAX_BODY_BYTES = 64 * 1024 * 1024
"""How large a reply or an event may be, unless told otherwise."""

STREAM_BUFFER_BYTES = 4 * 1024 * 1024
"""How much of an event stream may wait to be parsed; the reader is slowed down long before."""

EVENT_STREAM = "text/event-stream"
_BYTES = "application/octet-stream"
_JSON = "application/json"
_PROBLEM = "application/problem+json"


class Request(NamedTuple):
    """One request to the host, but for the token."""

    method: str
    target: str
    content_type: str | None = None
    body: bytes = b""
    window: str | None = None
    channels: tuple[str, ...] = ()
    """The names of the arguments that are channels."""

    def head(self, token: str) -> bytes:
        """Give the bytes in front of the body; `ValueError` for a label or a name that HTTP cannot carry."""
        for name in self.channels:
            # The header would name other arguments.
            if not name or "," in name or name != name.strip():
                msg = f"`{name}` is no name of an argument; give a channel the one that it has in JavaScript"
                raise ValueError(msg)
        channels = ",".join(self.channels) or None
        return encode_head(self.method, self.target, token, self.window, self.content_type, len(self.body), channels)


class Reply(NamedTuple):
    """One whole answer of the host."""

    status: int
    content_type: str
    body: bytes


HEALTH = Request("GET", "/health")


def ready(pid: int, version: str, contracts: list[str]) -> Request:
    """Announce that the sidecar serves, and with which generated bindings."""
    announcement = {"pid": pid, "version": version, "contracts": contracts}
    return Request("POST", "/v1/ready", _JSON, _json.encode(announcement, "the announcement"))


def starting(activity: str, percent: int | None) -> Request:
    """Say what the sidecar does until it serves."""
    report = {"activity": activity, "percent": percent}
    return Request("POST", "/v1/starting", _JSON, _json.encode(report, "the report"))


def invoke(
    command: str,
    args: Mapping[str, object] | bytes | bytearray | memoryview | None,
    window: str | None,
    channels: Iterable[str] = (),
) -> Request:
    """Run a command: with an object of arguments, or with raw bytes."""
    if args is None:
        return invoke_json(command, b"", window, channels)
    if isinstance(args, bytes | bytearray | memoryview):
        return Request("POST", _command(command), _BYTES, bytes(args), window, tuple(channels))
    # The encoder knows dicts only; what is no mapping at all is for the host to refuse.
    value = dict(args) if isinstance(args, Mapping) else args
    return invoke_json(command, _json.encode(value, f"the arguments of command `{command}`"), window, channels)


def invoke_json(command: str, args: bytes, window: str | None, channels: Iterable[str] = ()) -> Request:
    """Run a command with arguments that are JSON already; none of it for no arguments."""
    return Request("POST", _command(command), _JSON if args else None, args, window, tuple(channels))


def _command(name: str) -> str:
    return f"/v1/invoke/{quote(name, safe=':')}"


def emit(name: str, payload: object, target: str | None) -> Request:
    """Emit an event, to one label if `target` names it."""
    return emit_json(name, _json.encode(payload, f"the payload of event `{name}`"), target)


def emit_json(name: str, payload: bytes, target: str | None) -> Request:
    """Emit an event whose payload is JSON already."""
    query = "" if target is None else f"?target={quote(target, safe='')}"
    return Request("POST", f"/v1/events/{quote(name, safe=':')}{query}", _JSON, payload)


def listen(name: str) -> Request:
    """Subscribe to an event."""
    return Request("GET", f"/v1/events?name={quote(name, safe='')}")


def check(reply: Reply) -> None:
    """Raise `ProblemError` if the reply is a problem."""
    if reply.status >= 400:  # noqa: PLR2004 - RFC 9110, section 15.5
        raise _problem(reply)


def decode(reply: Reply) -> Any:
    """Give what the reply holds: a JSON value, bytes, or `None`; raise `ProblemError` for a problem."""
    check(reply)
    if not reply.body:
        return b"" if reply.content_type == _BYTES else None
    if reply.content_type == _BYTES:
        return reply.body
    if reply.content_type == _JSON:
        return parse(reply.body)
    msg = f"the host answered with the media type `{reply.content_type}`; is another server on its socket?"
    raise TransportError(msg)


class EventBuffer(Generic[_T]):
    """The payloads of an event stream that were received and not taken yet."""

    def __init__(self, max_event_bytes: int, decode: Callable[[str], _T]) -> None:
        """Start before the stream's first byte; `decode` reads the payloads."""
        self._parser = EventParser(max_event_bytes)
        self._decode = decode
        self._waiting: deque[str] = deque()
        self.subscribed = False
        """Whether the host said that the subscription is in place."""

    def receive(self, data: bytes) -> None:
        """Take in the next bytes of the stream."""
        for kind, _, text in self._parser.receive(data):
            if kind == "event":
                self._waiting.append(text)
            elif text == "subscribed":
                self.subscribed = True

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def take(self) -> _T:
        """Give the oldest payload."""
        return self._decode(self._waiting.popleft())


class CallBuffer:
    """What comes of a call with channels: messages, then its reply."""

    def __init__(self, max_message_bytes: int) -> None:
        """Start before the stream's first byte."""
        self._parser = EventParser(max_message_bytes)
        self.reply: Reply | None = None
        """The reply, once it came."""

    def receive(self, data: bytes) -> list[tuple[str, str | bytes]]:
        """Take in the next bytes of the stream, and give the messages in them: the channel, and JSON or raw bytes."""
        messages: list[tuple[str, str | bytes]] = []
        for kind, name, text in self._parser.receive(data):
            what, _, channel = name.partition(":")
            if kind == "comment":
                continue
            if what == "channel":
                messages.append((channel, text))
            elif what == "raw":
                messages.append((channel, b64decode(text)))
            else:
                self.reply = _reply(what, text)
        return messages


def _reply(kind: str, text: str) -> Reply:
    match kind:
        case "result":
            return Reply(200, _JSON, text.encode())
        case "result-raw":
            return Reply(200, _BYTES, b64decode(text))
        case "problem":
            return Reply(parse(text)["status"], _PROBLEM, text.encode())
        case _:
            msg = f"the host ended a call with `{kind}`; it may be newer than this package"
            raise TransportError(msg)


def parse(text: bytes | str) -> Any:
    """Read JSON of the host; `TransportError` for what is none."""
    try:
        return _json.decode(text)
    except ValueError as error:
        msg = f"the host sent something that is not JSON: {error}"
        raise TransportError(msg) from error


def _problem(reply: Reply) -> ProblemError | TransportError:
    if reply.content_type != _PROBLEM:
        # Only hyper itself, in front of the host's router, answers without a problem: `docs/wire.md`.
        return TransportError(f"the host refused the request as malformed HTTP, with a bare {reply.status}")
    document = parse(reply.body)
    try:
        problem = Problem(
            type=document["type"],
            title=document["title"],
            status=document["status"],
            detail=document["detail"],
            instance=document["instance"],
            code=document["code"],
            retryable=document["retryable"],
            data=document.get("data"),
        )
    except (KeyError, TypeError) as error:
        return TransportError(f"the host answered {reply.status} with a problem that lacks a member: {error}")
    is_command_error = problem.code == "failed_precondition" and "data" in document
    return CommandError(problem) if is_command_error else ProblemError(problem)
