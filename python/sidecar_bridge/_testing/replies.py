"""What a fake host answers with: see `docs/wire.md`."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import uuid4

from sidecar_bridge._client import wire
from sidecar_bridge._native import encode_json

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

    from sidecar_bridge._client.problem import ErrorCode

STATUSES: dict[ErrorCode, int] = {
    "invalid_argument": 422,
    "unauthenticated": 401,
    "permission_denied": 403,
    "not_found": 404,
    "unavailable": 503,
    "failed_precondition": 412,
    "resource_exhausted": 429,
    "cancelled": 499,
    "deadline_exceeded": 504,
    "internal": 500,
}


class Reply(NamedTuple):
    """A whole answer."""

    status: int
    content_type: str
    body: bytes
    undo: str = ""


class Refused(Exception):  # noqa: N818 - it is an answer
    """The request is answered with a problem."""

    def __init__(self, code: ErrorCode, detail: str, **more: Any) -> None:
        """Refuse with that code; `more` is more of the problem's members."""
        super().__init__(detail)
        self.problem: dict[str, Any] = {
            "type": "about:blank",
            "title": code.replace("_", " "),
            "status": STATUSES[code],
            "detail": detail,
            "instance": f"urn:uuid:{uuid4()}",
            "code": code,
            # Of what the host refuses a sidecar, only this has not begun and may pass: `tests/outcomes.json`.
            "retryable": code == "unavailable",
            **more,
        }

    @classmethod
    def by_command(cls, command: str, error: object) -> Self:
        """Refuse as a command does that answers with its own error value."""
        data = encode_json(error, f"the error of command `{command}`").decode()
        detail = f"command `{command}` answered with an error: {data}"
        return cls("failed_precondition", detail, data=error)

    def reply(self) -> Reply:
        """Give the answer."""
        return Reply(self.problem["status"], wire.PROBLEM, encode_json(self.problem, "the problem"))


def reply_of(value: object) -> Reply:
    """Give the answer of a command whose result is that value: raw bytes, or what goes into JSON as arguments do."""
    if isinstance(value, bytes | bytearray | memoryview):
        return Reply(200, wire.BYTES, bytes(value))
    return Reply(200, wire.JSON, encode_json(value, "the answer"))


def is_raw(reply: Reply) -> bool:
    """Tell whether the answer is raw bytes."""
    return reply.content_type == wire.BYTES


def event(kind: str, reply: Reply, channel: str = "") -> bytes:
    """Give a message of a call with channels."""
    name = f"{kind}:{channel}" if channel else kind
    return f"event: {name}\ndata: {data_of(reply)}\n\n".encode()


def data_of(reply: Reply) -> str:
    """Give what a message has of raw bytes, or of JSON."""
    # An event without data is none, and base64 skips a line break.
    return b64encode(reply.body).decode() or "\ndata: " if is_raw(reply) else reply.body.decode()


def streamed(messages: Mapping[str, list[Any]], result: Reply) -> Reply:
    """Give the answer to a call with channels: the messages of each, then the result."""
    sent = [(channel, reply_of(message)) for channel in messages for message in messages[channel]]
    events = [event("raw" if is_raw(reply) else "channel", reply, channel) for channel, reply in sent]
    last = event("result-raw" if is_raw(result) else "result", result)
    return Reply(200, wire.EVENT_STREAM, b"".join([*events, last]))
