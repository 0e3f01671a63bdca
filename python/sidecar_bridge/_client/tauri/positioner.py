# Generated from `_client/tauri/async_positioner.py` by `python/tools/blocking.py`: do not edit.

# Generated from `tools/tauri-api/tauri-api.json` by `tools/tauri-api/emit.py`: do not edit.
# Descriptions are Tauri's, adapted: see NOTICE in the package's licences.

"""Tauri's plugin positioner: well-known places for windows, for blocking code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar_bridge._client.tauri.plugin import Plugin
from sidecar_bridge.tauri import _arguments as arguments
from sidecar_bridge.tauri import _results as results
from sidecar_bridge.tauri.positioner import Position

if TYPE_CHECKING:
    from sidecar_bridge.tauri.dpi import PhysicalPosition, PhysicalSize


class Positioner(Plugin):
    """Plugin positioner: well-known places for windows.

    Every method has Tauri's own meaning, and needs its permission.
    """

    _prefix = "plugin:positioner|"

    def move_window(self, to: Position) -> None:
        """Move the window to a well-known place.

        The positions by the tray need the feature `tray-icon` of the plugin.

        Needs `positioner:allow-move-window`, which `positioner:default` has.

        Args:
            to: The `Position` to move to.
        """
        return self._call("move_window", {"position": arguments.member(Position)(to, "to")}, results.nothing)

    def move_window_constrained(self, to: Position) -> None:
        """Move the window to a place by the tray, and keep it on the screen.

        Needs `positioner:allow-move-window-constrained`, which `positioner:default` has. Only with the feature
        `tray-icon` of the plugin.

        Args:
            to: The (tray) `Position` to move to.
        """
        return self._call(
            "move_window_constrained", {"position": arguments.member(Position)(to, "to")}, results.nothing
        )

    def set_tray_icon_state(self, position: PhysicalPosition, size: PhysicalSize) -> None:
        """Tell the plugin where the icon in the tray is.

        Needs `positioner:allow-set-tray-icon-state`, which `positioner:default` has. Only with the feature `tray-icon`
        of the plugin.
        """
        return self._call(
            "set_tray_icon_state",
            {
                "position": arguments.physical_position(position, "position"),
                "size": arguments.physical_size(size, "size"),
            },
            results.nothing,
        )
