# Generated from `tools/tauri-api/tauri-api.json` by `tools/tauri-api/emit.py`: do not edit.
# Descriptions are Tauri's, adapted: see NOTICE in the package's licences.

"""Types of Tauri's plugin window-state: where windows were."""

from __future__ import annotations

from enum import IntFlag


class StateFlags(IntFlag):
    """State flags."""

    SIZE = 1
    POSITION = 2
    MAXIMIZED = 4
    VISIBLE = 8
    DECORATIONS = 16
    FULLSCREEN = 32
    ALL = 63
