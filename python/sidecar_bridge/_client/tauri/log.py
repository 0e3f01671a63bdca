# Generated from `_client/tauri/async_log.py` by `python/tools/blocking.py`: do not edit.

# Generated from `tools/tauri-api/tauri-api.json` by `tools/tauri-api/emit.py`: do not edit.
# Descriptions are Tauri's, adapted: see NOTICE in the package's licences.

"""Tauri's plugin log: the app's log, for blocking code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar_bridge._client.tauri.plugin import Plugin
from sidecar_bridge.tauri import _arguments as arguments
from sidecar_bridge.tauri import _results as results
from sidecar_bridge.tauri.log import LogLevel

if TYPE_CHECKING:
    from collections.abc import Mapping


class Log(Plugin):
    """Plugin log: the app's log.

    Every method has Tauri's own meaning, and needs its permission.
    """

    _prefix = "plugin:log|"

    def log(
        self,
        level: LogLevel,
        message: str,
        location: str | None = None,
        file: str | None = None,
        line: int | None = None,
        key_values: Mapping[str, str] | None = None,
    ) -> None:
        """Write a line to the app's log.

        The values of `key_values` are strings.

        Needs `log:allow-log`, which `log:default` has.
        """
        args: dict[str, object] = {
            "level": arguments.member(LogLevel)(level, "level"),
            "message": arguments.text(message, "message"),
        }
        if location is not None:
            args["location"] = arguments.text(location, "location")
        if file is not None:
            args["file"] = arguments.text(file, "file")
        if line is not None:
            args["line"] = arguments.integer(line, "line")
        if key_values is not None:
            args["keyValues"] = arguments.mapping(arguments.text)(key_values, "key_values")
        return self._call("log", args, results.nothing)
