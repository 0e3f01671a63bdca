# Generated from `tools/tauri-api/tauri-api.json` by `tools/tauri-api/emit.py`: do not edit.
# Descriptions are Tauri's, adapted: see NOTICE in the package's licences.

"""Tauri's plugin cli: what the app was started with, for asyncio."""

from __future__ import annotations

from sidecar_bridge._client.tauri.async_plugin import AsyncPlugin
from sidecar_bridge.tauri.cli import CliMatches


class AsyncCli(AsyncPlugin):
    """Plugin cli: what the app was started with.

    Every method has Tauri's own meaning, and needs its permission.
    """

    _prefix = "plugin:cli|"

    async def matches(self) -> CliMatches:
        """Parse the arguments provided to the current process.

        Parse the arguments provided to the current process and get the matches using the configuration defined
        `tauri.cli` in `tauri.conf.json`.

        Needs `cli:allow-cli-matches`, which `cli:default` has.
        """
        return await self._call("cli_matches", {}, CliMatches._read)
