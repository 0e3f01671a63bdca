"""Handles of what calls back: icons in the tray, menus, shortcuts, for asyncio."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sidecar_bridge._client.async_handlers import claim
from sidecar_bridge._client.async_resource import AsyncResource
from sidecar_bridge._client.backlog import check
from sidecar_bridge._client.undo import Undo

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Self

    from sidecar_bridge._client import wire
    from sidecar_bridge._client.async_handlers import AsyncClaim
    from sidecar_bridge._client.async_resource import AsyncCaller
    from sidecar_bridge._client.backlog import Kind


class AsyncHandled(AsyncResource):
    """Something in the app that calls functions of this sidecar, until it is closed."""

    _claim: AsyncClaim | None = None

    @classmethod
    async def _make_handled(
        cls,
        caller: AsyncCaller,
        kind: Kind,
        handlers: Sequence[tuple[object, Callable[[Any], object]]],
        command: str,
        args: Callable[[AsyncClaim], Mapping[str, object]],
        *,
        undo: Undo | Callable[[AsyncClaim], Undo],
        rid: int | None = None,
        window: str | None = None,
        timeout_s: float | None = None,
        is_shared: bool = True,
        is_kept: bool = False,
    ) -> Self:
        """Run a command that makes one, with a channel among its arguments.

        Args:
            caller: What has the link to the host.
            kind: What the channel brings.
            handlers: Functions with the keys of the messages that they are for.
            command: The command.
            args: Gives the arguments, in which the channel stands.
            undo: What undoes the command, also by the channel.
            rid: The place of the number in the answer.
            window: The label of the window.
            timeout_s: How long each of the two calls may take, in seconds.
            is_shared: Whether others of that kind have the same channel.
            is_kept: Whether it is not collected before it is closed.
        """
        for _, function in handlers:
            check(function, kind.name)
        mine = await claim(caller._link, kind, window, timeout_s, is_shared=is_shared)
        try:
            # Before the command is run: it may be clicked at once.
            for key, function in handlers:
                mine.add(key, function)
            order = undo if isinstance(undo, Undo) else undo(mine)
            handle = await cls._make(
                caller, command, args(mine), undo=order, rid=rid, window=mine.window, timeout_s=timeout_s
            )
        except BaseException:
            await mine.release()
            raise
        handle._claim = mine
        if is_kept:
            mine.keeps = handle
        else:
            mine.release_with(handle)
        return handle

    async def _finish(self, how: str, request: wire.Request, timeout_s: float | None) -> None:
        try:
            await super()._finish(how, request, timeout_s)
        finally:
            if self._claim is not None and self._ended:
                await self._claim.release()
