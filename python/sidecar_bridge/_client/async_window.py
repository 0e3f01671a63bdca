"""A window of the app, for asyncio: Tauri's own window commands, judged by its ACL one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sidecar_bridge._client import wire
from sidecar_bridge._client.size import Size

if TYPE_CHECKING:
    from sidecar_bridge._client.async_link import AsyncLink


class AsyncWindow:
    """One window of the app; each method is the Tauri command of that name and needs its permission.

    Every method raises what `AsyncHost.invoke` raises; `not_found` when no window has the label.
    """

    def __init__(self, link: AsyncLink, label: str | None, timeout_s: float | None) -> None:
        """Made by `AsyncHost.window`."""
        self._link = link
        self._label = label
        self._timeout_s = timeout_s

    def __repr__(self) -> str:
        return f"AsyncWindow(label={self._label!r})"

    async def toggle_maximize(self) -> None:
        """Restore the window if it is maximized, else maximize it: `core:window:allow-toggle-maximize`."""
        await self._run("toggle_maximize")

    async def maximize(self) -> None:
        """Maximize the window: `core:window:allow-maximize`."""
        await self._run("maximize")

    async def unmaximize(self) -> None:
        """Give a maximized window its former size: `core:window:allow-unmaximize`."""
        await self._run("unmaximize")

    async def minimize(self) -> None:
        """Minimize the window: `core:window:allow-minimize`."""
        await self._run("minimize")

    async def unminimize(self) -> None:
        """Bring a minimized window back: `core:window:allow-unminimize`."""
        await self._run("unminimize")

    async def show(self) -> None:
        """Show the window: `core:window:allow-show`."""
        await self._run("show")

    async def hide(self) -> None:
        """Hide the window: `core:window:allow-hide`."""
        await self._run("hide")

    async def close(self) -> None:
        """Ask the window to close; the app may prevent it: `core:window:allow-close`."""
        await self._run("close")

    async def set_focus(self) -> None:
        """Bring the window to the front and focus it: `core:window:allow-set-focus`."""
        await self._run("set_focus")

    async def set_title(self, title: str) -> None:
        """Set the window's title: `core:window:allow-set-title`."""
        await self._run("set_title", value=title)

    async def is_maximized(self) -> bool:
        """Tell whether the window is maximized: `core:window:allow-is-maximized`."""
        return bool(await self._run("is_maximized"))

    async def is_minimized(self) -> bool:
        """Tell whether the window is minimized: `core:window:allow-is-minimized`."""
        return bool(await self._run("is_minimized"))

    async def is_visible(self) -> bool:
        """Tell whether the window is shown: `core:window:allow-is-visible`."""
        return bool(await self._run("is_visible"))

    async def is_focused(self) -> bool:
        """Tell whether the window has the focus: `core:window:allow-is-focused`."""
        return bool(await self._run("is_focused"))

    async def title(self) -> str:
        """Give the window's title: `core:window:allow-title`."""
        return str(await self._run("title"))

    async def inner_size(self) -> Size:
        """Give the size of the window's content: `core:window:allow-inner-size`."""
        return Size(**await self._run("inner_size"))

    async def outer_size(self) -> Size:
        """Give the size of the window with its frame: `core:window:allow-outer-size`."""
        return Size(**await self._run("outer_size"))

    async def _run(self, command: str, **args: object) -> Any:
        # The command runs in the window itself: a label in `args` would let the first window's grants decide.
        request = wire.invoke(f"plugin:window|{command}", args, self._label)
        return await self._link.ask(request, self._timeout_s)
