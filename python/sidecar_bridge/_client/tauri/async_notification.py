# Generated from `tools/tauri-api/tauri-api.json` by `tools/tauri-api/emit.py`: do not edit.
# Descriptions are Tauri's, adapted: see NOTICE in the package's licences.

"""Tauri's plugin notification: notifications of the desktop, for asyncio."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar_bridge._client.failure import loading
from sidecar_bridge._client.tauri.async_plugin import AsyncPlugin
from sidecar_bridge.tauri import _arguments as arguments
from sidecar_bridge.tauri import _results as results
from sidecar_bridge.tauri.notification import PERMISSION_STATE, ActionType, ActiveId, Attachment

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sidecar_bridge._client.tauri.async_shortcut import AsyncNotificationListener
    from sidecar_bridge.tauri.events import NotificationAction
    from sidecar_bridge.tauri.notification import PermissionState


class AsyncNotifications(AsyncPlugin):
    """Plugin notification: notifications of the desktop.

    Every method has Tauri's own meaning, and needs its permission.
    """

    _prefix = "plugin:notification|"

    async def send(
        self,
        title: str,
        *,
        id: int | None = None,
        body: str | None = None,
        large_body: str | None = None,
        summary: str | None = None,
        action_type_id: str | None = None,
        group: str | None = None,
        group_summary: bool | None = None,
        sound: str | None = None,
        inbox_lines: Sequence[str] | None = None,
        icon: str | None = None,
        attachments: Sequence[Attachment] | None = None,
        extra: Mapping[str, object] | None = None,
        silent: bool | None = None,
    ) -> None:
        """Send a notification to the user.

        Answered also where no notification server runs.

        Needs `notification:allow-notify`, which `notification:default` has.

        Args:
            id: The notification identifier to reference this object later. Must be a 32-bit integer.
            title: The title displayed on the notification.
            body: Optional notification body.
            large_body: Multiline text. Changes the notification style to big text. Cannot be used with `inbox_lines`.
            summary: Detail text for the notification with `large_body`, `inbox_lines` or `group_summary`.
            action_type_id: Define an action type for this notification.
            group: Identifier used to group multiple notifications.
            group_summary: Instruct the system that this notification is the summary of a group on Android.
            sound: The sound resource name or file path for the notification.
            inbox_lines: List of lines to add to the notification. Changes the notification style to inbox. Cannot be
                used with `large_body`.
            icon: Notification icon.
            attachments: Notification attachments.
            extra: Extra payload to store in the notification.
            silent: Change the notification presentation to be silent on iOS (no badge, no sound, not listed).
        """
        options: dict[str, object] = {"title": arguments.text(title, "title")}
        if id is not None:
            options["id"] = arguments.integer(id, "id")
        if body is not None:
            options["body"] = arguments.text(body, "body")
        if large_body is not None:
            options["largeBody"] = arguments.text(large_body, "large_body")
        if summary is not None:
            options["summary"] = arguments.text(summary, "summary")
        if action_type_id is not None:
            options["actionTypeId"] = arguments.text(action_type_id, "action_type_id")
        if group is not None:
            options["group"] = arguments.text(group, "group")
        if group_summary is not None:
            options["groupSummary"] = arguments.boolean(group_summary, "group_summary")
        if sound is not None:
            options["sound"] = arguments.text(sound, "sound")
        if inbox_lines is not None:
            options["inboxLines"] = arguments.many(arguments.text)(inbox_lines, "inbox_lines")
        if icon is not None:
            options["icon"] = arguments.text(icon, "icon")
        if attachments is not None:
            options["attachments"] = arguments.many(Attachment._taken)(attachments, "attachments")
        if extra is not None:
            options["extra"] = arguments.mapping(arguments.anything)(extra, "extra")
        if silent is not None:
            options["silent"] = arguments.boolean(silent, "silent")
        return await self._call("notify", {"options": options}, results.nothing)

    async def request_permission(self) -> PermissionState:
        """Request the permission to send notifications.

        Needs `notification:allow-request-permission`, which `notification:default` has.
        """
        return await self._call("request_permission", {}, results.one_of(PERMISSION_STATE))

    async def is_permission_granted(self) -> bool | None:
        """Check if the permission to send notifications is granted.

        Needs `notification:allow-is-permission-granted`, which `notification:default` has.
        """
        return await self._call("is_permission_granted", {}, results.maybe(results.boolean))

    async def register_action_types(self, types: Sequence[ActionType]) -> None:
        """Register actions that are performed when the user clicks on the notification.

        Needs `notification:allow-register-action-types`, which `notification:default` has.

        Args:
            types: The action types to register.
        """
        return await self._call(
            "register_action_types", {"types": arguments.many(ActionType._taken)(types, "types")}, results.nothing
        )

    async def remove_active(self, notifications: Sequence[ActiveId]) -> None:
        """Remove the active notifications with the given list of identifiers.

        Linux closes those that were sent while somebody listened with `on_action`; on Windows and macOS Tauri has no
        way to close one.

        Needs `notification:allow-remove-active`, which `notification:default` has.

        Args:
            notifications: The active notifications to remove, identified by their id and, on Android, their optional
                tag.
        """
        return await self._call(
            "remove_active",
            {"notifications": arguments.many(ActiveId._taken)(notifications, "notifications")},
            results.nothing,
        )

    async def remove_all_active(self) -> None:
        """Remove all active notifications.

        Linux closes those that were sent while somebody listened with `on_action`; on Windows and macOS Tauri has no
        way to close one.

        Needs `notification:allow-remove-active`, which `notification:default` has.
        """
        return await self._call("remove_active", {}, results.nothing)

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
