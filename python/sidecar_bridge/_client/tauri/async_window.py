# Generated from `tools/tauri-api/tauri-api.json` by `tools/tauri-api/emit.py`: do not edit.
# Descriptions are Tauri's, adapted: see NOTICE in the package's licences.

"""Tauri's windows, for asyncio."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar_bridge._client.failure import loading
from sidecar_bridge._client.tauri.async_plugin import AsyncPlugin
from sidecar_bridge.tauri import _arguments as arguments
from sidecar_bridge.tauri import _results as results
from sidecar_bridge.tauri.window import (
    CURSOR_ICON,
    RESIZE_DIRECTION,
    THEME,
    TITLE_BAR_STYLE,
    Effects,
    Monitor,
    ProgressBarState,
    UserAttentionType,
    WindowSizeConstraints,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from os import PathLike

    from sidecar_bridge._client.async_handlers import AsyncHandling
    from sidecar_bridge._client.tauri.async_image import AsyncImage
    from sidecar_bridge.tauri.dpi import Color, LogicalPosition, LogicalSize, PhysicalPosition, PhysicalSize
    from sidecar_bridge.tauri.events import CloseRequested, DragDrop, ScaleFactorChanged
    from sidecar_bridge.tauri.rgba import Rgba
    from sidecar_bridge.tauri.window import CursorIcon, ResizeDirection, Theme, TitleBarStyle


class AsyncWindow(AsyncPlugin):
    """Windows.

    Every method has Tauri's own meaning, and needs its permission.
    """

    _prefix = "plugin:window|"

    async def all_labels(self) -> list[str]:
        """Give the labels of all windows.

        Needs `core:window:allow-get-all-windows`, which `core:window:default` has.
        """
        return await self._call("get_all_windows", {}, results.many(results.text))

    async def scale_factor(self) -> float:
        """The scale factor that can be used to map physical pixels to logical pixels.

        Needs `core:window:allow-scale-factor`, which `core:window:default` has.
        """
        return await self._call("scale_factor", {}, results.number)

    async def inner_position(self) -> PhysicalPosition:
        """The position of the top-left hand corner of the window's client area.

        The position of the top-left hand corner of the window's client area relative to the top-left hand corner of the
        desktop.

        Needs `core:window:allow-inner-position`, which `core:window:default` has.
        """
        return await self._call("inner_position", {}, results.physical_position)

    async def outer_position(self) -> PhysicalPosition:
        """The position of the top-left hand corner of the window.

        The position of the top-left hand corner of the window relative to the top-left hand corner of the desktop.

        Needs `core:window:allow-outer-position`, which `core:window:default` has.
        """
        return await self._call("outer_position", {}, results.physical_position)

    async def inner_size(self) -> PhysicalSize:
        """The physical size of the window's client area.

        The client area is the content of the window, excluding the title bar and borders.

        Needs `core:window:allow-inner-size`, which `core:window:default` has.
        """
        return await self._call("inner_size", {}, results.physical_size)

    async def outer_size(self) -> PhysicalSize:
        """The physical size of the entire window.

        These dimensions include the title bar and borders. If you don't want that (and you usually don't), use
        inner_size instead.

        Needs `core:window:allow-outer-size`, which `core:window:default` has.
        """
        return await self._call("outer_size", {}, results.physical_size)

    async def is_fullscreen(self) -> bool:
        """Give the window's current fullscreen state.

        Needs `core:window:allow-is-fullscreen`, which `core:window:default` has.
        """
        return await self._call("is_fullscreen", {}, results.boolean)

    async def is_minimized(self) -> bool:
        """Give the window's current minimized state.

        Needs `core:window:allow-is-minimized`, which `core:window:default` has.
        """
        return await self._call("is_minimized", {}, results.boolean)

    async def is_maximized(self) -> bool:
        """Give the window's current maximized state.

        Needs `core:window:allow-is-maximized`, which `core:window:default` has.
        """
        return await self._call("is_maximized", {}, results.boolean)

    async def is_focused(self) -> bool:
        """Give the window's current focus state.

        Needs `core:window:allow-is-focused`, which `core:window:default` has.
        """
        return await self._call("is_focused", {}, results.boolean)

    async def is_decorated(self) -> bool:
        """Give the window's current decorated state.

        Needs `core:window:allow-is-decorated`, which `core:window:default` has.
        """
        return await self._call("is_decorated", {}, results.boolean)

    async def is_resizable(self) -> bool:
        """Give the window's current resizable state.

        Needs `core:window:allow-is-resizable`, which `core:window:default` has.
        """
        return await self._call("is_resizable", {}, results.boolean)

    async def is_maximizable(self) -> bool:
        """Give the window's native maximize button state.

        - Linux: Unsupported.

        Needs `core:window:allow-is-maximizable`, which `core:window:default` has.
        """
        return await self._call("is_maximizable", {}, results.boolean)

    async def is_minimizable(self) -> bool:
        """Give the window's native minimize button state.

        - Linux: Unsupported.

        Needs `core:window:allow-is-minimizable`, which `core:window:default` has.
        """
        return await self._call("is_minimizable", {}, results.boolean)

    async def is_closable(self) -> bool:
        """Give the window's native close button state.

        Needs `core:window:allow-is-closable`, which `core:window:default` has.
        """
        return await self._call("is_closable", {}, results.boolean)

    async def is_visible(self) -> bool:
        """Give the window's current visible state.

        Needs `core:window:allow-is-visible`, which `core:window:default` has.
        """
        return await self._call("is_visible", {}, results.boolean)

    async def is_enabled(self) -> bool:
        """Whether the window is enabled or disabled.

        A disabled window ignores all user input; see `Window.set_enabled`.

        Needs `core:window:allow-is-enabled`, which `core:window:default` has.
        """
        return await self._call("is_enabled", {}, results.boolean)

    async def title(self) -> str:
        """Give the window's current title.

        Needs `core:window:allow-title`, which `core:window:default` has.
        """
        return await self._call("title", {}, results.text)

    async def current_monitor(self) -> Monitor | None:
        """Give the monitor on which the window currently resides.

        Returns `None` if current monitor can't be detected.

        Needs `core:window:allow-current-monitor`, which `core:window:default` has.
        """
        return await self._call("current_monitor", {}, results.maybe(Monitor._read))

    async def primary_monitor(self) -> Monitor | None:
        """Give the primary monitor of the system.

        Returns `None` if it can't identify any monitor as a primary one.

        Needs `core:window:allow-primary-monitor`, which `core:window:default` has.
        """
        return await self._call("primary_monitor", {}, results.maybe(Monitor._read))

    async def monitor_from_point(self, x: float, y: float) -> Monitor | None:
        """Give the monitor that contains the given point.

        Returns `None` if can't find any.

        Needs `core:window:allow-monitor-from-point`, which `core:window:default` has.
        """
        return await self._call(
            "monitor_from_point",
            {"x": arguments.number(x, "x"), "y": arguments.number(y, "y")},
            results.maybe(Monitor._read),
        )

    async def available_monitors(self) -> list[Monitor]:
        """Give the list of all the monitors available on the system.

        Needs `core:window:allow-available-monitors`, which `core:window:default` has.
        """
        return await self._call("available_monitors", {}, results.many(Monitor._read))

    async def cursor_position(self) -> PhysicalPosition:
        """Get the cursor position relative to the top-left hand corner of the desktop.

        Note that the top-left hand corner of the desktop is not necessarily the same as the screen. If the user uses a
        desktop with multiple monitors, the top-left hand corner of the desktop is the top-left hand corner of the main
        monitor on Windows and macOS or the top-left of the leftmost monitor on X11.

        The coordinates can be negative if the top-left hand corner of the window is outside of the visible screen
        region.

        Needs `core:window:allow-cursor-position`, which `core:window:default` has.
        """
        return await self._call("cursor_position", {}, results.physical_position)

    async def theme(self) -> Theme:
        """Give the window's current theme.

        - macOS: Theme was introduced on macOS 10.14. Returns `light` on macOS 10.13 and below.

        Needs `core:window:allow-theme`, which `core:window:default` has.
        """
        return await self._call("theme", {}, results.one_of(THEME))

    async def is_always_on_top(self) -> bool:
        """Whether the window is configured to be always on top of other windows or not.

        Needs `core:window:allow-is-always-on-top`, which `core:window:default` has.
        """
        return await self._call("is_always_on_top", {}, results.boolean)

    async def center(self) -> None:
        """Center the window.

        Needs `core:window:allow-center`.
        """
        return await self._call("center", {}, results.nothing)

    async def request_user_attention(self, attention: UserAttentionType | None = None) -> None:
        """Request user attention to the window, this has no effect if the application is already focused.

        How requesting for user attention manifests is platform dependent, see `UserAttentionType` for details.

        Providing `None` will unset the request for user attention. Unsetting the request for user attention might not
        be done automatically by the WM when the window receives input.

        - macOS: `None` has no effect.
        - Linux: Urgency levels have the same effect.

        Needs `core:window:allow-request-user-attention`.
        """
        args: dict[str, object] = {}
        if attention is not None:
            args["value"] = arguments.maybe(arguments.tagged(UserAttentionType))(attention, "attention")
        return await self._call("request_user_attention", args, results.nothing)

    async def set_enabled(self, enabled: bool) -> None:
        """Enable or disable the window.

        Needs `core:window:allow-set-enabled`.
        """
        return await self._call("set_enabled", {"value": arguments.boolean(enabled, "enabled")}, results.nothing)

    async def set_resizable(self, resizable: bool) -> None:
        """Update the window resizable flag.

        Needs `core:window:allow-set-resizable`.
        """
        return await self._call("set_resizable", {"value": arguments.boolean(resizable, "resizable")}, results.nothing)

    async def set_maximizable(self, maximizable: bool) -> None:
        """Set whether the window's native maximize button is enabled or not.

        If resizable is set to false, this setting is ignored.

        - macOS: Disables the "zoom" button in the window titlebar, which is also used to enter fullscreen mode.
        - Linux: Unsupported.

        On Linux `is_maximizable` stays true.

        Needs `core:window:allow-set-maximizable`.
        """
        return await self._call(
            "set_maximizable", {"value": arguments.boolean(maximizable, "maximizable")}, results.nothing
        )

    async def set_minimizable(self, minimizable: bool) -> None:
        """Set whether the window's native minimize button is enabled or not.

        - Linux: Unsupported.

        Needs `core:window:allow-set-minimizable`.
        """
        return await self._call(
            "set_minimizable", {"value": arguments.boolean(minimizable, "minimizable")}, results.nothing
        )

    async def set_closable(self, closable: bool) -> None:
        """Set whether the window's native close button is enabled or not.

        - Linux: GTK+ will do its best to convince the window manager not to show a close button. Depending on the
          system, this function may not have any effect when called on a window that is already visible

        Needs `core:window:allow-set-closable`.
        """
        return await self._call("set_closable", {"value": arguments.boolean(closable, "closable")}, results.nothing)

    async def set_title(self, title: str) -> None:
        """Set the window title.

        Needs `core:window:allow-set-title`.

        Args:
            title: The new title.
        """
        return await self._call("set_title", {"value": arguments.text(title, "title")}, results.nothing)

    async def maximize(self) -> None:
        """Maximize the window.

        Needs `core:window:allow-maximize`.
        """
        return await self._call("maximize", {}, results.nothing)

    async def unmaximize(self) -> None:
        """Unmaximize the window.

        Needs `core:window:allow-unmaximize`.
        """
        return await self._call("unmaximize", {}, results.nothing)

    async def minimize(self) -> None:
        """Minimize the window.

        Needs `core:window:allow-minimize`.
        """
        return await self._call("minimize", {}, results.nothing)

    async def unminimize(self) -> None:
        """Unminimize the window.

        Needs `core:window:allow-unminimize`.
        """
        return await self._call("unminimize", {}, results.nothing)

    async def show(self) -> None:
        """Set the window visibility to true.

        Needs `core:window:allow-show`.
        """
        return await self._call("show", {}, results.nothing)

    async def hide(self) -> None:
        """Set the window visibility to false.

        Needs `core:window:allow-hide`.
        """
        return await self._call("hide", {}, results.nothing)

    async def close(self) -> None:
        """Close the window.

        Note this emits a closeRequested event so you can intercept it. To force window close, use `Window.destroy`.

        Needs `core:window:allow-close`.
        """
        return await self._call("close", {}, results.nothing)

    async def destroy(self) -> None:
        """Destroy the window.

        Behaves like `Window.close` but forces the window close instead of emitting a closeRequested event.

        Needs `core:window:allow-destroy`.
        """
        return await self._call("destroy", {}, results.nothing)

    async def set_decorations(self, decorations: bool) -> None:
        """Whether the window should have borders and bars.

        Needs `core:window:allow-set-decorations`.

        Args:
            decorations: Whether the window should have borders and bars.
        """
        return await self._call(
            "set_decorations", {"value": arguments.boolean(decorations, "decorations")}, results.nothing
        )

    async def set_shadow(self, enable: bool) -> None:
        """Whether or not the window should have shadow.

        - Windows:
          - `False` has no effect on decorated window, shadows are always ON.
          - `True` will make undecorated window have a 1px white border, and on Windows 11, it will have a rounded
            corners.
        - Linux: Unsupported.

        Needs `core:window:allow-set-shadow`.
        """
        return await self._call("set_shadow", {"value": arguments.boolean(enable, "enable")}, results.nothing)

    async def set_effects(self, effects: Effects) -> None:
        """Apply platform-specific window effects such as Mica, Acrylic, Blur or the macOS vibrancy materials.

        Requires the window to be transparent, so create it with `transparent: true` (or set `transparent` in
        `tauri.conf.json`). Give the page a transparent or translucent background as well, otherwise the effect is
        hidden behind your own background color.

        Conflicting effects are resolved by applying the first supported one and ignoring the rest, so you can list a
        Windows and a macOS effect together.

        - Windows: If the window uses decorations or shadows, you may need this workaround.
        - Linux: Unsupported.

        Needs `core:window:allow-set-effects`.

        Args:
            effects: The effects to apply, see `Effects`.
        """
        return await self._call("set_effects", {"value": Effects._taken(effects, "effects")}, results.nothing)

    async def clear_effects(self) -> None:
        """Clear any applied effects if possible.

        Needs `core:window:allow-set-effects`.
        """
        return await self._call("set_effects", {"value": None}, results.nothing)

    async def set_always_on_top(self, always_on_top: bool) -> None:
        """Whether the window should always be on top of other windows.

        Needs `core:window:allow-set-always-on-top`.

        Args:
            always_on_top: Whether the window should always be on top of other windows or not.
        """
        return await self._call(
            "set_always_on_top", {"value": arguments.boolean(always_on_top, "always_on_top")}, results.nothing
        )

    async def set_always_on_bottom(self, always_on_bottom: bool) -> None:
        """Whether the window should always be below other windows.

        Needs `core:window:allow-set-always-on-bottom`.

        Args:
            always_on_bottom: Whether the window should always be below other windows or not.
        """
        return await self._call(
            "set_always_on_bottom", {"value": arguments.boolean(always_on_bottom, "always_on_bottom")}, results.nothing
        )

    async def set_visible_on_all_workspaces(self, visible: bool) -> None:
        """Set whether the window should be visible on all workspaces or virtual desktops.

        - Windows: Unsupported.

        Needs `core:window:allow-set-visible-on-all-workspaces`.

        Args:
            visible: Whether the window should follow the user across workspaces.
        """
        return await self._call(
            "set_visible_on_all_workspaces", {"value": arguments.boolean(visible, "visible")}, results.nothing
        )

    async def set_content_protected(self, protected: bool) -> None:
        """Prevent the window contents from being captured by other apps.

        Needs `core:window:allow-set-content-protected`.
        """
        return await self._call(
            "set_content_protected", {"value": arguments.boolean(protected, "protected")}, results.nothing
        )

    async def set_size(self, size: LogicalSize | PhysicalSize) -> None:
        """Resize the window with a new inner size.

        The window is resized later than this answers: wait for the event `tauri://resize`.

        Needs `core:window:allow-set-size`.

        Args:
            size: The logical or physical inner size.
        """
        return await self._call("set_size", {"value": arguments.size(size, "size")}, results.nothing)

    async def set_min_size(self, size: LogicalSize | PhysicalSize | None) -> None:
        """Set the window minimum inner size.

        If the `size` argument is not provided, the constraint is unset.

        Needs `core:window:allow-set-min-size`.

        Args:
            size: The logical or physical inner size, or `None` to unset the constraint.
        """
        return await self._call(
            "set_min_size", {"value": arguments.maybe(arguments.size)(size, "size")}, results.nothing
        )

    async def set_size_constraints(self, constraints: WindowSizeConstraints) -> None:
        """Set the window inner size constraints.

        Needs `core:window:allow-set-size-constraints`.

        Args:
            constraints: The inner size constraints in logical pixels, or `None` to unset every constraint. Each field
                is optional and independent, so `{ minWidth: 300 }` constrains only the width.
        """
        return await self._call(
            "set_size_constraints", {"value": WindowSizeConstraints._taken(constraints, "constraints")}, results.nothing
        )

    async def set_max_size(self, size: LogicalSize | PhysicalSize | None) -> None:
        """Set the window maximum inner size.

        If the `size` argument is undefined, the constraint is unset.

        Needs `core:window:allow-set-max-size`.

        Args:
            size: The logical or physical inner size, or `None` to unset the constraint.
        """
        return await self._call(
            "set_max_size", {"value": arguments.maybe(arguments.size)(size, "size")}, results.nothing
        )

    async def set_position(self, position: LogicalPosition | PhysicalPosition) -> None:
        """Set the window outer position.

        Needs `core:window:allow-set-position`.

        Args:
            position: The new position, in logical or physical pixels.
        """
        return await self._call("set_position", {"value": arguments.position(position, "position")}, results.nothing)

    async def set_fullscreen(self, fullscreen: bool) -> None:
        """Set the window fullscreen state.

        Needs `core:window:allow-set-fullscreen`.

        Args:
            fullscreen: Whether the window should go to fullscreen or not.
        """
        return await self._call(
            "set_fullscreen", {"value": arguments.boolean(fullscreen, "fullscreen")}, results.nothing
        )

    async def set_fullscreen_on_monitor(self, position: PhysicalPosition) -> None:
        """Set the window as fullscreen on the monitor that contains the given physical position.

        Does nothing if no monitor contains the position.

        Needs `core:window:allow-set-fullscreen-on-monitor`.

        Args:
            position: A physical position inside the target monitor, such as `Monitor.position`.
        """
        return await self._call(
            "set_fullscreen_on_monitor", {"value": arguments.physical_position(position, "position")}, results.nothing
        )

    async def set_simple_fullscreen(self, fullscreen: bool) -> None:
        """On macOS, Toggles a fullscreen mode that doesn't require a new macOS space.

        Returns a boolean indicating whether the transition was successful (this won't work if the window was already in
        the native fullscreen). This is how fullscreen used to work on macOS in versions before Lion. And allows the
        user to have a fullscreen window without using another space or taking control over the entire monitor.

        On other platforms, this is the same as `Window.set_fullscreen`.

        Needs `core:window:allow-set-simple-fullscreen`.

        Args:
            fullscreen: Whether the window should go to simple fullscreen or not.
        """
        return await self._call(
            "set_simple_fullscreen", {"value": arguments.boolean(fullscreen, "fullscreen")}, results.nothing
        )

    async def set_focus(self) -> None:
        """Bring the window to front and focus.

        Needs `core:window:allow-set-focus`.
        """
        return await self._call("set_focus", {}, results.nothing)

    async def set_focusable(self, focusable: bool) -> None:
        """Set whether the window can be focused.

        - macOS: If the window is already focused, it is not possible to unfocus it after calling
          `set_focusable(false)`. In this case, you might consider calling `Window.set_focus` but it will move the
          window to the back i.e. at the bottom in terms of z-order.

        Needs `core:window:allow-set-focusable`.

        Args:
            focusable: Whether the window can be focused.
        """
        return await self._call("set_focusable", {"value": arguments.boolean(focusable, "focusable")}, results.nothing)

    async def set_skip_taskbar(self, skip: bool) -> None:
        """Whether the window icon should be hidden from the taskbar or not.

        - macOS: Unsupported.

        Needs `core:window:allow-set-skip-taskbar`.

        Args:
            skip: true to hide window icon, false to show it.
        """
        return await self._call("set_skip_taskbar", {"value": arguments.boolean(skip, "skip")}, results.nothing)

    async def set_cursor_grab(self, grab: bool) -> None:
        """Grab the cursor, preventing it from leaving the window.

        There's no guarantee that the cursor will be hidden. You should hide it by yourself if you want so.

        - Linux: Unsupported.
        - macOS: This locks the cursor in a fixed location, which looks visually awkward.

        Needs `core:window:allow-set-cursor-grab`.

        Args:
            grab: `True` to grab the cursor icon, `False` to release it.
        """
        return await self._call("set_cursor_grab", {"value": arguments.boolean(grab, "grab")}, results.nothing)

    async def set_cursor_visible(self, visible: bool) -> None:
        """Modify the cursor's visibility.

        - Windows: The cursor is only hidden within the confines of the window.
        - macOS: The cursor is hidden as long as the window has input focus, even if the cursor is outside of the
          window.

        Needs `core:window:allow-set-cursor-visible`.

        Args:
            visible: If `False`, this will hide the cursor. If `True`, this will show the cursor.
        """
        return await self._call("set_cursor_visible", {"value": arguments.boolean(visible, "visible")}, results.nothing)

    async def set_cursor_icon(self, icon: CursorIcon) -> None:
        """Modify the cursor icon of the window.

        Needs `core:window:allow-set-cursor-icon`.

        Args:
            icon: The new cursor icon.
        """
        return await self._call(
            "set_cursor_icon", {"value": arguments.one_of(CURSOR_ICON)(icon, "icon")}, results.nothing
        )

    async def set_cursor_position(self, position: LogicalPosition | PhysicalPosition) -> None:
        """Change the position of the cursor in window coordinates.

        Needs `core:window:allow-set-cursor-position`.

        Args:
            position: The new cursor position.
        """
        return await self._call(
            "set_cursor_position", {"value": arguments.position(position, "position")}, results.nothing
        )

    async def set_ignore_cursor_events(self, ignore: bool) -> None:
        """Change the cursor events behavior.

        Needs `core:window:allow-set-ignore-cursor-events`.

        Args:
            ignore: `True` to ignore the cursor events; `False` to process them as usual.
        """
        return await self._call(
            "set_ignore_cursor_events", {"value": arguments.boolean(ignore, "ignore")}, results.nothing
        )

    async def start_dragging(self) -> None:
        """Start dragging the window.

        Needs `core:window:allow-start-dragging`.
        """
        return await self._call("start_dragging", {}, results.nothing)

    async def start_resize_dragging(self, direction: ResizeDirection) -> None:
        """Start resize-dragging the window.

        Needs `core:window:allow-start-resize-dragging`.
        """
        return await self._call(
            "start_resize_dragging",
            {"value": arguments.one_of(RESIZE_DIRECTION)(direction, "direction")},
            results.nothing,
        )

    async def set_progress_bar(self, state: ProgressBarState) -> None:
        """Set the taskbar progress state.

        - Linux and macOS: Progress bar is app-wide and not specific to this window.
        - Linux: Only supported desktop environments with `libunity` (e.g. GNOME).

        Needs `core:window:allow-set-progress-bar`.
        """
        return await self._call("set_progress_bar", {"value": ProgressBarState._taken(state, "state")}, results.nothing)

    async def set_badge_count(self, count: int | None = None) -> None:
        """Set the badge count.

        It is app wide and not specific to this window.

        - Windows: Unsupported. Use `Window.set_overlay_icon` instead.

        Needs `core:window:allow-set-badge-count`.

        Args:
            count: The badge count. Use `None` to remove the badge.
        """
        args: dict[str, object] = {}
        if count is not None:
            args["value"] = arguments.integer(count, "count")
        return await self._call("set_badge_count", args, results.nothing)

    async def set_overlay_icon(self, icon: AsyncImage | Rgba | str | PathLike[str] | bytes | None = None) -> None:
        """Set the overlay icon.

        **Windows only** The overlay icon can be set for every window.

        Note that you may need the `image-ico` or `image-png` Cargo features to use this API. To enable it, change your
        Cargo.toml file:

        Needs `core:window:allow-set-overlay-icon`. On Windows only.

        Args:
            icon: Icon bytes or path to the icon file. Use `None` to remove the overlay icon.
        """
        args: dict[str, object] = {}
        if icon is not None:
            args["value"] = arguments.image(icon, "icon")
        return await self._call("set_overlay_icon", args, results.nothing)

    async def set_badge_label(self, label: str | None = None) -> None:
        """Set the badge label shown on the app's dock icon.

        **macOS only**

        Unlike `Window.set_badge_count`, which takes a number, this shows arbitrary short text. It is app-wide and not
        specific to this window.

        Needs `core:window:allow-set-badge-label`. On macOS only.

        Args:
            label: The badge label. Use `None` to remove the badge.
        """
        args: dict[str, object] = {}
        if label is not None:
            args["value"] = arguments.text(label, "label")
        return await self._call("set_badge_label", args, results.nothing)

    async def set_icon(self, icon: AsyncImage | Rgba | str | PathLike[str] | bytes) -> None:
        """Set the window icon.

        Needs `core:window:allow-set-icon`.

        Args:
            icon: Icon bytes or path to the icon file.
        """
        return await self._call("set_icon", {"value": arguments.image(icon, "icon")}, results.nothing)

    async def set_title_bar_style(self, style: TitleBarStyle) -> None:
        """Set the title bar style.

        **macOS only**.

        Use `transparent` or `overlay` to build a custom title bar: with `overlay` the page extends under the title bar
        and only the traffic lights remain, so leave room for them in your layout and pair it with
        `Window.start_dragging` on a draggable region.

        Needs `core:window:allow-set-title-bar-style`.

        Args:
            style: The new title bar style, see `TitleBarStyle`.
        """
        return await self._call(
            "set_title_bar_style", {"value": arguments.one_of(TITLE_BAR_STYLE)(style, "style")}, results.nothing
        )

    async def set_theme(self, theme: Theme | None = None) -> None:
        """Set window theme, pass in `None` to follow system theme.

        - Linux and macOS: Theme is app-wide and not specific to this window.

        Use `Window.theme` to read the effective theme and `Window.on_theme_changed` to react to changes.

        Needs `core:window:allow-set-theme`.

        Args:
            theme: The theme to apply, or `None`/`None` to follow the system theme.
        """
        args: dict[str, object] = {}
        if theme is not None:
            args["value"] = arguments.maybe(arguments.one_of(THEME))(theme, "theme")
        return await self._call("set_theme", args, results.nothing)

    async def toggle_maximize(self) -> None:
        """Toggle the window maximized state.

        Needs `core:window:allow-toggle-maximize`.
        """
        return await self._call("toggle_maximize", {}, results.nothing)

    async def set_background_color(self, color: Color | None) -> None:
        """Set the window background color.

        - Windows: alpha channel is ignored.

        This sets the color of the window itself, which is what you see while the webview is still loading or behind a
        transparent page. To also change the webview background use `WebviewWindow.set_background_color`.

        Needs `core:window:allow-set-background-color`.

        Args:
            color: The new background color, see `Color`.
        """
        return await self._call(
            "set_background_color", {"value": arguments.maybe(arguments.color)(color, "color")}, results.nothing
        )

    async def on_close_requested(
        self, handler: Callable[[CloseRequested], object], *, timeout_s: float = 5.0
    ) -> AsyncHandling:
        """Call a function before the window closes, by its user or by `close`; it may prevent that.

        The window closes once the function has returned, unless it has called `prevent_default`; also if it raises,
        which goes to the log, and if it takes longer than `timeout_s`. A window stays open for nobody who is gone: when
        this sidecar ends, the window closes as if nobody had been asked. `destroy` asks nobody.

        If the page listens to `onCloseRequested`, it decides as well: either one can keep the window open, and the page
        closes it once its own handler has returned.

        Needs `core:event:allow-listen`, which `core:event:default` has.

        Args:
            handler: What is called.
            timeout_s: How long the window waits for `prevent_default` or the end of the function, in seconds.
        """
        with loading:
            from sidecar_bridge._client.async_handlers import closing_handling  # noqa: PLC0415 - only this needs it
            from sidecar_bridge._client.tauri.heard import closing  # noqa: PLC0415
            from sidecar_bridge.tauri.events import CloseRequested  # noqa: PLC0415

        kind = closing(timeout_s)
        return await closing_handling(self._link, kind, self._label, handler, self._timeout_s, make=CloseRequested)

    async def on_resized(self, handler: Callable[[PhysicalSize], object]) -> AsyncHandling:
        """Call a function with each new size of the window.

        Needs `core:event:allow-listen`, which `core:event:default` has.

        Args:
            handler: What is called; several times for one change, also with a size that did not change.
        """
        with loading:
            from sidecar_bridge._client.async_handlers import handling  # noqa: PLC0415 - only this needs it
            from sidecar_bridge._client.tauri.heard import RESIZED  # noqa: PLC0415

        return await handling(self._link, RESIZED, self._label, handler, self._timeout_s)

    async def on_moved(self, handler: Callable[[PhysicalPosition], object]) -> AsyncHandling:
        """Call a function with each new position of the window.

        Needs `core:event:allow-listen`, which `core:event:default` has.

        Args:
            handler: What is called; several times for one change, also with a position that did not change.
        """
        with loading:
            from sidecar_bridge._client.async_handlers import handling  # noqa: PLC0415 - only this needs it
            from sidecar_bridge._client.tauri.heard import MOVED  # noqa: PLC0415

        return await handling(self._link, MOVED, self._label, handler, self._timeout_s)

    async def on_focus_changed(self, handler: Callable[[bool], object]) -> AsyncHandling:
        """Call a function when the window gets the keyboard, with `True`, and when it loses it.

        Needs `core:event:allow-listen`, which `core:event:default` has.

        Args:
            handler: What is called.
        """
        with loading:
            from sidecar_bridge._client.async_handlers import handling  # noqa: PLC0415 - only this needs it
            from sidecar_bridge._client.tauri.heard import FOCUS  # noqa: PLC0415

        return await handling(self._link, FOCUS, self._label, handler, self._timeout_s)

    async def on_theme_changed(self, handler: Callable[[Theme], object]) -> AsyncHandling:
        """Call a function with the theme when the system changes it. Not on Linux.

        Needs `core:event:allow-listen`, which `core:event:default` has.

        Args:
            handler: What is called.
        """
        with loading:
            from sidecar_bridge._client.async_handlers import handling  # noqa: PLC0415 - only this needs it
            from sidecar_bridge._client.tauri.heard import THEMES  # noqa: PLC0415

        return await handling(self._link, THEMES, self._label, handler, self._timeout_s)

    async def on_scale_changed(self, handler: Callable[[ScaleFactorChanged], object]) -> AsyncHandling:
        """Call a function when the window comes to a screen of another scale.

        Needs `core:event:allow-listen`, which `core:event:default` has.

        Args:
            handler: What is called.
        """
        with loading:
            from sidecar_bridge._client.async_handlers import handling  # noqa: PLC0415 - only this needs it
            from sidecar_bridge._client.tauri.heard import SCALES  # noqa: PLC0415

        return await handling(self._link, SCALES, self._label, handler, self._timeout_s)

    async def on_drag_drop(self, handler: Callable[[DragDrop], object]) -> AsyncHandling:
        """Call a function when files are dragged over the window, and dropped.

        Needs `core:event:allow-listen`, which `core:event:default` has.

        Args:
            handler: What is called: `enter`, any number of `over`, then `drop` or `leave`.
        """
        with loading:
            from sidecar_bridge._client.async_handlers import handling  # noqa: PLC0415 - only this needs it
            from sidecar_bridge._client.tauri.heard import DRAGS  # noqa: PLC0415

        return await handling(self._link, DRAGS, self._label, handler, self._timeout_s)
