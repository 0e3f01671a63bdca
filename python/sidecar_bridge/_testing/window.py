"""A window of a fake host."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sidecar_bridge._testing.replies import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

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


def label_of(windows: Mapping[str, FakeWindow], label: str | None, grants: Callable[[str], bool]) -> str:
    """Give the label of the window that a call runs in; without one `main`, or the oldest window that `grants`."""
    if label is None:
        if not windows:
            remedy = "open one first, or set `agent` in the sidecar's configuration"
            raise Refused("unavailable", f"no window is open for the command to run in; {remedy}")
        return "main" if "main" in windows else next(filter(grants, windows), next(iter(windows)))
    if label not in windows:
        detail = f"there is no window `{label}`; a test makes one: `fake_host.windows[{label!r}] = FakeWindow()`"
        raise Refused("not_found", detail)
    return label


def named_in(windows: Mapping[str, FakeWindow], command: str, args: object, label: str) -> str:
    """Give the label in the arguments, which Tauri's own commands act on; else that of the window they run in."""
    named = args.get("label") if isinstance(args, dict) else None
    if not named:
        return label
    if named not in windows:
        raise Refused.by_command(command, "window not found")
    return str(named)
