"""The host of this process, for asyncio. Apart, for blocking code does not need asyncio."""

from __future__ import annotations

import asyncio

# Not for type checkers alone: a framework that injects the host looks the annotation up.
from sidecar_bridge._client.async_host import AsyncHost  # noqa: TC001
from sidecar_bridge._serve.current import current_hosts


def get_async_host() -> AsyncHost:
    """Give the host of `get_host` for the running event loop; each event loop has its own `AsyncHost`.

    Outside of `serve` the first call blocks until the app has answered, usually for less than 1 ms.

    Raises:
        BridgeError: No app started this process, or the app does not answer within 5 s.
        ProblemError: The app refuses this process; `detail` says why.
        RuntimeError: No event loop runs in this thread.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        raise RuntimeError("no event loop runs in this thread; blocking code calls `get_host()`") from None
    return current_hosts().for_asyncio
