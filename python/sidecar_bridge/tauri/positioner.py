# Generated from `tools/tauri-api/tauri-api.json` by `tools/tauri-api/emit.py`: do not edit.
# Descriptions are Tauri's, adapted: see NOTICE in the package's licences.

"""Types of Tauri's plugin positioner: well-known places for windows."""

from __future__ import annotations

from enum import Enum


class Position(Enum):
    """Well known window positions."""

    TOP_LEFT = 0
    TOP_RIGHT = 1
    BOTTOM_LEFT = 2
    BOTTOM_RIGHT = 3
    TOP_CENTER = 4
    BOTTOM_CENTER = 5
    LEFT_CENTER = 6
    RIGHT_CENTER = 7
    CENTER = 8
    TRAY_LEFT = 9
    TRAY_BOTTOM_LEFT = 10
    TRAY_RIGHT = 11
    TRAY_BOTTOM_RIGHT = 12
    TRAY_CENTER = 13
    TRAY_BOTTOM_CENTER = 14
