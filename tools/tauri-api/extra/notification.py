"""Methods of `AsyncNotifications` that are written by hand; `emit.py` puts them into the class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar_bridge._client.failure import loading
from sidecar_bridge._client.tauri.async_notification import AsyncNotifications as _Made

if TYPE_CHECKING:
    from collections.abc import Callable

    from sidecar_bridge._client.tauri.async_shortcut import AsyncNotificationListener
    from sidecar_bridge.tauri.events import NotificationAction


class AsyncNotifications(_Made):
    """The class that is made, with these."""

    async def on_action(self, handler: Callable[[NotificationAction], object]) -> AsyncNotificationListener:
        """Call a function when the user clicks on a notification or one of its buttons.

        Notifications have the buttons of their `action_type_id` from then on; without a listener Tauri shows none.
        Tauri forgets the listener whenever the page of its window is loaded, also for the first time: begin when it is
        there.

        Needs `notification:allow-register-listener`, and `notification:allow-remove-listener` for its end;
        `notification:default` has both.

        Args:
            handler: What is called.
        """
        with loading:
            from sidecar_bridge._client.tauri.async_shortcut import hear_actions  # noqa: PLC0415 - only this needs it

        return await hear_actions(self, handler)
