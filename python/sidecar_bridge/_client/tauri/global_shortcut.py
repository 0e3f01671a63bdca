# Generated from `_client/tauri/async_global_shortcut.py` by `python/tools/blocking.py`: do not edit.

# Generated from `tools/tauri-api/tauri-api.json` by `tools/tauri-api/emit.py`: do not edit.
# Descriptions are Tauri's, adapted: see NOTICE in the package's licences.

"""Tauri's plugin global-shortcut: keys of the whole desktop, for blocking code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar_bridge._client.failure import loading
from sidecar_bridge._client.tauri.plugin import Plugin
from sidecar_bridge.tauri import _arguments as arguments
from sidecar_bridge.tauri import _results as results

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sidecar_bridge._client.tauri.shortcut import Shortcut
    from sidecar_bridge.tauri.events import ShortcutEvent


class GlobalShortcut(Plugin):
    """Plugin global-shortcut: keys of the whole desktop.

    Every method has Tauri's own meaning, and needs its permission.
    """

    _prefix = "plugin:global-shortcut|"

    def unregister(self, shortcuts: Sequence[str]) -> None:
        """Unregister a global shortcut or a list of shortcuts.

        One that is not registered is no error.

        Needs `global-shortcut:allow-unregister`.

        Args:
            shortcuts: A shortcut definition, or a list of shortcut definitions, with modifiers and key separated by "+"
                e.g. CmdOrControl+Q
        """
        return self._call(
            "unregister", {"shortcuts": arguments.many(arguments.text)(shortcuts, "shortcuts")}, results.nothing
        )

    def unregister_all(self) -> None:
        """Unregister all global shortcuts.

        Needs `global-shortcut:allow-unregister-all`.
        """
        return self._call("unregister_all", {}, results.nothing)

    def is_registered(self, shortcut: str) -> bool:
        """Determine whether the given shortcut is registered by this application or not.

        If the shortcut is registered by another application, it will still return `False`.

        A string that is no accelerator is a `CommandError`.

        Needs `global-shortcut:allow-is-registered`.

        Args:
            shortcut: shortcut definition, modifiers and key separated by "+" e.g. CmdOrControl+Q
        """
        return self._call("is_registered", {"shortcut": arguments.text(shortcut, "shortcut")}, results.boolean)

    def register(self, shortcut: str, handler: Callable[[ShortcutEvent], object]) -> Shortcut:
        """Call a function when the user presses and releases keys, whatever window has the keyboard.

        The shortcut ends with `close`, with its block, or with this sidecar. One that is taken, in this app or
        elsewhere, is a `CommandError`, and so is a string that is no accelerator.

        Needs `global-shortcut:allow-register`, and `global-shortcut:allow-unregister` for its end.

        Args:
            shortcut: Modifiers and one key, such as `CmdOrCtrl+Shift+K`.
            handler: What is called, once as the keys go down and once as they go up.
        """
        with loading:
            from sidecar_bridge._client.tauri.shortcut import register  # noqa: PLC0415 - only this needs it

        return register(self, shortcut, handler)
