"""What a fake host answers with: see `docs/wire.md`."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any, NamedTuple
from uuid import uuid4

from sidecar_bridge import _wire

STATUSES = {
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


class Refused(Exception):  # noqa: N818 - it is an answer
    """The request is answered with a problem."""

    def __init__(self, code: str, detail: str, **more: Any) -> None:
        """Refuse with that code; `more` is more of the problem's members."""
        super().__init__(detail)
        self.problem = {
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

    def reply(self) -> Reply:
        """Give the answer."""
        return Reply(self.problem["status"], _wire.PROBLEM, json.dumps(self.problem).encode())


def reply_of(value: Any) -> Reply:
    """Give the answer of a command whose result is that value."""
    if isinstance(value, bytes | bytearray | memoryview):
        return Reply(200, _wire.BYTES, bytes(value))
    return Reply(200, _wire.JSON, json.dumps(value, allow_nan=False).encode())


def is_raw(reply: Reply) -> bool:
    """Tell whether it is raw bytes."""
    return reply.content_type == _wire.BYTES


def event(kind: str, reply: Reply, channel: str = "") -> bytes:
    """Give a message of a call with channels."""
    name = f"{kind}:{channel}" if channel else kind
    return f"event: {name}\ndata: ".encode() + (b64encode(reply.body) if is_raw(reply) else reply.body) + b"\n\n"
