# Generated from `_client/tauri/async_menu.py` by `python/tools/blocking.py`: do not edit.

"""Tauri's menus, for blocking code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from sidecar_bridge._client import wire
from sidecar_bridge._client.backlog import Kind
from sidecar_bridge._client.errors import BridgeError, NotFoundError
from sidecar_bridge._client.handled import Handled
from sidecar_bridge._client.ids import new_id
from sidecar_bridge._client.resource import invoke_undoably
from sidecar_bridge._client.tauri.plugin import Plugin
from sidecar_bridge._client.undo import Undo
from sidecar_bridge.tauri import _arguments as arguments
from sidecar_bridge.tauri import _results as results
from sidecar_bridge.tauri.menu import Built, CheckMenuItem, IconMenuItem, MenuItem, Submenu

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike

    from sidecar_bridge._client.handlers import Claim
    from sidecar_bridge._client.resource import Caller
    from sidecar_bridge._client.tauri.image import Image
    from sidecar_bridge._client.undo import Made
    from sidecar_bridge.tauri.dpi import LogicalPosition, PhysicalPosition
    from sidecar_bridge.tauri.menu import Item
    from sidecar_bridge.tauri.rgba import Rgba

_KIND = Kind("clicks on menus", lambda message: (results.text(message),), results.text)

_CLOSE = Undo("plugin:resources|close", answer={"rid": "/0"})


class Entry(Handled):
    """What menus and entries have in common."""

    _kind: ClassVar[str]
    id: str
    """Its id."""

    def menu_entry(self) -> list[object]:
        """Give what stands for it in a menu."""
        return [self.rid, self._kind]

    def _ask(self, command: str, **args: object) -> Any:
        return self._invoke(f"plugin:menu|{command}", {"rid": self, "kind": self._kind, **args})


class Texts(Entry):
    """What an entry with a text has."""

    def text(self) -> str:
        """Give the text that it shows.

        Needs `core:menu:allow-text`, which `core:menu:default` has.
        """
        return results.text(self._ask("text"))

    def set_text(self, text: str) -> None:
        """Let it show another text.

        Needs `core:menu:allow-set-text`, which `core:menu:default` has.
        """
        self._ask("set_text", text=arguments.text(text, "text"))


class Enabled(Texts):
    """What an entry has that can be disabled."""

    def is_enabled(self) -> bool:
        """Tell whether it can be chosen.

        Needs `core:menu:allow-is-enabled`, which `core:menu:default` has.
        """
        return results.boolean(self._ask("is_enabled"))

    def set_enabled(self, enabled: bool) -> None:
        """Let it be chosen, or not.

        Needs `core:menu:allow-set-enabled`, which `core:menu:default` has.
        """
        self._ask("set_enabled", enabled=arguments.boolean(enabled, "enabled"))


class ItemHandle(Enabled):
    """An entry of a menu."""

    _kind = "MenuItem"

    def set_accelerator(self, accelerator: str | None) -> None:
        """Let other keys choose it, or none. What Tauri cannot read is ignored.

        Needs `core:menu:allow-set-accelerator`, which `core:menu:default` has.
        """
        self._ask("set_accelerator", accelerator=arguments.maybe(arguments.text)(accelerator, "accelerator"))


class CheckItemHandle(ItemHandle):
    """An entry that is checked or not."""

    _kind = "Check"

    def is_checked(self) -> bool:
        """Tell whether it is checked.

        Needs `core:menu:allow-is-checked`, which `core:menu:default` has.
        """
        return results.boolean(self._invoke("plugin:menu|is_checked", {"rid": self}))

    def set_checked(self, checked: bool) -> None:
        """Check it, or not.

        Needs `core:menu:allow-set-checked`, which `core:menu:default` has.
        """
        self._invoke("plugin:menu|set_checked", {"rid": self, "checked": arguments.boolean(checked, "checked")})


class IconItemHandle(ItemHandle):
    """An entry with an image."""

    _kind = "Icon"

    def set_icon(self, icon: Image | Rgba | str | PathLike[str] | bytes | None) -> None:
        """Let it show another image, or none.

        Needs `core:menu:allow-set-icon`, which `core:menu:default` has.
        """
        self._ask("set_icon", icon=arguments.maybe(arguments.image)(icon, "icon"))


class PredefinedItemHandle(Texts):
    """An entry for what the system itself does."""

    _kind = "Predefined"


class Entries(Entry):
    """What has entries."""

    def append(self, items: Sequence[Item]) -> None:
        """Add entries behind the last one.

        Needs `core:menu:allow-append`, which `core:menu:default` has.
        """
        self._add("append", items)

    def prepend(self, items: Sequence[Item]) -> None:
        """Add entries before the first one, the last of these first, as Tauri does.

        Needs `core:menu:allow-prepend`, which `core:menu:default` has.
        """
        self._add("prepend", items)

    def insert(self, items: Sequence[Item], position: int) -> None:
        """Add entries at a position, which counts from 0 and is at most the number of entries.

        Needs `core:menu:allow-insert`, `core:menu:allow-items` and `core:resources:allow-close`; `core:default` has
        them.
        """
        # Tauri leaves it to whoever calls that there is such a position.
        count = len(self._rows())
        if not 0 <= arguments.integer(position, "position") <= count:
            msg = f"`position` must be from 0 to {count}, the number of entries, not {position}"
            raise ValueError(msg)
        self._add("insert", items, position=position)

    def remove(self, item: Entry) -> None:
        """Take an entry out.

        Needs `core:menu:allow-remove`, which `core:menu:default` has.
        """
        if not isinstance(item, Entry):
            arguments.wrong("item", "an entry that `get` or `items` gives", item)
        self._ask("remove", item=item.menu_entry())

    def remove_at(self, position: int) -> Entry | None:
        """Take out the entry at a position, and give it; `None` if there is none.

        Needs `core:menu:allow-remove-at`, which `core:menu:default` has.
        """
        return self._find("remove_at", position=arguments.integer(position, "position"))

    def get(self, id: str) -> Entry | None:
        """Give the entry of that id, such as an `CheckItemHandle`; `None` if there is none. Not those of submenus.

        Needs `core:menu:allow-get`, which `core:menu:default` has.
        """
        return self._find("get", id=arguments.text(id, "id"))

    def items(self) -> list[Entry]:
        """Give all entries, but not those of submenus.

        Needs `core:menu:allow-items`, `core:menu:allow-get` and `core:resources:allow-close`, which `core:default` has.
        """
        found: list[Entry] = []
        for _rid, item_id, _kind in self._rows():
            if (item := self.get(item_id)) is not None:
                found.append(item)
        return found

    def _rows(self) -> list[Any]:
        """Give number, id and kind of each entry; closed, since nobody would undo what the command makes."""
        rows = results.many(results.anything)(self._ask("items"))
        for rid, *_ in rows:
            self._invoke("plugin:resources|close", {"rid": rid})
        return rows

    def popup(self, at: LogicalPosition | PhysicalPosition | None = None, *, window: str | None = None) -> None:
        """Open it as a context menu: at the pointer, or at a position in the window.

        Needs `core:menu:allow-popup`, which `core:menu:default` has.

        Args:
            at: Where in the window.
            window: The label of the window; by default that of the menu.
        """
        place = arguments.maybe(arguments.position)(at, "at")
        self._ask("popup", at=place, window=arguments.maybe(arguments.text)(window, "window"))

    def _add(self, command: str, items: Sequence[Item], **args: object) -> None:
        built = Built(new_id)
        entries = built.items(items, "items")
        added = []
        if self._claim is not None:
            built.channel.is_known_as = self._claim.channel
            added = [self._claim.add(key, function) for key, function in built.handlers]
        elif built.handlers:
            msg = f"{self!r} was not made here, so nobody would hear clicks; make a menu with these items"
            raise ValueError(msg)
        try:
            self._ask(command, items=entries, **args)
        except BaseException:
            for handler in added:
                if self._claim is not None:
                    self._claim.remove(handler)
            raise

    def _find(self, command: str, **args: object) -> Entry | None:
        self._check()
        arguments_ = {"rid": self, "kind": self._kind, **args}
        made = invoke_undoably(self, f"plugin:menu|{command}", arguments_, undo=_CLOSE, window=self._window)
        if not made.number:
            return None
        rid, item_id, kind = made.answer
        item = _HANDLES[kind](self, made, rid)
        item.id = item_id
        return item


class SubmenuHandle(Entries, Enabled):
    """A menu in a menu."""

    _kind = "Submenu"

    def set_icon(self, icon: Image | Rgba | str | PathLike[str] | bytes | None) -> None:
        """Let its entry show another image, or none.

        Needs `core:menu:allow-set-icon`, which `core:menu:default` has.
        """
        self._ask("set_icon", icon=arguments.maybe(arguments.image)(icon, "icon"))


class Menu(Entries):
    """A menu, for an icon in the tray, a window, the app, or a place in a window.

    It ends with `close`, with its block, when nobody has it any more, or with its window. Its items call nobody then.
    """

    _kind = "Menu"

    _blank: Menu | None = None

    def __init__(self, host: Caller, made: Made, rid: int | None) -> None:
        """Made by `host.menu`."""
        super().__init__(host, made, rid)
        self._shown: list[str] = []
        """What takes it away from where it is shown, by the numbers of what undoes that."""

    def set_as_app_menu(self) -> None:
        """Let the app show it: on macOS at the top of the screen, else in each window that has no menu of its own.

        When it ends, what the app had before is shown again, or a menu without entries.

        Needs `core:menu:allow-set-as-app-menu`, which `core:menu:default` has.
        """
        self._show("set_as_app_menu")

    def set_as_window_menu(self, window: str | None = None) -> None:
        """Let a window show it, by default that of the menu. Not on macOS, where it does nothing.

        When it ends, what the window had before is shown again, or a menu without entries. `BridgeError` if there is no
        such window.

        Needs `core:menu:allow-set-as-window-menu`, which `core:menu:default` has.
        """
        self._show("set_as_window_menu", window=arguments.text(window or self._window, "window"))

    def _show(self, command: str, **args: object) -> None:
        self._check()
        whole = f"plugin:menu|{command}"
        # Tauri has no command that takes a menu away, and tells what was shown only once something else is.
        blank = self._blank = self._blank or Menus(self._link, self._window, None).new()
        before = Undo(whole, args, {"rid": "/0"})
        made = invoke_undoably(self, whole, {"rid": blank, **args}, undo=before, window=self._window)
        numbers = [made.number] if made.number else []
        after = Undo(whole, {"rid": blank.rid, **args})
        made = invoke_undoably(self, whole, {"rid": self, **args}, undo=after, window=self._window)
        if made.answer is None:
            # The menu without entries was there before, unless Tauri has found no such window: it says no more.
            self._link.ask(wire.forget_undo(made.number), None)
            raise BridgeError(f"{self!r} is not shown: there is no window `{args.get('window')}`; open it first")
        self._shown += [*numbers, made.number]
        # The menu without entries, which the command has given another number.
        self._invoke("plugin:resources|close", {"rid": made.answer[0]})
        if self._claim is not None:
            # While it is shown, it is not for the collector.
            self._claim.keeps = self

    def _finish(self, how: str, request: wire.Request, timeout_s: float | None) -> None:
        shown, self._shown = self._shown, []
        for number in reversed(shown):
            try:
                self._link.ask(wire.undo(number) if how == "closed" else wire.forget_undo(number), timeout_s)
            except NotFoundError:
                continue
        super()._finish(how, request, timeout_s)


_H = TypeVar("_H", bound=Entry)

_HANDLES: dict[str, type[Entry]] = {
    kind._kind: kind
    for kind in (
        ItemHandle,
        CheckItemHandle,
        IconItemHandle,
        PredefinedItemHandle,
        SubmenuHandle,
    )
}


class Menus(Plugin):
    """Menus: `host.menu.new([MenuItem("Open", on_click=open_it), Separator(), Submenu("File", [...])])`.

    Closing one needs `core:resources:allow-close`, which `core:resources:default` has.
    """

    _prefix = "plugin:menu|"

    def new(self, items: Sequence[Item] = (), *, id: str | None = None) -> Menu:
        """Make a menu of entries, which are described in `sidecar_bridge.tauri.menu`.

        Needs `core:menu:allow-new`, which `core:menu:default` has.

        Args:
            items: Its entries.
            id: Its id; by default one that nothing else has.
        """
        return self._of_items(items, "items", id)

    def submenu(self, submenu: Submenu) -> SubmenuHandle:
        """Make a menu that may be put into others, or belong to an icon in the tray.

        Needs `core:menu:allow-new`, which `core:menu:default` has.
        """
        return self._of(SubmenuHandle, Submenu, submenu, "submenu")

    def item(self, item: MenuItem) -> ItemHandle:
        """Make an entry to change later, and to put into menus.

        Needs `core:menu:allow-new`, which `core:menu:default` has.
        """
        return self._of(ItemHandle, MenuItem, item, "item")

    def check_item(self, item: CheckMenuItem) -> CheckItemHandle:
        """Make an entry that is checked or not, to change later, and to put into menus.

        Needs `core:menu:allow-new`, which `core:menu:default` has.
        """
        return self._of(CheckItemHandle, CheckMenuItem, item, "item")

    def icon_item(self, item: IconMenuItem) -> IconItemHandle:
        """Make an entry with an image, to change later, and to put into menus.

        Needs `core:menu:allow-new`, which `core:menu:default` has.
        """
        return self._of(IconItemHandle, IconMenuItem, item, "item")

    def create_default(self) -> Menu:
        """Make the menu that Tauri has for apps of this system.

        Needs `core:menu:allow-create-default`, which `core:menu:default` has.
        """
        made = invoke_undoably(
            self, "plugin:menu|create_default", {}, undo=_CLOSE, window=self._label, timeout_s=self._timeout_s
        )
        menu = Menu(self, made, made.answer[0])
        menu.id = made.answer[1]
        return menu

    def _of_items(self, items: Sequence[Item], name: str, id: str | None = None) -> Menu:
        built = Built(new_id)
        head: dict[str, object] = {"id": new_id() if id is None else arguments.text(id, "id")}
        return self._new(Menu, {**head, "items": built.items(items, name)}, built)

    def _of(self, handle: type[_H], kind: type, item: Any, name: str) -> _H:
        if not isinstance(item, kind):
            arguments.wrong(name, f"a {kind.__name__}", item)
        built = Built(new_id)
        entry: Any = built.item(item, name)
        entry.pop("handler", None)
        return self._new(handle, entry, built)

    def _new(self, handle: type[_H], options: dict[str, object], built: Built) -> _H:
        def args(mine: Claim) -> dict[str, object]:
            built.channel.is_known_as = mine.channel
            return {"kind": handle._kind, "options": options, "handler": mine.channel}

        made = handle._make_handled(
            self, _KIND, built.handlers, "plugin:menu|new", args, undo=_CLOSE, rid=0, window=self._label,
            timeout_s=self._timeout_s,
        )  # fmt: skip
        made.id = str(options["id"])
        return made
