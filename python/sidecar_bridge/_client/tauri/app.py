# Generated from `_client/tauri/async_app.py` by `python/tools/blocking.py`: do not edit.

# Generated from `tools/tauri-api/tauri-api.json` by `tools/tauri-api/emit.py`: do not edit.
# Descriptions are Tauri's, adapted: see NOTICE in the package's licences.

"""Tauri's app, for blocking code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar_bridge._client.failure import loading
from sidecar_bridge._client.tauri.plugin import Plugin
from sidecar_bridge.tauri import _arguments as arguments
from sidecar_bridge.tauri import _results as results
from sidecar_bridge.tauri.app import BundleType
from sidecar_bridge.tauri.window import THEME

if TYPE_CHECKING:
    from uuid import UUID

    from sidecar_bridge._client.tauri.image import Image
    from sidecar_bridge.tauri.window import Theme


class App(Plugin):
    """App.

    Every method has Tauri's own meaning, and needs its permission.
    """

    _prefix = "plugin:app|"

    def version(self) -> str:
        """Give the application version.

        Needs `core:app:allow-version`, which `core:app:default` has.
        """
        return self._call("version", {}, results.text)

    def name(self) -> str:
        """Give the application name.

        Needs `core:app:allow-name`, which `core:app:default` has.
        """
        return self._call("name", {}, results.text)

    def tauri_version(self) -> str:
        """Give the Tauri framework version used by this application.

        Needs `core:app:allow-tauri-version`, which `core:app:default` has.
        """
        return self._call("tauri_version", {}, results.text)

    def identifier(self) -> str:
        """Give the application identifier.

        Needs `core:app:allow-identifier`, which `core:app:default` has.
        """
        return self._call("identifier", {}, results.text)

    def show(self) -> None:
        """Show the application on macOS.

        This function does not automatically focus any specific app window.

        Needs `core:app:allow-app-show`.
        """
        return self._call("app_show", {}, results.nothing)

    def hide(self) -> None:
        """Hide the application on macOS.

        Needs `core:app:allow-app-hide`.
        """
        return self._call("app_hide", {}, results.nothing)

    def exit(self, code: int = 0) -> None:
        """Exit the app with the given exit code.

        This is the same as the `exit` function of the `tauri-plugin-process` plugin, but does not require a plugin to
        be installed.

        The app ends: an answer may still come, or a `TransportError`.

        Needs `core:app:allow-exit`.

        Args:
            code: The exit code to use. Defaults to `0`.
        """
        return self._call("exit", {"code": arguments.integer(code, "code")}, results.nothing)

    def fetch_data_store_identifiers(self) -> list[UUID]:
        """Fetch the data store identifiers on macOS and iOS.

        Needs `core:app:allow-fetch-data-store-identifiers`.
        """
        return self._call("fetch_data_store_identifiers", {}, results.many(results.uuid))

    def remove_data_store(self, uuid: UUID) -> None:
        """Remove the data store with the given identifier.

        Note that any webview using this data store should be closed before running this API.

        Needs `core:app:allow-remove-data-store`.
        """
        return self._call("remove_data_store", {"uuid": arguments.uuid(uuid, "uuid")}, results.nothing)

    def set_theme(self, theme: Theme | None = None) -> None:
        """Set the application's theme.

        Pass in `None` to follow the system theme.

        Needs `core:app:allow-set-app-theme`.
        """
        args: dict[str, object] = {}
        if theme is not None:
            args["theme"] = arguments.maybe(arguments.one_of(THEME))(theme, "theme")
        return self._call("set_app_theme", args, results.nothing)

    def set_dock_visibility(self, visible: bool) -> None:
        """Set the dock visibility for the application on macOS.

        Needs `core:app:allow-set-dock-visibility`.

        Args:
            visible: Whether the dock should be visible or not.
        """
        return self._call("set_dock_visibility", {"visible": arguments.boolean(visible, "visible")}, results.nothing)

    def bundle_type(self) -> BundleType | None:
        """Give the application bundle type.

        Needs `core:app:allow-bundle-type`, which `core:app:default` has.
        """
        return self._call("bundle_type", {}, results.maybe(results.member(BundleType)))

    def supports_multiple_windows(self) -> bool:
        """Whether the current platform can show more than one window at a time.

        Use it to hide or disable multi-window features on platforms where creating a second window is not possible.

        - Windows and Linux and macOS: Always `True`.

        See the mobile multiwindow guide for how windows behave on mobile.

        Needs `core:app:allow-supports-multiple-windows`, which `core:app:default` has.
        """
        return self._call("supports_multiple_windows", {}, results.boolean)

    def default_window_icon(self) -> Image | None:
        """Give the app's icon; `None` if it has none.

        Needs `core:app:allow-default-window-icon`, and `core:resources:allow-close` for the end of the image.
        """
        with loading:
            from sidecar_bridge._client.tauri.image import image_of  # noqa: PLC0415 - only this needs it

        return image_of(self, "plugin:app|default_window_icon", {})
