"""The host as a dependency of FastAPI's routes.

@app.post("/maximize")
async def maximize(host: HostDep) -> None:
    await host.window().toggle_maximize()
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from sidecar_bridge import AsyncHost, Host
from sidecar_bridge._serve.current import current_hosts

__all__ = ["HostDep", "SyncHostDep", "get_host", "get_sync_host"]


async def get_host() -> AsyncHost:
    """Give the host that started this sidecar; `BridgeError` when the app is not run by `sidecar_bridge.serve`."""
    return current_hosts().for_asyncio


async def get_sync_host() -> Host:
    """Give the same host for routes that are not `async`, which FastAPI runs in threads."""
    return current_hosts().blocking


HostDep = Annotated[AsyncHost, Depends(get_host)]
"""The host, for routes that are `async`."""

SyncHostDep = Annotated[Host, Depends(get_sync_host)]
"""The host, for routes that are not `async`."""
