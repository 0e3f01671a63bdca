"""A window of a fake host."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

COMMANDS = {
    "maximize": "maximize",
    "restore": "unmaximize",
    "minimize": "minimize",
    "unminimize": "unminimize",
    "show": "show",
    "hide": "hide",
    "focus": "set_focus",
    "close": "close",
}
"""The command behind each action of `POST /window` but `toggle`."""

DONE = {
    "maximize": "maximized",
    "unmaximize": "restored",
    "minimize": "minimized",
    "unminimize": "unminimized",
    "show": "shown",
    "hide": "hidden",
    "set_focus": "focused",
    "close": "closed",
}
"""What is said of a window after each of these commands."""


@dataclass
class FakeWindow:
    """A window that does what `Window` and `POST /window` can ask for; a test may read and set every member."""

    title: str = ""
    maximized: bool = False
    minimized: bool = False
    visible: bool = True
    focused: bool = False
    inner_size: tuple[int, int] = (800, 600)
    outer_size: tuple[int, int] = (800, 630)

    def _run(self, command: str, args: Mapping[str, Any]) -> Any:
        """Run a command of Tauri's windows; `KeyError` for one that this window does not know."""
        match command:
            case "is_maximized" | "is_minimized" | "is_visible" | "is_focused":
                return getattr(self, command.removeprefix("is_"))
            case "title":
                return self.title
            case "inner_size" | "outer_size":
                return dict(zip(("width", "height"), getattr(self, command), strict=True))
            case "set_title":
                self.title = args["value"]
            case "toggle_maximize":
                self.maximized = not self.maximized
            case "set_focus":
                self.focused = self.visible = True
            case "close":
                pass
            case _:
                member, value = {
                    "maximize": ("maximized", True),
                    "unmaximize": ("maximized", False),
                    "minimize": ("minimized", True),
                    "unminimize": ("minimized", False),
                    "show": ("visible", True),
                    "hide": ("visible", False),
                }[command]
                setattr(self, member, value)
        return None
