"""Methods of `AsyncGlobalShortcut` that are written by hand; `emit.py` puts them into the class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar_bridge._client.failure import loading
from sidecar_bridge._client.tauri.async_global_shortcut import AsyncGlobalShortcut as _Made

if TYPE_CHECKING:
    from collections.abc import Callable

    from sidecar_bridge._client.tauri.async_shortcut import AsyncShortcut
    from sidecar_bridge.tauri.events import ShortcutEvent


class AsyncGlobalShortcut(_Made):
    """The class that is made, with these."""

    async def register(self, shortcut: str, handler: Callable[[ShortcutEvent], object]) -> AsyncShortcut:
        """Call a function when the user presses and releases keys, whatever window has the keyboard.

        The shortcut ends with `close`, with its block, or with this sidecar. One that is taken, in this app or
        elsewhere, is a `CommandError`, and so is a string that is no accelerator.

        Needs `global-shortcut:allow-register`, and `global-shortcut:allow-unregister` for its end.

        Args:
            shortcut: Modifiers and one key, such as `CmdOrCtrl+Shift+K`.
            handler: What is called, once as the keys go down and once as they go up.
        """
        with loading:
            from sidecar_bridge._client.tauri.async_shortcut import register  # noqa: PLC0415 - only this needs it

        return await register(self, shortcut, handler)
