"""Requests and replies as values, for both twins: nothing here does I/O.

This and what it imports is all that a first call needs, so nothing of it imports `typing`, `json` or the like.
"""

from __future__ import annotations

from sidecar_bridge._client.errors import PROBLEMS, CommandError, DeadlineExceededError, ProblemError, TransportError
from sidecar_bridge._native import Reply as Reply  # noqa: PLC0414 - the twins take it from here
from sidecar_bridge._native import Request as Request  # noqa: PLC0414
from sidecar_bridge._native import decode_json, encode_json, quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

DEFAULT_MAX_BODY_BYTES = 64 * 1024 * 1024
"""How large a reply or an event may be by default, in bytes."""

STREAM_BUFFER_BYTES = 4 * 1024 * 1024
"""How many bytes of an event stream may wait to be parsed; the host is slowed down long before."""

EVENT_STREAM = "text/event-stream"
BYTES = "application/octet-stream"
JSON = "application/json"
PROBLEM = "application/problem+json"

HEALTH = Request("GET", "/health")


def ready(pid: int, version: str, contracts: list[str]) -> Request:
    """Announce that the sidecar serves, and with which generated bindings."""
    announcement = {"pid": pid, "version": version, "contracts": contracts}
    return Request("POST", "/v1/ready", JSON, encode_json(announcement, "the announcement"))


def starting(activity: str, percent: int | None) -> Request:
    """Say what the sidecar does before it serves."""
    report = {"activity": activity, "percent": percent}
    return Request("POST", "/v1/starting", JSON, encode_json(report, "the report"))


def invoke(
    command: str,
    args: Mapping[str, object] | bytes | bytearray | memoryview | None,
    window: str | None,
    channels: Iterable[str] = (),
) -> Request:
    """Run a command: with an object of arguments, or with raw bytes."""
    if isinstance(args, dict):
        return Request.invoke(command, args, window, _channel_names(channels))
    if args is None:
        return invoke_json(command, b"", window, channels)
    if isinstance(args, bytes | bytearray | memoryview):
        # One view of the whole buffer, which is copied only if the buffer lies in pieces.
        view = memoryview(args)
        view = view.cast("B") if view.c_contiguous else memoryview(bytes(view))
        return Request("POST", _command(command), BYTES, view, window, _channel_names(channels))
    from collections.abc import Mapping  # noqa: PLC0415 - not needed for a dict

    # The encoder knows dicts only; what is no mapping at all is for the host to refuse.
    value: object = dict(args) if isinstance(args, Mapping) else args
    return invoke_json(command, encode_json(value, f"the arguments of command `{command}`"), window, channels)


def invoke_json(
    command: str, args: bytes, window: str | None, channels: Iterable[str] = (), query: str = ""
) -> Request:
    """Run a command with arguments that are JSON already; no bytes for no arguments."""
    path = _command(command) + query
    return Request("POST", path, JSON if args else None, args, window, _channel_names(channels))


def aliases(names: Mapping[str, str]) -> str:
    """Give the query that makes the host pass on arguments under a second name, too."""
    if not names:
        return ""
    return "?alias=" + ",".join(f"{quote(name)}:{quote(alias)}" for name, alias in names.items())


def _channel_names(names: Iterable[str]) -> str | None:
    """Give the header's value; `ValueError` for a name that the header could not tell from others."""
    if names == ():
        return None
    for name in names:
        if not name or "," in name or name != name.strip():
            msg = f"`{name}` is no name of an argument; give a channel the one that it has in JavaScript"
            raise ValueError(msg)
    return ",".join(names) or None


def _command(name: str) -> str:
    return f"/v1/invoke/{quote(name)}"


def emit(name: str, payload: object, target: str | None, window: str | None) -> Request:
    """Emit an event, to one label if `target` names it, as the ACL allows it in `window`."""
    return emit_json(name, encode_json(payload, f"the payload of event `{name}`"), target, window)


def emit_json(name: str, payload: bytes, target: str | None, window: str | None) -> Request:
    """Emit an event whose payload is JSON already."""
    query = "" if target is None else f"?target={quote(target)}"
    return Request("POST", f"/v1/events/{quote(name)}{query}", JSON, payload, window)


def listen(name: str, after: str | None = None, window: str | None = None) -> Request:
    """Subscribe to an event, from behind the event with the id `after`, as the ACL allows it in `window`."""
    return Request("GET", f"/v1/events?name={quote(name)}", window=window, last_event_id=after)


def check(reply: Reply) -> None:
    """Raise `ProblemError` if the reply is a problem."""
    if reply.status >= 300:  # noqa: PLR2004 - RFC 9110, section 15.4
        raise _problem(reply)


def decode(reply: Reply) -> Any:
    """Give the content of the reply: a JSON value, bytes, or `None`; raise `ProblemError` for a problem."""
    check(reply)
    kind, body = reply.content_type, reply.body
    if kind == JSON and body:
        return parse(body)
    if kind == BYTES:
        return body
    if not body:
        return None
    msg = f"the host answered with the media type `{kind}`; is another server on its socket?"
    raise TransportError(msg)


def parse(text: bytes | str) -> Any:
    """Read JSON of the host; `TransportError` for text that is not JSON."""
    try:
        return decode_json(text)
    except ValueError as error:
        msg = f"the host sent something that is not JSON: {error}"
        raise TransportError(msg) from error


def _problem(reply: Reply) -> ProblemError | TransportError:
    from dataclasses import replace  # noqa: PLC0415 - takes longer than the rest, and few calls need it
    from typing import get_args  # noqa: PLC0415

    from sidecar_bridge._client.problem import ErrorCode, Problem  # noqa: PLC0415

    if reply.content_type != PROBLEM:
        # Only hyper itself, in front of the host's router, answers without a problem: `docs/wire.md`.
        return TransportError(f"the host answered with a bare {reply.status}; it took the request for malformed HTTP")
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
    if problem.code not in get_args(ErrorCode):
        detail = f"{problem.detail} (`{problem.code}`, a code of a host that is newer than this package)"
        problem = replace(problem, code="internal", detail=detail)
    if problem.code == "deadline_exceeded":
        # The host has the same deadline as the caller, and saw sooner that the deadline passed.
        return DeadlineExceededError(problem.detail)
    is_command_error = problem.code == "failed_precondition" and "data" in document
    return CommandError(problem) if is_command_error else PROBLEMS[problem.code](problem)
