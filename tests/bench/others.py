"""Other HTTP clients for asyncio, on the host's socket.

`scripts/bench` alone installs them, in a place of their own; so they are unknown to mypy, and imported by name.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from importlib import import_module
from typing import Any

from host_process import Endpoint

aiohttp: Any = import_module("aiohttp")
httpx: Any = import_module("httpx")
uvloop: Any = import_module("uvloop")

URL = "http://localhost/v1/invoke"
TIMEOUT_S = 5.0
TIMEOUT_MS = "5000"
"""The same for the host, which keeps every caller's deadline."""
CONNECTIONS = 64

Call = Callable[[], Awaitable[Any]]


def uvloop_loop() -> asyncio.AbstractEventLoop:
    """Another event loop, written in C."""
    loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
    return loop


@asynccontextmanager
async def aiohttp_session(host: Endpoint) -> AsyncIterator[Any]:
    """aiohttp as its documentation has it, with as many connections as calls."""
    async with aiohttp.ClientSession(
        connector=aiohttp.UnixConnector(host.path, limit=CONNECTIONS),
        headers={"Authorization": f"Bearer {host.token}", "Bridge-Timeout-Ms": TIMEOUT_MS},
        timeout=aiohttp.ClientTimeout(total=TIMEOUT_S),
    ) as session:
        yield session


@asynccontextmanager
async def aiohttp_greet(host: Endpoint) -> AsyncIterator[Call]:
    """A call of `greet` with aiohttp."""
    async with aiohttp_session(host) as session:

        async def greet() -> Any:
            async with session.post(f"{URL}/greet", json={"name": "Ada"}) as response:
                response.raise_for_status()
                return await response.json()

        yield greet


@asynccontextmanager
async def httpx_greet(host: Endpoint) -> AsyncIterator[Call]:
    """A call of `greet` with httpx."""
    async with httpx.AsyncClient(
        transport=httpx.AsyncHTTPTransport(
            uds=host.path,
            limits=httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS),
        ),
        headers={"Authorization": f"Bearer {host.token}", "Bridge-Timeout-Ms": TIMEOUT_MS},
        timeout=TIMEOUT_S,
    ) as client:

        async def greet() -> Any:
            response = await client.post(f"{URL}/greet", json={"name": "Ada"})
            response.raise_for_status()
            return response.json()

        yield greet
