"""Requests and replies as values, for both twins: nothing here does I/O."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

from sidecar_bridge import _json
from sidecar_bridge._errors import CommandError, Problem, ProblemError, TransportError
from sidecar_bridge._native import EventParser, encode_head

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

    def head(self, token: str) -> bytes:
        """Give the bytes in front of the body; `ValueError` for a window label that HTTP cannot carry."""
        return encode_head(self.method, self.target, token, self.window, self.content_type, len(self.body))


class Reply(NamedTuple):
    """One whole answer of the host."""

    status: int
    content_type: str
    body: bytes


HEALTH = Request("GET", "/health")


def ready(pid: int, version: str) -> Request:
    """Announce that the sidecar serves."""
    return Request("POST", "/v1/ready", _JSON, _json.encode({"pid": pid, "version": version}, "the announcement"))


def starting(activity: str, percent: int | None) -> Request:
    """Say what the sidecar does until it serves."""
    report = {"activity": activity, "percent": percent}
    return Request("POST", "/v1/starting", _JSON, _json.encode(report, "the report"))


def invoke(
    command: str, args: Mapping[str, object] | bytes | bytearray | memoryview | None, window: str | None
) -> Request:
    """Run a command: with an object of arguments, or with raw bytes."""
    target = f"/v1/invoke/{quote(command, safe=':')}"
    if args is None:
        return Request("POST", target, window=window)
    if isinstance(args, bytes | bytearray | memoryview):
        return Request("POST", target, _BYTES, bytes(args), window)
    # The encoder knows dicts only; what is no mapping at all is for the host to refuse.
    value = dict(args) if isinstance(args, Mapping) else args
    return Request("POST", target, _JSON, _json.encode(value, f"the arguments of command `{command}`"), window)


def emit(name: str, payload: object, target: str | None) -> Request:
    """Emit an event, to one label if `target` names it."""
    query = "" if target is None else f"?target={quote(target, safe='')}"
    path = f"/v1/events/{quote(name, safe=':')}{query}"
    return Request("POST", path, _JSON, _json.encode(payload, f"the payload of event `{name}`"))


def listen(name: str) -> Request:
    """Subscribe to an event."""
    return Request("GET", f"/v1/events?name={quote(name, safe='')}")


def decode(reply: Reply) -> Any:
    """Give what the reply holds: a JSON value, bytes, or `None`; raise `ProblemError` for a problem."""
    if reply.status >= 400:  # noqa: PLR2004 - RFC 9110, section 15.5
        raise _problem(reply)
    if not reply.body:
        return b"" if reply.content_type == _BYTES else None
    if reply.content_type == _BYTES:
        return reply.body
    if reply.content_type == _JSON:
        return _parse(reply.body)
    msg = f"the host answered with the media type `{reply.content_type}`; is another server on its socket?"
    raise TransportError(msg)


class EventBuffer:
    """The payloads of an event stream that were received and not taken yet."""

    def __init__(self, max_event_bytes: int) -> None:
        """Start before the stream's first byte."""
        self._parser = EventParser(max_event_bytes)
        self._waiting: deque[str] = deque()
        self.subscribed = False
        """Whether the host said that the subscription is in place."""

    def receive(self, data: bytes) -> None:
        """Take in the next bytes of the stream."""
        for kind, text in self._parser.receive(data):
            if kind == "event":
                self._waiting.append(text)
            elif text == "subscribed":
                self.subscribed = True

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def take(self) -> Any:
        """Give the oldest payload."""
        return _parse(self._waiting.popleft())


def _parse(text: bytes | str) -> Any:
    try:
        return _json.decode(text)
    except ValueError as error:
        msg = f"the host sent something that is not JSON: {error}"
        raise TransportError(msg) from error


def _problem(reply: Reply) -> ProblemError | TransportError:
    if reply.content_type != _PROBLEM:
        # Only hyper itself, in front of the host's router, answers without a problem: `docs/wire.md`.
        return TransportError(f"the host refused the request as malformed HTTP, with a bare {reply.status}")
    document = _parse(reply.body)
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
