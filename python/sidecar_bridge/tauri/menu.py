"""What menus are made of: `MenuItem("Open", on_click=open_it)`, `Separator()`, `Submenu("File", [...])`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias, get_args

from sidecar_bridge.tauri import _arguments as arguments

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from os import PathLike

    from sidecar_bridge.tauri.rgba import Rgba

    OnClick: TypeAlias = Callable[[str], object]
    """A function that gets the id of the item that was clicked: `async def` for `AsyncHost`, or `def`."""
    Image: TypeAlias = Rgba | str | PathLike[str] | bytes | Any
    """Pixels, or what `host.image` has made; a path or the bytes of a file need a feature of Tauri."""

MOST_LEVELS = 32
"""How many menus may stand in each other. Tauri reads JSON of some 60, and no desktop shows as many."""

PredefinedKind: TypeAlias = Literal[
    "Separator", "Copy", "Cut", "Paste", "SelectAll", "Undo", "Redo", "Minimize", "Maximize", "Fullscreen", "Hide",
    "HideOthers", "ShowAll", "CloseWindow", "Quit", "Services", "BringAllToFront",
]  # fmt: skip
"""What the system itself does. Not every system has each of them."""


@dataclass(frozen=True, slots=True)
class _Item:
    """What a menu is made of: to type checkers a list of different ones is a list of these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry(_Item):
    """What entries with a text have in common."""

    id: str | None = None
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class MenuItem(_Entry):
    """An entry of a menu.

    Attributes:
        text: What it shows; `&` marks the letter that chooses it.
        on_click: What is called with its id when it is chosen.
        accelerator: Keys that choose it, such as `CmdOrCtrl+O`. What Tauri cannot read is ignored.
        id: Its id, by which `menu.get` finds it; by default one that nothing else has.
        enabled: Whether it can be chosen.
    """

    text: str
    on_click: OnClick | None = None
    accelerator: str | None = None


@dataclass(frozen=True, slots=True)
class CheckMenuItem(_Entry):
    """An entry that is checked or not; a click changes that.

    Attributes:
        text: What it shows.
        on_click: What is called with its id when it is chosen.
        checked: Whether it is checked at first.
        accelerator: Keys that choose it.
        id: Its id.
        enabled: Whether it can be chosen.
    """

    text: str
    on_click: OnClick | None = None
    checked: bool = False
    accelerator: str | None = None


@dataclass(frozen=True, slots=True)
class IconMenuItem(_Entry):
    """An entry with an image.

    Attributes:
        text: What it shows.
        icon: The image.
        on_click: What is called with its id when it is chosen.
        accelerator: Keys that choose it.
        id: Its id.
        enabled: Whether it can be chosen.
    """

    text: str
    icon: Image
    on_click: OnClick | None = None
    accelerator: str | None = None


@dataclass(frozen=True, slots=True)
class PredefinedMenuItem(_Item):
    """An entry for what the system itself does.

    Attributes:
        item: What that is.
        text: What it shows, in place of the system's own word.
    """

    item: PredefinedKind
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Separator(_Item):
    """A line between entries."""


@dataclass(frozen=True, slots=True)
class About(_Item):
    """An entry that shows a dialog about the app; what is left out is not in the dialog.

    Attributes:
        text: What the entry shows, in place of the system's own word.
        name: The app's name.
        version: Its version.
        authors: Who made it.
        comments: What it is.
        copyright: Whose it is.
        license: Under which licence.
        website: Its website.
        icon: Its image.
    """

    text: str | None = None
    name: str | None = None
    version: str | None = None
    authors: Sequence[str] | None = None
    comments: str | None = None
    copyright: str | None = None
    license: str | None = None
    website: str | None = None
    icon: Image | None = None


@dataclass(frozen=True, slots=True)
class Submenu(_Entry):
    """A menu in a menu.

    Attributes:
        text: What its entry shows.
        items: Its entries.
        icon: The image of its entry.
        id: Its id.
        enabled: Whether it can be opened.
    """

    text: str
    items: Sequence[Item] = ()
    icon: Image | None = None


class Entry(Protocol):
    """A handle of an entry or a submenu, which the app has already."""

    def menu_entry(self) -> list[object]:
        """Give what stands for it in a menu."""


Item: TypeAlias = _Item | Entry
"""What a menu may have."""


class Built:
    """Entries as Tauri takes them, and the functions that they call.

    The entries have `channel` where the channel for their clicks is to stand, once that is known.
    """

    def __init__(self, new_id: Callable[[], str]) -> None:
        """Begin with none; `new_id` gives ids to entries that have none."""
        self.handlers: list[tuple[object, Callable[[Any], object]]] = []
        self.channel: Channel = Channel()
        self._new_id = new_id
        self._level = 0

    def items(self, items: Sequence[Item], name: str) -> list[object]:
        """Take the entries of a menu; `TypeError` names the one that is none, `ValueError` is for one in too many."""
        if self._level == MOST_LEVELS:
            msg = f"the menu has more than {MOST_LEVELS} menus in each other, at `{name}`; take some levels out"
            raise ValueError(msg)
        self._level += 1
        try:
            return arguments.many(self.item)(items, name)
        finally:
            self._level -= 1

    def item(self, item: Any, name: str) -> object:
        """Take one entry."""
        entry: object
        match item:
            case Separator():
                entry = {"item": "Separator"}
            case PredefinedMenuItem():
                kind = arguments.one_of(get_args(PredefinedKind))(item.item, f"{name}.item")
                entry = {"item": kind, **_given(text=(item.text, arguments.text), of=name)}
            case About():
                entry = {"item": {"About": _about(item, name)}, **_given(text=(item.text, arguments.text), of=name)}
            case Submenu():
                entry = {**self.head(item, name), "items": self.items(item.items, f"{name}.items")}
            case MenuItem() | CheckMenuItem() | IconMenuItem():
                entry = self.head(item, name)
                if item.on_click is not None:
                    if not callable(item.on_click):
                        arguments.wrong(f"{name}.on_click", "a function of one argument", item.on_click)
                    self.handlers.append((entry["id"], item.on_click))
                    entry["handler"] = self.channel
            case _ if hasattr(item, "menu_entry"):
                entry = item.menu_entry()
            case _:
                wanted = "a MenuItem, a Submenu, another of `sidecar_bridge.tauri.menu`, or a handle"
                arguments.wrong(name, wanted, item)
        return entry

    def head(self, item: Any, name: str) -> dict[str, object]:
        """Take what an entry has beside its handler and its own entries."""
        head: dict[str, object] = {
            "id": self._new_id() if item.id is None else arguments.text(item.id, f"{name}.id"),
            "text": arguments.text(item.text, f"{name}.text"),
            "enabled": arguments.boolean(item.enabled, f"{name}.enabled"),
        }
        if isinstance(item, CheckMenuItem):
            head["checked"] = arguments.boolean(item.checked, f"{name}.checked")
        if isinstance(item, IconMenuItem) or (isinstance(item, Submenu) and item.icon is not None):
            head["icon"] = arguments.image(item.icon, f"{name}.icon")
        if getattr(item, "accelerator", None) is not None:
            head["accelerator"] = arguments.text(item.accelerator, f"{name}.accelerator")
        return head


class Channel:
    """Stands for a channel that is not open yet."""

    is_known_as: Any = None

    def __bridge_json__(self) -> object:
        """Give what stands for the channel."""
        return self.is_known_as.__bridge_json__()


def _about(about: About, name: str) -> dict[str, object]:
    texts = {each: (getattr(about, each), arguments.text) for each in _TEXTS}
    authors = (about.authors, arguments.many(arguments.text))
    return _given(of=name, **texts, authors=authors, icon=(about.icon, arguments.image))


_TEXTS = ("name", "version", "comments", "copyright", "license", "website")


def _given(of: str, **members: tuple[object, Callable[[Any, str], object]]) -> dict[str, object]:
    return {each: take(value, f"{of}.{each}") for each, (value, take) in members.items() if value is not None}
