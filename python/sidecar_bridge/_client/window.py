# Generated from `_client/async_window.py` by `python/tools/blocking.py`: do not edit.

"""A window of the app, for blocking code: Tauri's own window commands, judged by its ACL one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sidecar_bridge._client import wire
from sidecar_bridge._client.size import Size

if TYPE_CHECKING:
    from sidecar_bridge._client.link import Link


class Window:
    """One window of the app; each method is the Tauri command of that name and needs its permission.

    Every method raises what `Host.invoke` raises; `not_found` when no window has the label.
    """

    def __init__(self, link: Link, label: str | None, timeout_s: float | None) -> None:
        """Made by `Host.window`."""
        self._link = link
        self._label = label
        self._timeout_s = timeout_s

    def __repr__(self) -> str:
        return f"Window(label={self._label!r})"

    def toggle_maximize(self) -> None:
        """Restore the window if it is maximized, else maximize it: `core:window:allow-toggle-maximize`."""
        self._run("toggle_maximize")

    def maximize(self) -> None:
        """Maximize the window: `core:window:allow-maximize`."""
        self._run("maximize")

    def unmaximize(self) -> None:
        """Give a maximized window its former size: `core:window:allow-unmaximize`."""
        self._run("unmaximize")

    def minimize(self) -> None:
        """Minimize the window: `core:window:allow-minimize`."""
        self._run("minimize")

    def unminimize(self) -> None:
        """Bring a minimized window back: `core:window:allow-unminimize`."""
        self._run("unminimize")

    def show(self) -> None:
        """Show the window: `core:window:allow-show`."""
        self._run("show")

    def hide(self) -> None:
        """Hide the window: `core:window:allow-hide`."""
        self._run("hide")

    def close(self) -> None:
        """Ask the window to close; the app may prevent it: `core:window:allow-close`."""
        self._run("close")

    def set_focus(self) -> None:
        """Bring the window to the front and focus it: `core:window:allow-set-focus`."""
        self._run("set_focus")

    def set_title(self, title: str) -> None:
        """Set the window's title: `core:window:allow-set-title`."""
        self._run("set_title", value=title)

    def is_maximized(self) -> bool:
        """Tell whether the window is maximized: `core:window:allow-is-maximized`."""
        return bool(self._run("is_maximized"))

    def is_minimized(self) -> bool:
        """Tell whether the window is minimized: `core:window:allow-is-minimized`."""
        return bool(self._run("is_minimized"))

    def is_visible(self) -> bool:
        """Tell whether the window is shown: `core:window:allow-is-visible`."""
        return bool(self._run("is_visible"))

    def is_focused(self) -> bool:
        """Tell whether the window has the focus: `core:window:allow-is-focused`."""
        return bool(self._run("is_focused"))

    def title(self) -> str:
        """Give the window's title: `core:window:allow-title`."""
        return str(self._run("title"))

    def inner_size(self) -> Size:
        """Give the size of the window's content: `core:window:allow-inner-size`."""
        return Size(**self._run("inner_size"))

    def outer_size(self) -> Size:
        """Give the size of the window with its frame: `core:window:allow-outer-size`."""
        return Size(**self._run("outer_size"))

    def _run(self, command: str, **args: object) -> Any:
        # The command runs in the window itself: a label in `args` would let the first window's grants decide.
        request = wire.invoke(f"plugin:window|{command}", args, self._label)
        return self._link.ask(request, self._timeout_s)
