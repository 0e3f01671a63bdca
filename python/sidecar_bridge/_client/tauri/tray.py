# Generated from `_client/tauri/async_tray.py` by `python/tools/blocking.py`: do not edit.

"""Tauri's icons in the tray, for blocking code."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, TypeVar

from sidecar_bridge._client.backlog import Kind
from sidecar_bridge._client.handled import Handled
from sidecar_bridge._client.ids import new_id
from sidecar_bridge._client.tauri.menu import Entries, Menus
from sidecar_bridge._client.tauri.plugin import Plugin
from sidecar_bridge._client.undo import Undo
from sidecar_bridge.tauri import _arguments as arguments
from sidecar_bridge.tauri import _results as results
from sidecar_bridge.tauri import events

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from os import PathLike

    from sidecar_bridge._client import wire
    from sidecar_bridge._client.handlers import Claim
    from sidecar_bridge._client.tauri.image import Image
    from sidecar_bridge._client.tauri.menu import Menu, SubmenuHandle
    from sidecar_bridge.tauri.menu import Item
    from sidecar_bridge.tauri.rgba import Rgba

_F = TypeVar("_F", bound="Callable[[events.TrayIconEvent], object]")

# The icon is the app's: it stays when the window closes in which it was made.
_CLOSE = Undo("plugin:resources|close", answer={"rid": "/0"}, anywhere=True)


def _keys(message: Any) -> tuple[object, ...]:
    tray, kind = message["id"], message["type"]
    # Tauri tells of each button twice, as it goes down and up.
    once = kind == "DoubleClick" or (kind == "Click" and message["buttonState"] == "Up")
    return ((tray, None), (tray, kind)) if once else ((tray, None),)


_KIND = Kind("events of icons in the tray", _keys, events.tray_icon)


class TraySetters(ABC):
    """What can be changed of an icon in the tray."""

    @abstractmethod
    def _set(self, command: str, args: dict[str, object]) -> None:
        """Run a command on it."""

    def set_icon(self, icon: Image | Rgba | str | PathLike[str] | bytes | None) -> None:
        """Show another image, or none. An `Image` has to be of the same window.

        Needs `core:tray:allow-set-icon`, which `core:tray:default` has.
        """
        self._set("set_icon", {"icon": arguments.maybe(arguments.image)(icon, "icon")})

    def set_menu(self, menu: Menu | SubmenuHandle | None) -> None:
        """Open another menu, or none. On Linux a menu that is set stays, and its items can be changed.

        Needs `core:tray:allow-set-menu`, which `core:tray:default` has.
        """
        if menu is not None and not isinstance(menu, Entries):
            arguments.wrong("menu", "a menu that `host.menu.new` gives, or None", menu)
        self._set("set_menu", {"menu": None if menu is None else menu.menu_entry()})

    def set_tooltip(self, tooltip: str | None) -> None:
        """Show another text under the pointer, or none. Not on Linux.

        Needs `core:tray:allow-set-tooltip`, which `core:tray:default` has.
        """
        self._set("set_tooltip", {"tooltip": arguments.maybe(arguments.text)(tooltip, "tooltip")})

    def set_title(self, title: str | None) -> None:
        """Show another text beside the icon, or none. Not on Windows; on Linux only where there is an icon.

        Needs `core:tray:allow-set-title`, which `core:tray:default` has.
        """
        self._set("set_title", {"title": arguments.maybe(arguments.text)(title, "title")})

    def set_visible(self, visible: bool) -> None:
        """Show or hide the icon.

        Needs `core:tray:allow-set-visible`, which `core:tray:default` has.
        """
        self._set("set_visible", {"visible": arguments.boolean(visible, "visible")})

    def set_temp_dir_path(self, path: str | PathLike[str] | None) -> None:
        """Say where the icon's file is written, on Linux, or let the system say.

        Needs `core:tray:allow-set-temp-dir-path`, which `core:tray:default` has.
        """
        self._set("set_temp_dir_path", {"path": arguments.maybe(arguments.path)(path, "path")})

    def set_icon_as_template(self, as_template: bool) -> None:
        """Let macOS colour the icon as it colours its own, or not.

        Needs `core:tray:allow-set-icon-as-template`, which `core:tray:default` has.
        """
        self._set("set_icon_as_template", {"asTemplate": arguments.boolean(as_template, "as_template")})

    def set_icon_with_as_template(
        self, icon: Image | Rgba | str | PathLike[str] | bytes | None, *, as_template: bool
    ) -> None:
        """Show another image, and say whether macOS colours it, at once.

        Needs `core:tray:allow-set-icon-with-as-template`, which `core:tray:default` has.
        """
        image = arguments.maybe(arguments.image)(icon, "icon")
        template = arguments.boolean(as_template, "as_template")
        self._set("set_icon_with_as_template", {"icon": image, "asTemplate": template})

    def set_show_menu_on_left_click(self, on_left: bool) -> None:
        """Open the menu on a left click too, or not. Not on Linux.

        Needs `core:tray:allow-set-show-menu-on-left-click`, which `core:tray:default` has.
        """
        self._set("set_show_menu_on_left_click", {"onLeft": arguments.boolean(on_left, "on_left")})


class TrayIcon(Handled, TraySetters):
    """An icon in the tray that this sidecar has made, until `close`, the end of its block, or of this sidecar.

    It is not closed when nobody holds it any more. Its handlers end with the window in which it was made.
    """

    id: str
    """Its id."""
    _menu: object = None
    """Is not collected, and so not closed, while the icon shows it."""
    _own: Menu | None = None

    def set_menu(self, menu: Menu | SubmenuHandle | None) -> None:
        """Open another menu, or none. On Linux a menu that is set stays, and its items can be changed.

        Needs `core:tray:allow-set-menu`, which `core:tray:default` has.
        """
        super().set_menu(menu)
        self._menu = menu

    def on_click(self, function: _F) -> _F:
        """Call a function once for each click, of each button; also as a decorator. Not on Linux."""
        return self._on("Click", function)

    def on_double_click(self, function: _F) -> _F:
        """Call a function for each double click; also as a decorator. On Windows only."""
        return self._on("DoubleClick", function)

    def on_event(self, function: _F) -> _F:
        """Call a function for all that Tauri tells of it: buttons down and up, and the pointer. Not on Linux."""
        return self._on(None, function)

    def _on(self, kind: str | None, function: _F) -> _F:
        self._check()
        if self._claim is not None:
            self._claim.add((self.id, kind), function)
        return function

    def _set(self, command: str, args: dict[str, object]) -> None:
        self._invoke(f"plugin:tray|{command}", {"rid": self, **args})

    def _finish(self, how: str, request: wire.Request, timeout_s: float | None) -> None:
        super()._finish(how, request, timeout_s)
        self._menu = None
        if self._own is not None:
            self._own.close(timeout_s=timeout_s)


class AppTrayIcon(TraySetters):
    """An icon that the app itself has made; it stays when this sidecar ends."""

    def __init__(self, trays: Trays, rid: int, tray_id: str) -> None:
        """Made by `host.tray.get_by_id`."""
        self._trays = trays
        self._rid = rid
        self.id = tray_id
        """Its id."""

    def _set(self, command: str, args: dict[str, object]) -> None:
        self._trays._call(command, {"rid": self._rid, **args}, results.nothing)


class Trays(Plugin):
    """Icons in the tray."""

    _prefix = "plugin:tray|"

    def new(
        self,
        *,
        icon: Image | Rgba | str | PathLike[str] | bytes | None = None,
        menu: Menu | SubmenuHandle | Sequence[Item] | None = None,
        tooltip: str | None = None,
        title: str | None = None,
        id: str | None = None,
        on_click: Callable[[events.TrayIconEvent], object] | None = None,
        on_double_click: Callable[[events.TrayIconEvent], object] | None = None,
        on_event: Callable[[events.TrayIconEvent], object] | None = None,
        show_menu_on_left_click: bool | None = None,
        icon_as_template: bool | None = None,
        temp_dir_path: str | PathLike[str] | None = None,
    ) -> TrayIcon:
        """Show an icon in the tray: `with host.tray.new(icon=icon, menu=[...]) as tray:`.

        On Linux an icon without a menu may not be shown, and clicks open the menu and are told to nobody.

        Needs `core:tray:allow-new`, which `core:tray:default` has, and `core:resources:allow-close` for its end; with a
        menu of items `core:menu:allow-new`. The app needs Tauri's feature `tray-icon`.

        Args:
            icon: Its image; `host.app.default_window_icon()` is the app's.
            menu: What a click opens: a menu, or the items of one that ends with the icon.
            tooltip: The text under the pointer. Not on Linux.
            title: The text beside the icon. Not on Windows.
            id: Its id; by default one that nothing else has. Linux names the icon's file by it, so no slash, and
                shows no icon whose id was there before while this app runs, also in an earlier generation.
            on_click: Called once for each click, of each button. Not on Linux.
            on_double_click: Called for each double click. On Windows only.
            on_event: Called for all that Tauri tells of it. Not on Linux.
            show_menu_on_left_click: Whether a left click opens the menu too, which is the default. Not on Linux.
            icon_as_template: Whether macOS colours the icon as it colours its own.
            temp_dir_path: Where the icon's file is written, on Linux.
        """
        tray_id = new_id() if id is None else arguments.file_name(id, "id")
        options: dict[str, object] = {"id": tray_id}
        given = (
            ("icon", icon, arguments.image, "icon"),
            ("tooltip", tooltip, arguments.text, "tooltip"),
            ("title", title, arguments.text, "title"),
            ("showMenuOnLeftClick", show_menu_on_left_click, arguments.boolean, "show_menu_on_left_click"),
            ("iconAsTemplate", icon_as_template, arguments.boolean, "icon_as_template"),
            ("tempDirPath", temp_dir_path, arguments.path, "temp_dir_path"),
        )
        options |= {json: take(value, name) for json, value, take, name in given if value is not None}
        called = {None: on_event, "Click": on_click, "DoubleClick": on_double_click}
        handlers = [((tray_id, kind), function) for kind, function in called.items() if function is not None]
        window, own, shown = self._label, None, None
        if isinstance(menu, Entries):
            shown = menu
        elif menu is not None:
            shown = own = Menus(self._link, self._label, self._timeout_s)._of_items(menu, "menu")
        if shown is not None:
            window = window or shown.window
            options["menu"] = shown.menu_entry()

        def args(mine: Claim) -> dict[str, object]:
            return {"options": options, "handler": mine.channel}

        try:
            tray = TrayIcon._make_handled(
                self, _KIND, handlers, "plugin:tray|new", args, undo=_CLOSE, rid=0, window=window,
                timeout_s=self._timeout_s, is_kept=True,
            )  # fmt: skip
        except BaseException:
            if own is not None:
                own.close()
            raise
        tray.id, tray._menu, tray._own = tray_id, shown, own
        return tray

    def get_by_id(self, id: str) -> AppTrayIcon | None:
        """Find an icon that the app itself has made; `None` if there is none of that id.

        Needs `core:tray:allow-get-by-id`, which `core:tray:default` has.
        """
        rid = self._call("get_by_id", {"id": arguments.text(id, "id")}, results.maybe(results.integer))
        return None if rid is None else AppTrayIcon(self, rid, id)

    def remove_by_id(self, id: str) -> None:
        """Remove an icon, whoever has made it; `CommandError` if there is none of that id.

        Needs `core:tray:allow-remove-by-id`, which `core:tray:default` has.
        """
        self._call("remove_by_id", {"id": arguments.text(id, "id")}, results.nothing)
