# Generated from `tools/tauri-api/tauri-api.json` by `tools/tauri-api/emit.py`: do not edit.
# Descriptions are Tauri's, adapted: see NOTICE in the package's licences.

"""Tauri's app, for asyncio."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar_bridge._client.failure import loading
from sidecar_bridge._client.tauri.async_plugin import AsyncPlugin
from sidecar_bridge.tauri import _arguments as arguments
from sidecar_bridge.tauri import _results as results
from sidecar_bridge.tauri.app import BundleType
from sidecar_bridge.tauri.window import THEME

if TYPE_CHECKING:
    from uuid import UUID

    from sidecar_bridge._client.tauri.async_image import AsyncImage
    from sidecar_bridge.tauri.window import Theme


class AsyncApp(AsyncPlugin):
    """App.

    Every method has Tauri's own meaning, and needs its permission.
    """

    _prefix = "plugin:app|"

    async def version(self) -> str:
        """Give the application version.

        Needs `core:app:allow-version`, which `core:app:default` has.
        """
        return await self._call("version", {}, results.text)

    async def name(self) -> str:
        """Give the application name.

        Needs `core:app:allow-name`, which `core:app:default` has.
        """
        return await self._call("name", {}, results.text)

    async def tauri_version(self) -> str:
        """Give the Tauri framework version used by this application.

        Needs `core:app:allow-tauri-version`, which `core:app:default` has.
        """
        return await self._call("tauri_version", {}, results.text)

    async def identifier(self) -> str:
        """Give the application identifier.

        Needs `core:app:allow-identifier`, which `core:app:default` has.
        """
        return await self._call("identifier", {}, results.text)

    async def show(self) -> None:
        """Show the application on macOS.

        This function does not automatically focus any specific app window.

        Needs `core:app:allow-app-show`.
        """
        return await self._call("app_show", {}, results.nothing)

    async def hide(self) -> None:
        """Hide the application on macOS.

        Needs `core:app:allow-app-hide`.
        """
        return await self._call("app_hide", {}, results.nothing)

    async def exit(self, code: int = 0) -> None:
        """Exit the app with the given exit code.

        This is the same as the `exit` function of the `tauri-plugin-process` plugin, but does not require a plugin to
        be installed.

        The app ends: an answer may still come, or a `TransportError`.

        Needs `core:app:allow-exit`.

        Args:
            code: The exit code to use. Defaults to `0`.
        """
        return await self._call("exit", {"code": arguments.integer(code, "code")}, results.nothing)

    async def fetch_data_store_identifiers(self) -> list[UUID]:
        """Fetch the data store identifiers on macOS and iOS.

        Needs `core:app:allow-fetch-data-store-identifiers`.
        """
        return await self._call("fetch_data_store_identifiers", {}, results.many(results.uuid))

    async def remove_data_store(self, uuid: UUID) -> None:
        """Remove the data store with the given identifier.

        Note that any webview using this data store should be closed before running this API.

        Needs `core:app:allow-remove-data-store`.
        """
        return await self._call("remove_data_store", {"uuid": arguments.uuid(uuid, "uuid")}, results.nothing)

    async def set_theme(self, theme: Theme | None = None) -> None:
        """Set the application's theme.

        Pass in `None` to follow the system theme.

        Needs `core:app:allow-set-app-theme`.
        """
        args: dict[str, object] = {}
        if theme is not None:
            args["theme"] = arguments.maybe(arguments.one_of(THEME))(theme, "theme")
        return await self._call("set_app_theme", args, results.nothing)

    async def set_dock_visibility(self, visible: bool) -> None:
        """Set the dock visibility for the application on macOS.

        Needs `core:app:allow-set-dock-visibility`.

        Args:
            visible: Whether the dock should be visible or not.
        """
        return await self._call(
            "set_dock_visibility", {"visible": arguments.boolean(visible, "visible")}, results.nothing
        )

    async def bundle_type(self) -> BundleType | None:
        """Give the application bundle type.

        Needs `core:app:allow-bundle-type`, which `core:app:default` has.
        """
        return await self._call("bundle_type", {}, results.maybe(results.member(BundleType)))

    async def supports_multiple_windows(self) -> bool:
        """Whether the current platform can show more than one window at a time.

        Use it to hide or disable multi-window features on platforms where creating a second window is not possible.

        - Windows and Linux and macOS: Always `True`.

        See the mobile multiwindow guide for how windows behave on mobile.

        Needs `core:app:allow-supports-multiple-windows`, which `core:app:default` has.
        """
        return await self._call("supports_multiple_windows", {}, results.boolean)

    async def default_window_icon(self) -> AsyncImage | None:
        """Give the app's icon; `None` if it has none.

        Needs `core:app:allow-default-window-icon`, and `core:resources:allow-close` for the end of the image.
        """
        with loading:
            from sidecar_bridge._client.tauri.async_image import image_of  # noqa: PLC0415 - only this needs it

        return await image_of(self, "plugin:app|default_window_icon", {})
