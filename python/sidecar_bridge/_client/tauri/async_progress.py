"""Calls of plugins that tell how far they are, for asyncio."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from sidecar_bridge._client import wire
from sidecar_bridge._client.async_calls import reply_with_messages
from sidecar_bridge._client.tauri.async_plugin import as_read

if TYPE_CHECKING:
    from collections.abc import Callable

    from sidecar_bridge._client.async_link import AsyncLink

_T = TypeVar("_T")
_Step = TypeVar("_Step")


async def call_with_progress(
    link: AsyncLink,
    request: tuple[str, dict[str, object], str | None, str],
    timeout_s: float | None,
    read_step: Callable[[Any], _Step],
    take: Callable[[_Step], object],
    read: Callable[[Any], _T],
) -> _T:
    """Run a command, and give what `read` makes of its answer; until then `take` gets each step, read by `read_step`.

    The request is the command, its arguments, its window and the argument that is the channel for its steps.
    """
    command, args, window, channel = request

    def step(_channel: str, content: str | bytes) -> _Step:
        value = wire.parse(content) if isinstance(content, str) else content
        return as_read(read_step, value, f"a message of channel `{channel}` of command `{command}`")

    call = wire.invoke(command, args, window, (channel,))
    reply = await reply_with_messages(link, call, timeout_s, step, lambda _channel, value: take(value))
    return as_read(read, wire.decode(reply), f"the answer of command `{command}`")


def taking(on_progress: Callable[[_Step], object] | None) -> Callable[[_Step], object]:
    """Give the caller's function, or one that does nothing; `TypeError` for what is none, or has to be awaited."""
    if on_progress is None:
        return lambda _step: None
    from inspect import iscoroutinefunction  # noqa: PLC0415 - few calls need it

    if not callable(on_progress) or iscoroutinefunction(on_progress):
        kind = "a coroutine function" if callable(on_progress) else type(on_progress).__name__
        msg = f"`on_progress` must be a plain function, not {kind}"
        raise TypeError(msg)
    return on_progress
