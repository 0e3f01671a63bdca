# Generated from `tools/tauri-api/tauri-api.json` by `tools/tauri-api/emit.py`: do not edit.
# Descriptions are Tauri's, adapted: see NOTICE in the package's licences.

"""Tauri's webviews, for asyncio."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar_bridge._client.tauri.async_plugin import AsyncPlugin
from sidecar_bridge.tauri import _arguments as arguments
from sidecar_bridge.tauri import _results as results
from sidecar_bridge.tauri.webview import WebviewRef
from sidecar_bridge.tauri.window import (
    THEME,
    TITLE_BAR_STYLE,
    BackgroundThrottlingPolicy,
    Effects,
    PreventOverflowMargin,
    ScrollBarStyle,
)

if TYPE_CHECKING:
    from os import PathLike
    from uuid import UUID

    from sidecar_bridge.tauri.dpi import Color, LogicalPosition, LogicalSize, PhysicalPosition, PhysicalSize
    from sidecar_bridge.tauri.window import Theme, TitleBarStyle


class AsyncWebview(AsyncPlugin):
    """Webviews.

    Every method has Tauri's own meaning, and needs its permission.
    """

    _prefix = "plugin:webview|"

    async def create_window(
        self,
        label: str,
        *,
        center: bool | None = None,
        x: float | None = None,
        y: float | None = None,
        width: float | None = None,
        height: float | None = None,
        min_width: float | None = None,
        min_height: float | None = None,
        max_width: float | None = None,
        max_height: float | None = None,
        prevent_overflow: bool | PreventOverflowMargin | None = None,
        resizable: bool | None = None,
        title: str | None = None,
        fullscreen: bool | None = None,
        focus: bool | None = None,
        focusable: bool | None = None,
        transparent: bool | None = None,
        maximized: bool | None = None,
        visible: bool | None = None,
        decorations: bool | None = None,
        always_on_top: bool | None = None,
        always_on_bottom: bool | None = None,
        content_protected: bool | None = None,
        skip_taskbar: bool | None = None,
        no_redirection_bitmap: bool | None = None,
        shadow: bool | None = None,
        theme: Theme | None = None,
        title_bar_style: TitleBarStyle | None = None,
        traffic_light_position: LogicalPosition | None = None,
        hidden_title: bool | None = None,
        tabbing_identifier: str | None = None,
        maximizable: bool | None = None,
        minimizable: bool | None = None,
        closable: bool | None = None,
        parent: str | None = None,
        visible_on_all_workspaces: bool | None = None,
        window_effects: Effects | None = None,
        background_color: Color | None = None,
        background_throttling: BackgroundThrottlingPolicy | None = None,
        javascript_disabled: bool | None = None,
        allow_link_preview: bool | None = None,
        scroll_bar_style: ScrollBarStyle | None = None,
        url: str | None = None,
        drag_drop_enabled: bool | None = None,
        accept_first_mouse: bool | None = None,
        user_agent: str | None = None,
        incognito: bool | None = None,
        proxy_url: str | None = None,
        zoom_hotkeys_enabled: bool | None = None,
        use_https_scheme: bool | None = None,
        devtools: bool | None = None,
        data_directory: str | PathLike[str] | None = None,
        data_store_identifier: UUID | None = None,
        general_autofill_enabled: bool | None = None,
    ) -> None:
        """Create a window that shows a page.

        Needs `core:webview:allow-create-webview-window`.

        Args:
            center: Show window in the center of the screen..
            x: The initial horizontal position in logical pixels, measured from the left edge of the screen. Only
                applies if `y` is also set.
            y: The initial vertical position in logical pixels, measured from the top edge of the screen. Only applies
                if `x` is also set.
            width: The initial width in logical pixels.
            height: The initial height in logical pixels.
            min_width: The minimum width in logical pixels. Only applies if `min_height` is also set.
            min_height: The minimum height in logical pixels. Only applies if `min_width` is also set.
            max_width: The maximum width in logical pixels. Only applies if `max_height` is also set.
            max_height: The maximum height in logical pixels. Only applies if `max_width` is also set.
            prevent_overflow: Prevent the window from overflowing the working area (e.g. monitor size - taskbar size) on
                creation, which means the window size will be limited to `monitor size - taskbar size`
            resizable: Whether the window is resizable or not.
            title: Window title.
            fullscreen: Whether the window is in fullscreen mode or not.
            focus: Whether the window will be initially focused or not.
            focusable: Whether the window can be focused or not.
            transparent: Whether the window is transparent or not.
            maximized: Whether the window should be maximized upon creation or not.
            visible: Whether the window should be immediately visible upon creation or not.
            decorations: Whether the window should have borders and bars or not.
            always_on_top: Whether the window should always be on top of other windows or not.
            always_on_bottom: Whether the window should always be below other windows.
            content_protected: Prevent the window contents from being captured by other apps.
            skip_taskbar: Whether or not the window icon should be added to the taskbar.
            no_redirection_bitmap: This sets `WS_EX_NOREDIRECTIONBITMAP`.
            shadow: Whether or not the window has shadow.
            theme: The initial window theme. Defaults to the system theme.
            title_bar_style: The style of the macOS title bar.
            traffic_light_position: The position of the window controls on macOS.
            hidden_title: If `True`, sets the window title to be hidden on macOS.
            tabbing_identifier: Define the window tabbing identifier on macOS.
            maximizable: Whether the window's native maximize button is enabled or not. Defaults to `True`.
            minimizable: Whether the window's native minimize button is enabled or not. Defaults to `True`.
            closable: Whether the window's native close button is enabled or not. Defaults to `True`.
            parent: Set a parent to the window to be created. Can be either a `Window` or a label of the window.
            visible_on_all_workspaces: Whether the window should be visible on all workspaces or virtual desktops.
            window_effects: Window effects.
            background_color: Set the window background color.
            background_throttling: Change the default background throttling behaviour.
            javascript_disabled: Whether we should disable JavaScript code execution on the webview or not.
            allow_link_preview: see
            scroll_bar_style: Specify the native scrollbar style to use with the webview. CSS styles that modify the
                scrollbar are applied on top of the native appearance configured here.
            url: Remote URL or local file path to open.
            drag_drop_enabled: Whether the drag and drop is enabled or not on the webview. By default it is enabled.
            accept_first_mouse: Whether clicking an inactive webview also clicks through to the webview on macOS.
            user_agent: The user agent for the webview.
            incognito: Whether or not the webview should be launched in incognito mode.
            proxy_url: The proxy URL for the WebView for all network requests.
            zoom_hotkeys_enabled: Whether page zooming by hotkeys is enabled.
            use_https_scheme: Defaults to `False`.
            devtools: Whether web inspector, which is usually called browser devtools, is enabled or not. Enabled by
                default.
            data_directory: Set a custom path for the webview's data directory (localStorage, cache. Set a custom path
                for the webview's data directory (localStorage, cache, etc.) relative to [`appDataDir()`]/${label}. For
                security reasons, paths outside of that location can only be configured on the Rust side.
            data_store_identifier: Initialize the WebView with a custom data store identifier. This can be seen as a
                replacement for `data_directory` which is unavailable in WKWebView.
            general_autofill_enabled: Control the WebView's browser-level general autofill behavior.
        """
        options: dict[str, object] = {"label": arguments.text(label, "label")}
        if center is not None:
            options["center"] = arguments.boolean(center, "center")
        if x is not None:
            options["x"] = arguments.number(x, "x")
        if y is not None:
            options["y"] = arguments.number(y, "y")
        if width is not None:
            options["width"] = arguments.number(width, "width")
        if height is not None:
            options["height"] = arguments.number(height, "height")
        if min_width is not None:
            options["minWidth"] = arguments.number(min_width, "min_width")
        if min_height is not None:
            options["minHeight"] = arguments.number(min_height, "min_height")
        if max_width is not None:
            options["maxWidth"] = arguments.number(max_width, "max_width")
        if max_height is not None:
            options["maxHeight"] = arguments.number(max_height, "max_height")
        if prevent_overflow is not None:
            options["preventOverflow"] = arguments.either(arguments.boolean, PreventOverflowMargin._taken)(
                prevent_overflow, "prevent_overflow"
            )
        if resizable is not None:
            options["resizable"] = arguments.boolean(resizable, "resizable")
        if title is not None:
            options["title"] = arguments.text(title, "title")
        if fullscreen is not None:
            options["fullscreen"] = arguments.boolean(fullscreen, "fullscreen")
        if focus is not None:
            options["focus"] = arguments.boolean(focus, "focus")
        if focusable is not None:
            options["focusable"] = arguments.boolean(focusable, "focusable")
        if transparent is not None:
            options["transparent"] = arguments.boolean(transparent, "transparent")
        if maximized is not None:
            options["maximized"] = arguments.boolean(maximized, "maximized")
        if visible is not None:
            options["visible"] = arguments.boolean(visible, "visible")
        if decorations is not None:
            options["decorations"] = arguments.boolean(decorations, "decorations")
        if always_on_top is not None:
            options["alwaysOnTop"] = arguments.boolean(always_on_top, "always_on_top")
        if always_on_bottom is not None:
            options["alwaysOnBottom"] = arguments.boolean(always_on_bottom, "always_on_bottom")
        if content_protected is not None:
            options["contentProtected"] = arguments.boolean(content_protected, "content_protected")
        if skip_taskbar is not None:
            options["skipTaskbar"] = arguments.boolean(skip_taskbar, "skip_taskbar")
        if no_redirection_bitmap is not None:
            options["noRedirectionBitmap"] = arguments.boolean(no_redirection_bitmap, "no_redirection_bitmap")
        if shadow is not None:
            options["shadow"] = arguments.boolean(shadow, "shadow")
        if theme is not None:
            options["theme"] = arguments.one_of(THEME)(theme, "theme")
        if title_bar_style is not None:
            options["titleBarStyle"] = arguments.one_of(TITLE_BAR_STYLE)(title_bar_style, "title_bar_style")
        if traffic_light_position is not None:
            options["trafficLightPosition"] = arguments.logical_position(
                traffic_light_position, "traffic_light_position"
            )
        if hidden_title is not None:
            options["hiddenTitle"] = arguments.boolean(hidden_title, "hidden_title")
        if tabbing_identifier is not None:
            options["tabbingIdentifier"] = arguments.text(tabbing_identifier, "tabbing_identifier")
        if maximizable is not None:
            options["maximizable"] = arguments.boolean(maximizable, "maximizable")
        if minimizable is not None:
            options["minimizable"] = arguments.boolean(minimizable, "minimizable")
        if closable is not None:
            options["closable"] = arguments.boolean(closable, "closable")
        if parent is not None:
            options["parent"] = arguments.text(parent, "parent")
        if visible_on_all_workspaces is not None:
            options["visibleOnAllWorkspaces"] = arguments.boolean(
                visible_on_all_workspaces, "visible_on_all_workspaces"
            )
        if window_effects is not None:
            options["windowEffects"] = Effects._taken(window_effects, "window_effects")
        if background_color is not None:
            options["backgroundColor"] = arguments.color(background_color, "background_color")
        if background_throttling is not None:
            options["backgroundThrottling"] = arguments.member(BackgroundThrottlingPolicy)(
                background_throttling, "background_throttling"
            )
        if javascript_disabled is not None:
            options["javascriptDisabled"] = arguments.boolean(javascript_disabled, "javascript_disabled")
        if allow_link_preview is not None:
            options["allowLinkPreview"] = arguments.boolean(allow_link_preview, "allow_link_preview")
        if scroll_bar_style is not None:
            options["scrollBarStyle"] = arguments.member(ScrollBarStyle)(scroll_bar_style, "scroll_bar_style")
        if url is not None:
            options["url"] = arguments.text(url, "url")
        if drag_drop_enabled is not None:
            options["dragDropEnabled"] = arguments.boolean(drag_drop_enabled, "drag_drop_enabled")
        if accept_first_mouse is not None:
            options["acceptFirstMouse"] = arguments.boolean(accept_first_mouse, "accept_first_mouse")
        if user_agent is not None:
            options["userAgent"] = arguments.text(user_agent, "user_agent")
        if incognito is not None:
            options["incognito"] = arguments.boolean(incognito, "incognito")
        if proxy_url is not None:
            options["proxyUrl"] = arguments.text(proxy_url, "proxy_url")
        if zoom_hotkeys_enabled is not None:
            options["zoomHotkeysEnabled"] = arguments.boolean(zoom_hotkeys_enabled, "zoom_hotkeys_enabled")
        if use_https_scheme is not None:
            options["useHttpsScheme"] = arguments.boolean(use_https_scheme, "use_https_scheme")
        if devtools is not None:
            options["devtools"] = arguments.boolean(devtools, "devtools")
        if data_directory is not None:
            options["dataDirectory"] = arguments.path(data_directory, "data_directory")
        if data_store_identifier is not None:
            options["dataStoreIdentifier"] = arguments.uuid(data_store_identifier, "data_store_identifier")
        if general_autofill_enabled is not None:
            options["generalAutofillEnabled"] = arguments.boolean(general_autofill_enabled, "general_autofill_enabled")
        return await self._call("create_webview_window", {"options": options}, results.nothing)

    async def all_labels(self) -> list[WebviewRef]:
        """Give the labels of all webviews.

        Needs `core:webview:allow-get-all-webviews`, which `core:webview:default` has.
        """
        return await self._call("get_all_webviews", {}, results.many(WebviewRef._read))

    async def position(self) -> PhysicalPosition:
        """The position of the top-left hand corner of the webview's client area.

        The position of the top-left hand corner of the webview's client area relative to the top-left hand corner of
        the desktop.

        Needs `core:webview:allow-webview-position`, which `core:webview:default` has.
        """
        return await self._call("webview_position", {}, results.physical_position)

    async def size(self) -> PhysicalSize:
        """The physical size of the webview's client area.

        The client area is the content of the webview, excluding the title bar and borders.

        Needs `core:webview:allow-webview-size`, which `core:webview:default` has.
        """
        return await self._call("webview_size", {}, results.physical_size)

    async def close(self) -> None:
        """Close the webview.

        Needs `core:webview:allow-webview-close`.
        """
        return await self._call("webview_close", {}, results.nothing)

    async def set_size(self, size: LogicalSize | PhysicalSize) -> None:
        """Resize the webview.

        Needs `core:webview:allow-set-webview-size`.

        Args:
            size: The logical or physical size.
        """
        return await self._call("set_webview_size", {"value": arguments.size(size, "size")}, results.nothing)

    async def set_position(self, position: LogicalPosition | PhysicalPosition) -> None:
        """Set the webview position.

        Needs `core:webview:allow-set-webview-position`.

        Args:
            position: The new position, in logical or physical pixels, relative to the top-left corner of the hosting
                window.
        """
        return await self._call(
            "set_webview_position", {"value": arguments.position(position, "position")}, results.nothing
        )

    async def set_focus(self) -> None:
        """Bring the webview to front and focus.

        Needs `core:webview:allow-set-webview-focus`.
        """
        return await self._call("set_webview_focus", {}, results.nothing)

    async def set_auto_resize(self, auto_resize: bool) -> None:
        """Set whether the webview should automatically grow and shrink its size and position.

        Set whether the webview should automatically grow and shrink its size and position when the parent window
        resizes.

        Needs `core:webview:allow-set-webview-auto-resize`.
        """
        return await self._call(
            "set_webview_auto_resize", {"value": arguments.boolean(auto_resize, "auto_resize")}, results.nothing
        )

    async def set_zoom(self, scale_factor: float) -> None:
        """Set webview zoom level.

        Needs `core:webview:allow-set-webview-zoom`.

        Args:
            scale_factor: The zoom level, where `1` is 100%.
        """
        return await self._call(
            "set_webview_zoom", {"value": arguments.number(scale_factor, "scale_factor")}, results.nothing
        )

    async def hide(self) -> None:
        """Hide the webview.

        Needs `core:webview:allow-webview-hide`.
        """
        return await self._call("webview_hide", {}, results.nothing)

    async def show(self) -> None:
        """Show the webview.

        Needs `core:webview:allow-webview-show`.
        """
        return await self._call("webview_show", {}, results.nothing)

    async def print(self) -> None:
        """Open the dialog to print the page.

        Needs `core:webview:allow-print`.
        """
        return await self._call("print", {}, results.nothing)

    async def clear_all_browsing_data(self) -> None:
        """Clear all browsing data for this webview: cookies, localStorage, IndexedDB, caches.

        Clear all browsing data for this webview: cookies, localStorage, IndexedDB, caches and any other data the
        webview stores for the loaded origins.

        Needs `core:webview:allow-clear-all-browsing-data`.
        """
        return await self._call("clear_all_browsing_data", {}, results.nothing)

    async def set_background_color(self, color: Color | None) -> None:
        """Specify the webview background color.

        - macOS: Not implemented.
        - Windows:
          - On Windows 7, transparency is not supported and the alpha value will be ignored.
          - On Windows higher than 7: translucent colors are not supported so any alpha value other than `0` will be
            replaced by `255`

        Needs `core:webview:allow-set-webview-background-color`.

        Args:
            color: The new background color, or `None` to reset it.
        """
        return await self._call(
            "set_webview_background_color", {"value": arguments.maybe(arguments.color)(color, "color")}, results.nothing
        )
