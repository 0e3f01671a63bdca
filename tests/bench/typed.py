"""Typed calls of Tauri's commands against `invoke` with the same arguments, on one core, in turn.

The window is asked for at each call, as an app writes it: `host.window("main").set_title("Orders")`. Exit code 1 when a
target is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable
from functools import partial

from contest import Contenders, Sample, in_turn, placed, timed, timed_async
from document import machine
from host_process import Endpoint, endpoint
from sidecar_bridge import AsyncHost, Host
from targets import conclude, table_of, times_as_long

MOST = 1.05
WARM = 50
TITLE = {"value": "Orders"}

CALLS: dict[str, Callable[[Host], object]] = {
    "is_maximized, typed": lambda host: host.window("main").is_maximized(),
    "is_maximized, invoke": lambda host: host.invoke("plugin:window|is_maximized", {}, window="main"),
    "set_title, typed": lambda host: host.window("main").set_title("Orders"),
    "set_title, invoke": lambda host: host.invoke("plugin:window|set_title", TITLE, window="main"),
}
ASYNC_CALLS: dict[str, Callable[[AsyncHost], Awaitable[object]]] = {
    "is_maximized, typed": lambda host: host.window("main").is_maximized(),
    "is_maximized, invoke": lambda host: host.invoke("plugin:window|is_maximized", {}, window="main"),
    "set_title, typed": lambda host: host.window("main").set_title("Orders"),
    "set_title, invoke": lambda host: host.invoke("plugin:window|set_title", TITLE, window="main"),
}


def blocking(endpoint: Endpoint, call: Callable[[Host], object], count: int) -> Sample:
    """Make so many calls of the blocking host."""
    with Host(endpoint.path, endpoint.token) as host:
        for _ in range(WARM):
            call(host)
        return timed(partial(call, host), count)


def awaited(endpoint: Endpoint, call: Callable[[AsyncHost], Awaitable[object]], count: int) -> Sample:
    """Make so many calls of the host for asyncio."""

    async def measure() -> Sample:
        async with AsyncHost(endpoint.path, endpoint.token) as host:
            for _ in range(WARM):
                await call(host)
            return await timed_async(partial(call, host), count)

    return asyncio.run(measure())


def main() -> int:
    """Measure, print, write, and give the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=30, help="how often each is measured")
    parser.add_argument("--calls", type=int, default=300, help="how many calls each makes in a round")
    arguments = parser.parse_args()
    rows, tables = [], []
    with endpoint() as host, placed("pinned", [host.pid]):
        twins: dict[str, Contenders] = {
            "sync": {name: partial(blocking, host, call, arguments.calls) for name, call in CALLS.items()},
            "async": {name: partial(awaited, host, call, arguments.calls) for name, call in ASYNC_CALLS.items()},
        }
        for twin, contenders in twins.items():
            results = in_turn(contenders, arguments.rounds)
            for command in ("is_maximized", "set_title"):
                typed, invoke = (results[f"{command}, {way}"].median_us for way in ("typed", "invoke"))
                rows.append(times_as_long(f"{twin} p50, {command}, against invoke", MOST, typed, invoke))
            tables.append((twin, table_of(results, "set_title, invoke")))
    measured = f"{machine('release')}; {arguments.rounds} rounds of {arguments.calls} calls"
    return conclude("typed", measured, rows, tables)


if __name__ == "__main__":
    sys.exit(main())
