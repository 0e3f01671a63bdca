"""Methods of `AsyncWindow` that no command is behind; `emit.py` puts them into the class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar_bridge._client.failure import loading
from sidecar_bridge._client.tauri.async_window import AsyncWindow as _Made

if TYPE_CHECKING:
    from collections.abc import Callable

    from sidecar_bridge._client.async_handlers import AsyncHandling
    from sidecar_bridge.tauri.dpi import PhysicalPosition, PhysicalSize
    from sidecar_bridge.tauri.events import CloseRequested, DragDrop, ScaleFactorChanged
    from sidecar_bridge.tauri.window import Theme


class AsyncWindow(_Made):
    """The class that is made, with these."""

    async def on_close_requested(
        self, handler: Callable[[CloseRequested], object], *, timeout_s: float = 5.0
    ) -> AsyncHandling:
        """Call a function before the window closes, by its user or by `close`; it may prevent that.

        The window closes once the function has returned, unless it has called `prevent_default`; also if it raises,
        which goes to the log, and if it takes longer than `timeout_s`. A window stays open for nobody who is gone: when
        this sidecar ends, the window closes as if nobody had been asked. `destroy` asks nobody.

        If the page listens to `onCloseRequested`, it decides as well: either one can keep the window open, and the page
        closes it once its own handler has returned.

        Needs `core:event:allow-listen`, which `core:event:default` has.

        Args:
            handler: What is called.
            timeout_s: How long the window waits for `prevent_default` or the end of the function, in seconds.
        """
        with loading:
            from sidecar_bridge._client.async_handlers import closing_handling  # noqa: PLC0415 - only this needs it
            from sidecar_bridge._client.tauri.heard import closing  # noqa: PLC0415
            from sidecar_bridge.tauri.events import CloseRequested  # noqa: PLC0415

        kind = closing(timeout_s)
        return await closing_handling(self._link, kind, self._label, handler, self._timeout_s, make=CloseRequested)

    async def on_resized(self, handler: Callable[[PhysicalSize], object]) -> AsyncHandling:
        """Call a function with each new size of the window.

        Needs `core:event:allow-listen`, which `core:event:default` has.

        Args:
            handler: What is called; several times for one change, also with a size that did not change.
        """
        with loading:
            from sidecar_bridge._client.async_handlers import handling  # noqa: PLC0415 - only this needs it
            from sidecar_bridge._client.tauri.heard import RESIZED  # noqa: PLC0415

        return await handling(self._link, RESIZED, self._label, handler, self._timeout_s)

    async def on_moved(self, handler: Callable[[PhysicalPosition], object]) -> AsyncHandling:
        """Call a function with each new position of the window.

        Needs `core:event:allow-listen`, which `core:event:default` has.

        Args:
            handler: What is called; several times for one change, also with a position that did not change.
        """
        with loading:
            from sidecar_bridge._client.async_handlers import handling  # noqa: PLC0415 - only this needs it
            from sidecar_bridge._client.tauri.heard import MOVED  # noqa: PLC0415

        return await handling(self._link, MOVED, self._label, handler, self._timeout_s)

    async def on_focus_changed(self, handler: Callable[[bool], object]) -> AsyncHandling:
        """Call a function when the window gets the keyboard, with `True`, and when it loses it.

        Needs `core:event:allow-listen`, which `core:event:default` has.

        Args:
            handler: What is called.
        """
        with loading:
            from sidecar_bridge._client.async_handlers import handling  # noqa: PLC0415 - only this needs it
            from sidecar_bridge._client.tauri.heard import FOCUS  # noqa: PLC0415

        return await handling(self._link, FOCUS, self._label, handler, self._timeout_s)

    async def on_theme_changed(self, handler: Callable[[Theme], object]) -> AsyncHandling:
        """Call a function with the theme when the system changes it. Not on Linux.

        Needs `core:event:allow-listen`, which `core:event:default` has.

        Args:
            handler: What is called.
        """
        with loading:
            from sidecar_bridge._client.async_handlers import handling  # noqa: PLC0415 - only this needs it
            from sidecar_bridge._client.tauri.heard import THEMES  # noqa: PLC0415

        return await handling(self._link, THEMES, self._label, handler, self._timeout_s)

    async def on_scale_changed(self, handler: Callable[[ScaleFactorChanged], object]) -> AsyncHandling:
        """Call a function when the window comes to a screen of another scale.

        Needs `core:event:allow-listen`, which `core:event:default` has.

        Args:
            handler: What is called.
        """
        with loading:
            from sidecar_bridge._client.async_handlers import handling  # noqa: PLC0415 - only this needs it
            from sidecar_bridge._client.tauri.heard import SCALES  # noqa: PLC0415

        return await handling(self._link, SCALES, self._label, handler, self._timeout_s)

    async def on_drag_drop(self, handler: Callable[[DragDrop], object]) -> AsyncHandling:
        """Call a function when files are dragged over the window, and dropped.

        Needs `core:event:allow-listen`, which `core:event:default` has.

        Args:
            handler: What is called: `enter`, any number of `over`, then `drop` or `leave`.
        """
        with loading:
            from sidecar_bridge._client.async_handlers import handling  # noqa: PLC0415 - only this needs it
            from sidecar_bridge._client.tauri.heard import DRAGS  # noqa: PLC0415

        return await handling(self._link, DRAGS, self._label, handler, self._timeout_s)
