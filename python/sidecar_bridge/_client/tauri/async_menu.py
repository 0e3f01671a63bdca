"""Tauri's menus, for asyncio."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from sidecar_bridge._client import wire
from sidecar_bridge._client.async_handled import AsyncHandled
from sidecar_bridge._client.async_resource import invoke_undoably
from sidecar_bridge._client.backlog import Kind
from sidecar_bridge._client.errors import BridgeError, NotFoundError
from sidecar_bridge._client.ids import new_id
from sidecar_bridge._client.tauri.async_plugin import AsyncPlugin
from sidecar_bridge._client.undo import Undo
from sidecar_bridge.tauri import _arguments as arguments
from sidecar_bridge.tauri import _results as results
from sidecar_bridge.tauri.menu import Built, CheckMenuItem, IconMenuItem, MenuItem, Submenu

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike

    from sidecar_bridge._client.async_handlers import AsyncClaim
    from sidecar_bridge._client.async_resource import AsyncCaller
    from sidecar_bridge._client.tauri.async_image import AsyncImage
    from sidecar_bridge._client.undo import Made
    from sidecar_bridge.tauri.dpi import LogicalPosition, PhysicalPosition
    from sidecar_bridge.tauri.menu import Item
    from sidecar_bridge.tauri.rgba import Rgba

_KIND = Kind("clicks on menus", lambda message: (results.text(message),), results.text)

_CLOSE = Undo("plugin:resources|close", answer={"rid": "/0"})


class AsyncEntry(AsyncHandled):
    """What menus and entries have in common."""

    _kind: ClassVar[str]
    id: str
    """Its id."""

    def menu_entry(self) -> list[object]:
        """Give what stands for it in a menu."""
        return [self.rid, self._kind]

    async def _ask(self, command: str, **args: object) -> Any:
        return await self._invoke(f"plugin:menu|{command}", {"rid": self, "kind": self._kind, **args})


class AsyncTexts(AsyncEntry):
    """What an entry with a text has."""

    async def text(self) -> str:
        """Give the text that it shows.

        Needs `core:menu:allow-text`, which `core:menu:default` has.
        """
        return results.text(await self._ask("text"))

    async def set_text(self, text: str) -> None:
        """Let it show another text.

        Needs `core:menu:allow-set-text`, which `core:menu:default` has.
        """
        await self._ask("set_text", text=arguments.text(text, "text"))


class AsyncEnabled(AsyncTexts):
    """What an entry has that can be disabled."""

    async def is_enabled(self) -> bool:
        """Tell whether it can be chosen.

        Needs `core:menu:allow-is-enabled`, which `core:menu:default` has.
        """
        return results.boolean(await self._ask("is_enabled"))

    async def set_enabled(self, enabled: bool) -> None:
        """Let it be chosen, or not.

        Needs `core:menu:allow-set-enabled`, which `core:menu:default` has.
        """
        await self._ask("set_enabled", enabled=arguments.boolean(enabled, "enabled"))


class AsyncItemHandle(AsyncEnabled):
    """An entry of a menu."""

    _kind = "MenuItem"

    async def set_accelerator(self, accelerator: str | None) -> None:
        """Let other keys choose it, or none. What Tauri cannot read is ignored.

        Needs `core:menu:allow-set-accelerator`, which `core:menu:default` has.
        """
        await self._ask("set_accelerator", accelerator=arguments.maybe(arguments.text)(accelerator, "accelerator"))


class AsyncCheckItemHandle(AsyncItemHandle):
    """An entry that is checked or not."""

    _kind = "Check"

    async def is_checked(self) -> bool:
        """Tell whether it is checked.

        Needs `core:menu:allow-is-checked`, which `core:menu:default` has.
        """
        return results.boolean(await self._invoke("plugin:menu|is_checked", {"rid": self}))

    async def set_checked(self, checked: bool) -> None:
        """Check it, or not.

        Needs `core:menu:allow-set-checked`, which `core:menu:default` has.
        """
        await self._invoke("plugin:menu|set_checked", {"rid": self, "checked": arguments.boolean(checked, "checked")})


class AsyncIconItemHandle(AsyncItemHandle):
    """An entry with an image."""

    _kind = "Icon"

    async def set_icon(self, icon: AsyncImage | Rgba | str | PathLike[str] | bytes | None) -> None:
        """Let it show another image, or none.

        Needs `core:menu:allow-set-icon`, which `core:menu:default` has.
        """
        await self._ask("set_icon", icon=arguments.maybe(arguments.image)(icon, "icon"))


class AsyncPredefinedItemHandle(AsyncTexts):
    """An entry for what the system itself does."""

    _kind = "Predefined"


class AsyncEntries(AsyncEntry):
    """What has entries."""

    async def append(self, items: Sequence[Item]) -> None:
        """Add entries behind the last one.

        Needs `core:menu:allow-append`, which `core:menu:default` has.
        """
        await self._add("append", items)

    async def prepend(self, items: Sequence[Item]) -> None:
        """Add entries before the first one, the last of these first, as Tauri does.

        Needs `core:menu:allow-prepend`, which `core:menu:default` has.
        """
        await self._add("prepend", items)

    async def insert(self, items: Sequence[Item], position: int) -> None:
        """Add entries at a position, which counts from 0 and is at most the number of entries.

        Needs `core:menu:allow-insert`, `core:menu:allow-items` and `core:resources:allow-close`; `core:default` has
        them.
        """
        # Tauri leaves it to whoever calls that there is such a position.
        count = len(await self._rows())
        if not 0 <= arguments.integer(position, "position") <= count:
            msg = f"`position` must be from 0 to {count}, the number of entries, not {position}"
            raise ValueError(msg)
        await self._add("insert", items, position=position)

    async def remove(self, item: AsyncEntry) -> None:
        """Take an entry out.

        Needs `core:menu:allow-remove`, which `core:menu:default` has.
        """
        if not isinstance(item, AsyncEntry):
            arguments.wrong("item", "an entry that `get` or `items` gives", item)
        await self._ask("remove", item=item.menu_entry())

    async def remove_at(self, position: int) -> AsyncEntry | None:
        """Take out the entry at a position, and give it; `None` if there is none.

        Needs `core:menu:allow-remove-at`, which `core:menu:default` has.
        """
        return await self._find("remove_at", position=arguments.integer(position, "position"))

    async def get(self, id: str) -> AsyncEntry | None:
        """Give the entry of that id, such as an `AsyncCheckItemHandle`; `None` if there is none. Not those of submenus.

        Needs `core:menu:allow-get`, which `core:menu:default` has.
        """
        return await self._find("get", id=arguments.text(id, "id"))

    async def items(self) -> list[AsyncEntry]:
        """Give all entries, but not those of submenus.

        Needs `core:menu:allow-items`, `core:menu:allow-get` and `core:resources:allow-close`, which `core:default` has.
        """
        found: list[AsyncEntry] = []
        for _rid, item_id, _kind in await self._rows():
            if (item := await self.get(item_id)) is not None:
                found.append(item)
        return found

    async def _rows(self) -> list[Any]:
        """Give number, id and kind of each entry; closed, since nobody would undo what the command makes."""
        rows = results.many(results.anything)(await self._ask("items"))
        for rid, *_ in rows:
            await self._invoke("plugin:resources|close", {"rid": rid})
        return rows

    async def popup(self, at: LogicalPosition | PhysicalPosition | None = None, *, window: str | None = None) -> None:
        """Open it as a context menu: at the pointer, or at a position in the window.

        Needs `core:menu:allow-popup`, which `core:menu:default` has.

        Args:
            at: Where in the window.
            window: The label of the window; by default that of the menu.
        """
        place = arguments.maybe(arguments.position)(at, "at")
        await self._ask("popup", at=place, window=arguments.maybe(arguments.text)(window, "window"))

    async def _add(self, command: str, items: Sequence[Item], **args: object) -> None:
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
            await self._ask(command, items=entries, **args)
        except BaseException:
            for handler in added:
                if self._claim is not None:
                    self._claim.remove(handler)
            raise

    async def _find(self, command: str, **args: object) -> AsyncEntry | None:
        self._check()
        arguments_ = {"rid": self, "kind": self._kind, **args}
        made = await invoke_undoably(self, f"plugin:menu|{command}", arguments_, undo=_CLOSE, window=self._window)
        if not made.number:
            return None
        rid, item_id, kind = made.answer
        item = _HANDLES[kind](self, made, rid)
        item.id = item_id
        return item


class AsyncSubmenuHandle(AsyncEntries, AsyncEnabled):
    """A menu in a menu."""

    _kind = "Submenu"

    async def set_icon(self, icon: AsyncImage | Rgba | str | PathLike[str] | bytes | None) -> None:
        """Let its entry show another image, or none.

        Needs `core:menu:allow-set-icon`, which `core:menu:default` has.
        """
        await self._ask("set_icon", icon=arguments.maybe(arguments.image)(icon, "icon"))


class AsyncMenu(AsyncEntries):
    """A menu, for an icon in the tray, a window, the app, or a place in a window.

    It ends with `close`, with its block, when nobody has it any more, or with its window. Its items call nobody then.
    """

    _kind = "Menu"

    _blank: AsyncMenu | None = None

    def __init__(self, host: AsyncCaller, made: Made, rid: int | None) -> None:
        """Made by `host.menu`."""
        super().__init__(host, made, rid)
        self._shown: list[str] = []
        """What takes it away from where it is shown, by the numbers of what undoes that."""

    async def set_as_app_menu(self) -> None:
        """Let the app show it: on macOS at the top of the screen, else in each window that has no menu of its own.

        When it ends, what the app had before is shown again, or a menu without entries.

        Needs `core:menu:allow-set-as-app-menu`, which `core:menu:default` has.
        """
        await self._show("set_as_app_menu")

    async def set_as_window_menu(self, window: str | None = None) -> None:
        """Let a window show it, by default that of the menu. Not on macOS, where it does nothing.

        When it ends, what the window had before is shown again, or a menu without entries. `BridgeError` if there is no
        such window.

        Needs `core:menu:allow-set-as-window-menu`, which `core:menu:default` has.
        """
        await self._show("set_as_window_menu", window=arguments.text(window or self._window, "window"))

    async def _show(self, command: str, **args: object) -> None:
        self._check()
        whole = f"plugin:menu|{command}"
        # Tauri has no command that takes a menu away, and tells what was shown only once something else is.
        blank = self._blank = self._blank or await AsyncMenus(self._link, self._window, None).new()
        before = Undo(whole, args, {"rid": "/0"})
        made = await invoke_undoably(self, whole, {"rid": blank, **args}, undo=before, window=self._window)
        numbers = [made.number] if made.number else []
        after = Undo(whole, {"rid": blank.rid, **args})
        made = await invoke_undoably(self, whole, {"rid": self, **args}, undo=after, window=self._window)
        if made.answer is None:
            # The menu without entries was there before, unless Tauri has found no such window: it says no more.
            await self._link.ask(wire.forget_undo(made.number), None)
            raise BridgeError(f"{self!r} is not shown: there is no window `{args.get('window')}`; open it first")
        self._shown += [*numbers, made.number]
        # The menu without entries, which the command has given another number.
        await self._invoke("plugin:resources|close", {"rid": made.answer[0]})
        if self._claim is not None:
            # While it is shown, it is not for the collector.
            self._claim.keeps = self

    async def _finish(self, how: str, request: wire.Request, timeout_s: float | None) -> None:
        shown, self._shown = self._shown, []
        for number in reversed(shown):
            try:
                await self._link.ask(wire.undo(number) if how == "closed" else wire.forget_undo(number), timeout_s)
            except NotFoundError:
                continue
        await super()._finish(how, request, timeout_s)


_H = TypeVar("_H", bound=AsyncEntry)

_HANDLES: dict[str, type[AsyncEntry]] = {
    kind._kind: kind
    for kind in (
        AsyncItemHandle,
        AsyncCheckItemHandle,
        AsyncIconItemHandle,
        AsyncPredefinedItemHandle,
        AsyncSubmenuHandle,
    )
}


class AsyncMenus(AsyncPlugin):
    """Menus: `await host.menu.new([MenuItem("Open", on_click=open_it), Separator(), Submenu("File", [...])])`.

    Closing one needs `core:resources:allow-close`, which `core:resources:default` has.
    """

    _prefix = "plugin:menu|"

    async def new(self, items: Sequence[Item] = (), *, id: str | None = None) -> AsyncMenu:
        """Make a menu of entries, which are described in `sidecar_bridge.tauri.menu`.

        Needs `core:menu:allow-new`, which `core:menu:default` has.

        Args:
            items: Its entries.
            id: Its id; by default one that nothing else has.
        """
        return await self._of_items(items, "items", id)

    async def submenu(self, submenu: Submenu) -> AsyncSubmenuHandle:
        """Make a menu that may be put into others, or belong to an icon in the tray.

        Needs `core:menu:allow-new`, which `core:menu:default` has.
        """
        return await self._of(AsyncSubmenuHandle, Submenu, submenu, "submenu")

    async def item(self, item: MenuItem) -> AsyncItemHandle:
        """Make an entry to change later, and to put into menus.

        Needs `core:menu:allow-new`, which `core:menu:default` has.
        """
        return await self._of(AsyncItemHandle, MenuItem, item, "item")

    async def check_item(self, item: CheckMenuItem) -> AsyncCheckItemHandle:
        """Make an entry that is checked or not, to change later, and to put into menus.

        Needs `core:menu:allow-new`, which `core:menu:default` has.
        """
        return await self._of(AsyncCheckItemHandle, CheckMenuItem, item, "item")

    async def icon_item(self, item: IconMenuItem) -> AsyncIconItemHandle:
        """Make an entry with an image, to change later, and to put into menus.

        Needs `core:menu:allow-new`, which `core:menu:default` has.
        """
        return await self._of(AsyncIconItemHandle, IconMenuItem, item, "item")

    async def create_default(self) -> AsyncMenu:
        """Make the menu that Tauri has for apps of this system.

        Needs `core:menu:allow-create-default`, which `core:menu:default` has.
        """
        made = await invoke_undoably(
            self, "plugin:menu|create_default", {}, undo=_CLOSE, window=self._label, timeout_s=self._timeout_s
        )
        menu = AsyncMenu(self, made, made.answer[0])
        menu.id = made.answer[1]
        return menu

    async def _of_items(self, items: Sequence[Item], name: str, id: str | None = None) -> AsyncMenu:
        built = Built(new_id)
        head: dict[str, object] = {"id": new_id() if id is None else arguments.text(id, "id")}
        return await self._new(AsyncMenu, {**head, "items": built.items(items, name)}, built)

    async def _of(self, handle: type[_H], kind: type, item: Any, name: str) -> _H:
        if not isinstance(item, kind):
            arguments.wrong(name, f"a {kind.__name__}", item)
        built = Built(new_id)
        entry: Any = built.item(item, name)
        entry.pop("handler", None)
        return await self._new(handle, entry, built)

    async def _new(self, handle: type[_H], options: dict[str, object], built: Built) -> _H:
        def args(mine: AsyncClaim) -> dict[str, object]:
            built.channel.is_known_as = mine.channel
            return {"kind": handle._kind, "options": options, "handler": mine.channel}

        made = await handle._make_handled(
            self, _KIND, built.handlers, "plugin:menu|new", args, undo=_CLOSE, rid=0, window=self._label,
            timeout_s=self._timeout_s,
        )  # fmt: skip
        made.id = str(options["id"])
        return made
