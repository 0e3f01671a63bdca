"""Requests and replies as values, for both twins: nothing here does I/O.

This and what it imports is all that a first call needs, so nothing of it imports `typing`, `json` or the like.
"""

from __future__ import annotations

from sidecar_bridge._client.errors import PROBLEMS, CommandError, DeadlineExceededError, ProblemError, TransportError
from sidecar_bridge._client.failure import loading
from sidecar_bridge._native import Reply as Reply  # noqa: PLC0414 - the twins take it from here
from sidecar_bridge._native import Request as Request  # noqa: PLC0414
from sidecar_bridge._native import decode_json, encode_json, quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
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


def text(value: object, what: str) -> None:
    """Refuse an argument that is no string by its name: the native core does not know what callers name it."""
    if not isinstance(value, str):
        msg = f"{what} must be a str, not {type(value).__name__}"
        raise TypeError(msg)


def _window(window: object) -> None:
    if window is not None:
        text(window, "`window`")


def ready(pid: int, version: str, contracts: list[str]) -> Request:
    """Announce that the sidecar serves, and with which generated bindings."""
    announcement = {"pid": pid, "version": version, "contracts": contracts}
    return Request("POST", "/v1/ready", JSON, encode_json(announcement, "the announcement"))


def starting(activity: str, percent: int | None) -> Request:
    """Say what the sidecar does before it serves."""
    text(activity, "`activity`")
    report = {"activity": activity, "percent": percent}
    return Request("POST", "/v1/starting", JSON, encode_json(report, "the report"))


def imports(program: list[str], modules: list[str], environment: str) -> Request:
    """Say how the command ends that runs the program, what it has imported from elsewhere, and in which environment."""
    told = {"program": program, "modules": modules, "environment": environment}
    return Request("POST", "/v1/imports", JSON, encode_json(told, "the imports"))


def invoke(
    command: str,
    args: Mapping[str, object] | bytes | bytearray | memoryview | None,
    window: str | None,
    channels: Iterable[str] = (),
    *,
    headers: Sequence[tuple[str, str]] = (),
    undo: str | None = None,
) -> Request:
    """Run a command: with an object of arguments, or with raw bytes."""
    # Each function is a fiftieth of a call, so one is called only to refuse.
    if type(command) is not str:
        text(command, "`command`")
    if window is not None:
        _window(window)
    if isinstance(args, dict):
        return Request.invoke(command, args, window, _channel_names(channels), headers, undo)
    if args is None:
        return _invoke(command, None, b"", window, channels, headers=headers, undo=undo)
    if isinstance(args, bytes | bytearray | memoryview):
        # One view of the whole buffer, which is copied only if the buffer lies in pieces.
        view = memoryview(args)
        view = view.cast("B") if view.c_contiguous else memoryview(bytes(view))
        return _invoke(command, BYTES, view, window, channels, headers=headers, undo=undo)
    from collections.abc import Mapping  # noqa: PLC0415 - not needed for a dict

    # The encoder knows dicts only; what is no mapping at all is for the host to refuse.
    value: object = dict(args) if isinstance(args, Mapping) else args
    body = encode_json(value, f"the arguments of command `{command}`")
    return _invoke(command, JSON, body, window, channels, headers=headers, undo=undo)


def _invoke(
    command: str,
    content_type: str | None,
    body: bytes | memoryview,
    window: str | None,
    channels: Iterable[str],
    *,
    headers: Sequence[tuple[str, str]],
    undo: str | None,
) -> Request:
    names = _channel_names(channels)
    return Request("POST", _command(command), content_type, body, window, names, None, headers, undo)


def invoke_json(
    command: str, args: bytes, window: str | None, channels: Iterable[str] = (), query: str = ""
) -> Request:
    """Run a command with arguments that are JSON already; no bytes for no arguments."""
    _window(window)
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
        text(name, "a name in `channels`")
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
    text(name, "`name`")
    _window(window)
    if target is not None:
        text(target, "`target`")
    query = "" if target is None else f"?target={quote(target)}"
    return Request("POST", f"/v1/events/{quote(name)}{query}", JSON, payload, window)


def listen(name: str, after: str | None = None, window: str | None = None) -> Request:
    """Subscribe to an event, from behind the event with the id `after`, as the ACL allows it in `window`."""
    text(name, "`name`")
    _window(window)
    return Request("GET", f"/v1/events?name={quote(name)}", window=window, last_event_id=after)


def open_channel(window: str | None, events: Sequence[str] = (), closing_ms: int | None = None) -> Request:
    """Open a channel in `window`, which brings these events of the window too, and asks before the window closes."""
    _window(window)
    query = [f"events={quote(','.join(events))}"] if events else []
    query += [] if closing_ms is None else [f"closingMs={closing_ms}"]
    return Request("GET", "/v1/channel" + ("?" + "&".join(query) if query else ""), window=window)


def answer_closing(number: int, *, prevent: bool) -> Request:
    """Say whether a window that is to close stays open."""
    return Request("POST", f"/v1/closing/{number}?prevent={'true' if prevent else 'false'}")


def undo(number: str) -> Request:
    """Undo what a call made, which has that number."""
    return Request("POST", f"/v1/undo/{quote(number)}")


def forget_undo(number: str) -> Request:
    """Let what a call made stay, which has that number."""
    return Request("DELETE", f"/v1/undo/{quote(number)}")


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
    with loading:
        from dataclasses import replace  # noqa: PLC0415 - takes longer than the rest, and few calls need it
        from typing import get_args  # noqa: PLC0415

        from sidecar_bridge._client.known import explained  # noqa: PLC0415
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
    if problem.code in {"not_found", "permission_denied"}:
        problem = replace(problem, detail=explained(problem.code, problem.detail))
    if problem.code == "deadline_exceeded":
        # The host has the same deadline as the caller, and saw sooner that the deadline passed.
        return DeadlineExceededError(problem.detail)
    is_command_error = problem.code == "failed_precondition" and "data" in document
    return CommandError(problem) if is_command_error else PROBLEMS[problem.code](problem)
