# Generated from `_client/tauri/async_process.py` by `python/tools/blocking.py`: do not edit.

# Generated from `tools/tauri-api/tauri-api.json` by `tools/tauri-api/emit.py`: do not edit.
# Descriptions are Tauri's, adapted: see NOTICE in the package's licences.

"""Tauri's plugin process: the end of the app, for blocking code."""

from __future__ import annotations

from sidecar_bridge._client.tauri.plugin import Plugin
from sidecar_bridge.tauri import _arguments as arguments
from sidecar_bridge.tauri import _results as results


class Process(Plugin):
    """Plugin process: the end of the app.

    Every method has Tauri's own meaning, and needs its permission.
    """

    _prefix = "plugin:process|"

    def exit(self, code: int = 0) -> None:
        """Exit immediately with the given `exit_code`.

        The app ends: an answer may still come, or a `TransportError`.

        Needs `process:allow-exit`, which `process:default` has.

        Args:
            code: The exit code to use.
        """
        return self._call("exit", {"code": arguments.integer(code, "code")}, results.nothing)

    def restart(self) -> None:
        """End the app and start it again.

        The app ends: an answer may still come, or a `TransportError`.

        Needs `process:allow-restart`, which `process:default` has.
        """
        return self._call("restart", {}, results.nothing)
