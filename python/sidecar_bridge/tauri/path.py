# Generated from `tools/tauri-api/tauri-api.json` by `tools/tauri-api/emit.py`: do not edit.
# Descriptions are Tauri's, adapted: see NOTICE in the package's licences.

"""Types of Tauri's directories and paths."""

from __future__ import annotations

from enum import Enum


class BaseDirectory(Enum):
    """Base directory."""

    AUDIO = 1
    CACHE = 2
    CONFIG = 3
    DATA = 4
    LOCAL_DATA = 5
    DOCUMENT = 6
    DOWNLOAD = 7
    PICTURE = 8
    PUBLIC = 9
    VIDEO = 10
    RESOURCE = 11
    TEMP = 12
    APP_CONFIG = 13
    APP_DATA = 14
    APP_LOCAL_DATA = 15
    APP_CACHE = 16
    APP_LOG = 17
    DESKTOP = 18
    EXECUTABLE = 19
    FONT = 20
    HOME = 21
    RUNTIME = 22
    TEMPLATE = 23
