"""The windows of a fake host."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sidecar_bridge._testing.call import FailedError
from sidecar_bridge._testing.replies import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from sidecar_bridge._testing.call import Call
    from sidecar_bridge._testing.desktop import FakeDesktop

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

_STEPS = {
    "maximize": ("maximized", True),
    "unmaximize": ("maximized", False),
    "minimize": ("minimized", True),
    "unminimize": ("minimized", False),
    "show": ("visible", True),
    "hide": ("visible", False),
}
_FLAGS = {
    "fullscreen": "fullscreen",
    "simple_fullscreen": "fullscreen",
    "decorations": "decorated",
    "resizable": "resizable",
    "maximizable": "maximizable",
    "minimizable": "minimizable",
    "closable": "closable",
    "enabled": "enabled",
    "always_on_top": "always_on_top",
}
"""The member that each `set_…` with a flag sets; `is_…` tells it."""


@dataclass
class FakeWindow:
    """A window that does what Tauri's commands ask for; a test may read and set every member.

    Sizes and positions are in physical pixels. `theme` is that of the desktop if it is `None`, `url` is what a window
    shows that the app has made.
    """

    title: str = ""
    maximized: bool = False
    minimized: bool = False
    visible: bool = True
    focused: bool = False
    inner_size: tuple[int, int] = (800, 600)
    outer_size: tuple[int, int] = (800, 630)
    outer_position: tuple[int, int] = (0, 0)
    fullscreen: bool = False
    decorated: bool = True
    resizable: bool = True
    maximizable: bool = True
    minimizable: bool = True
    closable: bool = True
    enabled: bool = True
    always_on_top: bool = False
    scale_factor: float = 1.0
    theme: str | None = None
    url: str | None = None

    def _ask(self, command: str, desktop: FakeDesktop) -> Any:
        """Answer a question; `KeyError` for what is none, or not about this window alone."""
        match command:
            case "title" | "scale_factor":
                return getattr(self, command)
            case "inner_size" | "outer_size":
                return dict(zip(("width", "height"), getattr(self, command), strict=True))
            case "outer_position":
                return dict(zip("xy", self.outer_position, strict=True))
            case "inner_position":
                # The frame is a title bar above the page.
                x, y = self.outer_position
                return {"x": x, "y": y + self.outer_size[1] - self.inner_size[1]}
            case "theme":
                return self.theme or desktop.theme
        kind, _, member = command.partition("_")
        if kind != "is" or not isinstance(getattr(self, member, None), bool):
            raise KeyError(command)
        return getattr(self, member)

    def _do(self, command: str, value: Any, desktop: FakeDesktop) -> None:
        """Do what a command says; what shows nowhere in this class is done by doing nothing."""
        if command in _STEPS:
            setattr(self, *_STEPS[command])
        elif member := _FLAGS.get(command.removeprefix("set_")):
            setattr(self, member, value)
        match command:
            case "set_title" | "set_theme":
                setattr(self, command.removeprefix("set_"), value)
            case "toggle_maximize":
                self.maximized = not self.maximized
            case "set_focus":
                self.focused = self.visible = True
            case "set_size":
                self._resize(*self._physical(value, "width", "height"))
            case "set_position":
                self.outer_position = self._physical(value, "x", "y")
            case "center":
                free = [whole - own for whole, own in zip(desktop.screen, self.outer_size, strict=True)]
                self.outer_position = (free[0] // 2, free[1] // 2)
            case "set_fullscreen_on_monitor":
                self.fullscreen = True

    def _resize(self, width: int, height: int) -> None:
        frame = [outer - inner for outer, inner in zip(self.outer_size, self.inner_size, strict=True)]
        self.inner_size = (width, height)
        self.outer_size = (width + frame[0], height + frame[1])

    def _physical(self, value: Mapping[str, Mapping[str, float]], *names: str) -> tuple[int, int]:
        """Give a size or a position, which says by its only key which pixels it is of."""
        ((kind, parts),) = value.items()
        first, second = (round(parts[name] * (self.scale_factor if kind == "Logical" else 1)) for name in names)
        return first, second


class Windows:
    """Tauri's commands of windows and their webviews."""

    def __init__(
        self, windows: dict[str, FakeWindow], desktop: FakeDesktop, acted: Callable[[str, str], object]
    ) -> None:
        """Work on those windows; `acted` hears which one was changed, and by which command."""
        self._windows = windows
        self._desktop = desktop
        self._acted = acted

    @property
    def labels(self) -> Collection[str]:
        """The labels of the windows that there are at any time."""
        return self._windows.keys()

    def run(self, label: str, command: str, value: Any = None) -> Any:
        """Run a command of windows in the one of that label."""
        match command:
            case "get_all_windows":
                return list(self._windows)
            case "current_monitor" | "primary_monitor" | "monitor_from_point":
                return self._desktop._monitor()
            case "available_monitors":
                return [self._desktop._monitor()]
            case "cursor_position":
                return dict(zip("xy", self._desktop.pointer, strict=True))
            case "set_cursor_position":
                self._desktop.pointer = self._windows[label]._physical(value, "x", "y")
            case "set_focus":
                for each in self._windows.values():
                    each.focused = False
        window = self._windows[label]
        try:
            return window._ask(command, self._desktop)
        except KeyError:
            window._do(command, value, self._desktop)
        if command in {"close", "destroy"}:
            del self._windows[label]
        self._acted(label, command)
        return None

    def answer(self, call: Call, label: str) -> Any:
        """Answer a command of `window` or `webview`, which the arguments may send to another window."""
        plugin, _, command = call.command.partition("|")
        args = call.args if isinstance(call.args, dict) else {}
        if command == "create_webview_window":
            return self._create(args["options"])
        if command == "get_all_webviews":
            return [{"label": each, "window_label": each} for each in self._windows]
        named = args.get("label") or label
        if named not in self._windows:
            raise FailedError("window not found" if plugin == "plugin:window" else "webview not found")
        if plugin == "plugin:window":
            return self.run(named, command, args.get("value"))
        window = self._windows[named]
        match command:
            case "webview_position":
                return {"x": 0, "y": 0}
            case "webview_size":
                return window._ask("inner_size", self._desktop)
            case "webview_close":
                del self._windows[named]
        return None

    def _create(self, options: Mapping[str, Any]) -> None:
        label = options.get("label", "main")
        if label in self._windows:
            msg = f"a webview with label `{label}` already exists"
            raise FailedError(msg)
        given = {name: value for name, value in options.items() if value is not None}
        scale = self._desktop.scale_factor
        width, height, x, y = (
            round(given.get(name, usual) * scale)
            for name, usual in (("width", 800), ("height", 600), ("x", 0), ("y", 0))
        )
        window = FakeWindow(
            given.get("title", "Tauri App"),
            outer_position=(x, y),
            scale_factor=scale,
            theme=given.get("theme"),
            url=given.get("url", "index.html"),
            focused=given.get("focus", True),
            decorated=given.get("decorations", True),
            always_on_top=given.get("alwaysOnTop", False),
        )
        window._resize(width, height)
        for name in ("visible", "maximized", "fullscreen", "resizable", "maximizable", "minimizable", "closable"):
            setattr(window, name, given.get(name, getattr(window, name)))
        self._windows[label] = window


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
