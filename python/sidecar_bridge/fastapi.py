"""The host as a dependency of FastAPI's routes.

Example::

    @app.post("/maximize")
    async def maximize(host: HostDep) -> None:
        await host.window().toggle_maximize()
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

import sidecar_bridge
from sidecar_bridge import AsyncHost, Host

__all__ = ["HostDep", "SyncHostDep", "get_host", "get_sync_host"]


async def get_host() -> AsyncHost:
    """Give the host of `sidecar_bridge.get_async_host`; `BridgeError` when no Tauri app started this process."""
    return sidecar_bridge.get_async_host()


async def get_sync_host() -> Host:
    """Give the same host for routes that are not `async`, which FastAPI runs in threads."""
    return sidecar_bridge.get_host()


HostDep = Annotated[AsyncHost, Depends(get_host)]
"""The host, for routes that are `async`."""

SyncHostDep = Annotated[Host, Depends(get_sync_host)]
"""The host, for routes that are not `async`."""
