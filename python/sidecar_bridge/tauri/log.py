# Generated from `tools/tauri-api/tauri-api.json` by `tools/tauri-api/emit.py`: do not edit.
# Descriptions are Tauri's, adapted: see NOTICE in the package's licences.

"""Types of Tauri's plugin log: the app's log."""

from __future__ import annotations

from enum import Enum

from sidecar_bridge.tauri._handler import LogHandler as LogHandler  # noqa: PLC0414


class LogLevel(Enum):
    """The verbosity level of a log entry, matching the levels of the Rust `log` crate."""

    TRACE = 1
    """The "trace" level.

    Designates very low priority, often extremely verbose, information.
    """
    DEBUG = 2
    """The "debug" level.

    Designates lower priority information.
    """
    INFO = 3
    """The "info" level.

    Designates useful information.
    """
    WARN = 4
    """The "warn" level.

    Designates hazardous situations.
    """
    ERROR = 5
    """The "error" level.

    Designates very serious errors.
    """
