# Generated from `tools/tauri-api/tauri-api.json` by `tools/tauri-api/emit.py`: do not edit.
# Descriptions are Tauri's, adapted: see NOTICE in the package's licences.

"""Tauri's plugin autostart: the app starts when the user logs in, for asyncio."""

from __future__ import annotations

from sidecar_bridge._client.tauri.async_plugin import AsyncPlugin
from sidecar_bridge.tauri import _results as results


class AsyncAutostart(AsyncPlugin):
    """Plugin autostart: the app starts when the user logs in.

    Every method has Tauri's own meaning, and needs its permission.
    """

    _prefix = "plugin:autostart|"

    async def enable(self) -> None:
        """Let the app start when the user logs in.

        Needs `autostart:allow-enable`, which `autostart:default` has.
        """
        return await self._call("enable", {}, results.nothing)

    async def disable(self) -> None:
        """Let the app no longer start when the user logs in.

        Needs `autostart:allow-disable`, which `autostart:default` has.
        """
        return await self._call("disable", {}, results.nothing)

    async def is_enabled(self) -> bool:
        """Tell whether the app starts when the user logs in.

        Needs `autostart:allow-is-enabled`, which `autostart:default` has.
        """
        return await self._call("is_enabled", {}, results.boolean)
