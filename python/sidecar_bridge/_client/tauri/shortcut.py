# Generated from `_client/tauri/async_shortcut.py` by `python/tools/blocking.py`: do not edit.

"""Handles of what has no number in Tauri: shortcuts of the whole desktop, and who hears of notifications."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar_bridge._client.backlog import Kind, every
from sidecar_bridge._client.handled import Handled
from sidecar_bridge._client.undo import Undo
from sidecar_bridge.tauri import _arguments as arguments
from sidecar_bridge.tauri import events

if TYPE_CHECKING:
    from collections.abc import Callable

    from sidecar_bridge._client.handlers import Claim
    from sidecar_bridge._client.tauri.plugin import Plugin

_SHORTCUT = Kind("presses of a shortcut", every, events.shortcut)
_NOTIFICATIONS = Kind("clicks on notifications", every, events.notification_action)
_ACTION = "actionPerformed"


class Shortcut(Handled):
    """A shortcut of the whole desktop, until `close`, the end of its block, or of this sidecar.

    It is not closed when nobody holds it any more. Its handler ends with the window in which it was registered.
    """

    shortcut: str
    """The keys, as they were registered."""


class NotificationListener(Handled):
    """Who hears of clicks on notifications, until `close`, the end of its block, or of this sidecar."""


def register(plugin: Plugin, shortcut: str, handler: Callable[[events.ShortcutEvent], object]) -> Shortcut:
    """Register a shortcut."""
    keys = arguments.text(shortcut, "shortcut")
    # The shortcut is the app's: it stays when the window closes in which it was registered.
    undo = Undo("plugin:global-shortcut|unregister", {"shortcuts": [keys]}, anywhere=True)

    def args(mine: Claim) -> dict[str, object]:
        return {"shortcuts": [keys], "handler": mine.channel}

    # A channel of its own: what comes says the keys in Tauri's spelling, which nobody here can tell from another one's.
    made = Shortcut._make_handled(
        plugin, _SHORTCUT, [(None, handler)], "plugin:global-shortcut|register", args, undo=undo,
        window=plugin._label, timeout_s=plugin._timeout_s, is_shared=False, is_kept=True,
    )  # fmt: skip
    made.shortcut = keys
    return made


def hear_actions(plugin: Plugin, handler: Callable[[events.NotificationAction], object]) -> NotificationListener:
    """Hear of clicks on notifications."""

    def args(mine: Claim) -> dict[str, object]:
        return {"event": _ACTION, "handler": mine.channel}

    def undo(mine: Claim) -> Undo:
        args = {"event": _ACTION, "channelId": mine.channel.id}
        return Undo("plugin:notification|remove_listener", args, anywhere=True)

    return NotificationListener._make_handled(
        plugin, _NOTIFICATIONS, [(None, handler)], "plugin:notification|register_listener", args, undo=undo,
        window=plugin._label, timeout_s=plugin._timeout_s, is_shared=False, is_kept=True,
    )  # fmt: skip
