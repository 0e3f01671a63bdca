# Generated from `_client/tauri/async_window_state.py` by `python/tools/blocking.py`: do not edit.

# Generated from `tools/tauri-api/tauri-api.json` by `tools/tauri-api/emit.py`: do not edit.
# Descriptions are Tauri's, adapted: see NOTICE in the package's licences.

"""Tauri's plugin window-state: where windows were, for blocking code."""

from __future__ import annotations

from sidecar_bridge._client.tauri.plugin import Plugin
from sidecar_bridge.tauri import _arguments as arguments
from sidecar_bridge.tauri import _results as results
from sidecar_bridge.tauri.window_state import StateFlags


class WindowState(Plugin):
    """Plugin window-state: where windows were.

    Every method has Tauri's own meaning, and needs its permission.
    """

    _prefix = "plugin:window-state|"

    def save(self, flags: StateFlags | None = None) -> None:
        """Save the state of all open windows to disk.

        Without `flags` the plugin's own are taken.

        Needs `window-state:allow-save-window-state`, which `window-state:default` has.
        """
        args: dict[str, object] = {}
        if flags is not None:
            args["flags"] = arguments.member(StateFlags)(flags, "flags")
        return self._call("save_window_state", args, results.nothing)

    def restore(self, label: str, flags: StateFlags | None = None) -> None:
        """Restore the state for the specified window from disk.

        Needs `window-state:allow-restore-state`, which `window-state:default` has.
        """
        args: dict[str, object] = {"label": arguments.text(label, "label")}
        if flags is not None:
            args["flags"] = arguments.member(StateFlags)(flags, "flags")
        return self._call("restore_state", args, results.nothing)

    def filename(self) -> str:
        """Get the name of the file used to store window state.

        Needs `window-state:allow-filename`, which `window-state:default` has.
        """
        return self._call("filename", {}, results.text)
