"""What all handles of plugins have in common, for asyncio."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from sidecar_bridge._client import wire
from sidecar_bridge._client.async_messages import open_channel
from sidecar_bridge._client.async_resource import AsyncResource
from sidecar_bridge._client.errors import ProblemError
from sidecar_bridge._client.tauri.async_plugin import as_read
from sidecar_bridge._client.undo import Undo

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager
    from typing import Self

    from sidecar_bridge._client.async_messages import AsyncMessages
    from sidecar_bridge._client.tauri.async_plugin import AsyncPlugin

_T = TypeVar("_T")

CLOSE = Undo("plugin:resources|close", answer={"rid": ""})
"""Closes the resource whose number is the whole answer."""


class AsyncHandle(AsyncResource):
    """Something that a plugin made for this sidecar; its commands run in the window in which it was made.

    It ends with `close`, with the block of `async with`, when nobody has it any more, with its window, and with this
    sidecar's generation. A call after that is a `ResourceClosedError`.
    """

    _prefix: ClassVar[str]
    _timeout_s: float | None = None

    @classmethod
    async def _made_by(
        cls, plugin: AsyncPlugin, command: str, args: dict[str, object], undo: Undo = CLOSE, rid: str | None = None
    ) -> Self:
        """Run a command of a plugin that makes one, in the plugin's window and with its limit for each call."""
        made = await cls._make(
            plugin, cls._prefix + command, args, undo=undo, rid=rid, window=plugin._label, timeout_s=plugin._timeout_s
        )
        made._timeout_s = plugin._timeout_s
        return made

    async def _call(self, command: str, args: dict[str, object], read: Callable[[Any], _T], name: str = "rid") -> _T:
        """Run a command on it, whose number goes under that name."""
        self._check()
        request = wire.invoke(self._prefix + command, {name: self._rid, **args}, self._window)
        try:
            value = wire.decode(await self._link.exchange(request, self._timeout_s))
        except ProblemError as error:
            self._check_end(error)
            raise
        return as_read(read, value, f"the answer of command `{self._prefix}{command}`")


def channel_of(
    plugin: AsyncPlugin, command: str, read: Callable[[Any], _T], on_lost: Callable[[int | None], object] | None
) -> AbstractAsyncContextManager[AsyncMessages[_T]]:
    """Open a channel in the plugin's window, for what a command sends after its answer."""

    def message(content: str | bytes) -> _T:
        value = wire.parse(content) if isinstance(content, str) else content
        return as_read(read, value, f"a message of command `{plugin._prefix}{command}`")

    return open_channel(plugin._link, wire.open_channel(plugin._label), plugin._timeout_s, message, on_lost=on_lost)
