"""Menus and icons in the tray of a fake host."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sidecar_bridge._testing.call import FailedError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sidecar_bridge._testing.call import Call
    from sidecar_bridge._testing.handles import Handles


@dataclass
class _Item:
    kind: str
    id: str
    text: str = ""
    enabled: bool = True
    checked: bool = False
    items: list[_Item] = field(default_factory=list)


class FakeMenu:
    """The commands of `plugin:menu`."""

    def __init__(self, handles: Handles, windows: Collection[str]) -> None:
        """Keep menus and their items there; `windows` are the labels of those that can show one."""
        self._handles = handles
        self._windows = windows
        self._newest = -1
        self._shown: dict[str | None, _Item] = {}
        """What each window shows, and under `None` what the app does."""

    def new(self, call: Call, _label: str) -> list[object]:
        """Make a menu or an item."""
        return self._row(self._make(call.args["kind"], call.args.get("options") or {}))[:2]

    def create_default(self, _call: Call, _label: str) -> list[object]:
        """Make a menu, which is empty here."""
        return self._row(self._make("Menu", {}))[:2]

    def set_as_app_menu(self, call: Call, _label: str) -> list[object] | None:
        """Show a menu as that of the app, and give the one before."""
        return self._show(call, None)

    def set_as_window_menu(self, call: Call, label: str) -> list[object] | None:
        """Show a menu in a window, and give the one before; nothing for a window that is not there, as Tauri does."""
        window = call.args.get("window") or label
        return self._show(call, window) if window in self._windows else None

    def append(self, call: Call, _label: str) -> None:
        """Add items at the end."""
        self._of(call).items.extend(map(self._item, call.args["items"]))

    def prepend(self, call: Call, _label: str) -> None:
        """Add items at the beginning."""
        self._of(call).items[:0] = map(self._item, call.args["items"])

    def insert(self, call: Call, _label: str) -> None:
        """Add items at a place."""
        place = call.args["position"]
        self._of(call).items[place:place] = map(self._item, call.args["items"])

    def remove(self, call: Call, _label: str) -> None:
        """Take an item out."""
        item, menu = self._handles.of(call.args["item"][0]), self._of(call)
        menu.items = [each for each in menu.items if each is not item]

    def remove_at(self, call: Call, _label: str) -> list[object] | None:
        """Take the item at a place out, and give it."""
        items, place = self._of(call).items, call.args["position"]
        return self._row(items.pop(place)) if place < len(items) else None

    def items(self, call: Call, _label: str) -> list[list[object]]:
        """Give all items."""
        return [self._row(each) for each in self._of(call).items]

    def get(self, call: Call, _label: str) -> list[object] | None:
        """Give the item of an id."""
        return next((self._row(each) for each in self._of(call).items if each.id == call.args["id"]), None)

    def text(self, call: Call, _label: str) -> str:
        """Give the text of an item."""
        return self._of(call).text

    def set_text(self, call: Call, _label: str) -> None:
        """Set the text of an item."""
        self._of(call).text = call.args["text"]

    def is_enabled(self, call: Call, _label: str) -> bool:
        """Tell whether an item can be chosen."""
        return self._of(call).enabled

    def set_enabled(self, call: Call, _label: str) -> None:
        """Let an item be chosen, or not."""
        self._of(call).enabled = call.args["enabled"]

    def is_checked(self, call: Call, _label: str) -> bool:
        """Tell whether an item has its mark."""
        return self._of(call).checked

    def set_checked(self, call: Call, _label: str) -> None:
        """Give an item its mark, or take it."""
        self._of(call).checked = call.args["checked"]

    def _row(self, item: _Item) -> list[object]:
        """Tell of an item, under a number of its own each time, as Tauri does: who gets it closes it."""
        return [self._handles.add(item), item.id, item.kind]

    def _show(self, call: Call, where: str | None) -> list[object] | None:
        menu, before = self._of(call), self._shown.get(where)
        self._shown[where] = menu
        return None if before is None else [self._handles.add(before), before.id]

    def _of(self, call: Call) -> _Item:
        item: _Item = self._handles.of(call.args["rid"])
        return item

    def _item(self, given: Any) -> _Item:
        """Make the item of a list: a number with its kind, or what is to be made."""
        if isinstance(given, list):
            item: _Item = self._handles.of(given[0])
            return item
        kinds = (("items", "Submenu"), ("checked", "Check"), ("icon", "Icon"), ("item", "Predefined"))
        return self._make(next((kind for name, kind in kinds if name in given), "MenuItem"), given)

    def _make(self, kind: str, options: Mapping[str, Any]) -> _Item:
        items = [self._item(each) for each in options.get("items") or ()]
        if not (own := options.get("id")):
            self._newest += 1
            own = str(self._newest)
        item = _Item(kind, own, items=items, text=options.get("text") or "", checked=bool(options.get("checked")))
        item.enabled = options.get("enabled") is not False
        return item


@dataclass
class _Icon:
    id: str


class FakeTray:
    """The commands of `plugin:tray`."""

    def __init__(self, handles: Handles) -> None:
        """Keep icons there."""
        self._handles = handles
        self._newest = 0

    def new(self, call: Call, _label: str) -> list[object]:
        """Make an icon."""
        self._newest += 1
        icon = _Icon(call.args["options"].get("id") or f"{os.getpid()}-{self._newest}")
        return [self._handles.add(icon), icon.id]

    def get_by_id(self, call: Call, _label: str) -> int | None:
        """Give the icon of an id."""
        return self._handles.find(_Icon, lambda each: each.id == call.args["id"])

    def remove_by_id(self, call: Call, label: str) -> None:
        """Take an icon away."""
        if (rid := self.get_by_id(call, label)) is None:
            msg = f"Can't find a tray associated with this id: {call.args['id']}"
            raise FailedError(msg)
        self._handles.close(rid)
