"""Handles of what has no number in Tauri: shortcuts of the whole desktop, and who hears of notifications."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar_bridge._client.async_handled import AsyncHandled
from sidecar_bridge._client.backlog import Kind, every
from sidecar_bridge._client.undo import Undo
from sidecar_bridge.tauri import _arguments as arguments
from sidecar_bridge.tauri import events

if TYPE_CHECKING:
    from collections.abc import Callable

    from sidecar_bridge._client.async_handlers import AsyncClaim
    from sidecar_bridge._client.tauri.async_plugin import AsyncPlugin

_SHORTCUT = Kind("presses of a shortcut", every, events.shortcut)
_NOTIFICATIONS = Kind("clicks on notifications", every, events.notification_action)
_ACTION = "actionPerformed"


class AsyncShortcut(AsyncHandled):
    """A shortcut of the whole desktop, until `close`, the end of its block, or of this sidecar.

    It is not closed when nobody holds it any more. Its handler ends with the window in which it was registered.
    """

    shortcut: str
    """The keys, as they were registered."""


class AsyncNotificationListener(AsyncHandled):
    """Who hears of clicks on notifications, until `close`, the end of its block, or of this sidecar."""


async def register(
    plugin: AsyncPlugin, shortcut: str, handler: Callable[[events.ShortcutEvent], object]
) -> AsyncShortcut:
    """Register a shortcut."""
    keys = arguments.text(shortcut, "shortcut")
    # The shortcut is the app's: it stays when the window closes in which it was registered.
    undo = Undo("plugin:global-shortcut|unregister", {"shortcuts": [keys]}, anywhere=True)

    def args(mine: AsyncClaim) -> dict[str, object]:
        return {"shortcuts": [keys], "handler": mine.channel}

    # A channel of its own: what comes says the keys in Tauri's spelling, which nobody here can tell from another one's.
    made = await AsyncShortcut._make_handled(
        plugin, _SHORTCUT, [(None, handler)], "plugin:global-shortcut|register", args, undo=undo,
        window=plugin._label, timeout_s=plugin._timeout_s, is_shared=False, is_kept=True,
    )  # fmt: skip
    made.shortcut = keys
    return made


async def hear_actions(
    plugin: AsyncPlugin, handler: Callable[[events.NotificationAction], object]
) -> AsyncNotificationListener:
    """Hear of clicks on notifications."""

    def args(mine: AsyncClaim) -> dict[str, object]:
        return {"event": _ACTION, "handler": mine.channel}

    def undo(mine: AsyncClaim) -> Undo:
        args = {"event": _ACTION, "channelId": mine.channel.id}
        return Undo("plugin:notification|remove_listener", args, anywhere=True)

    return await AsyncNotificationListener._make_handled(
        plugin, _NOTIFICATIONS, [(None, handler)], "plugin:notification|register_listener", args, undo=undo,
        window=plugin._label, timeout_s=plugin._timeout_s, is_shared=False, is_kept=True,
    )  # fmt: skip
