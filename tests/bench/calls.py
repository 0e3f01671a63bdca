"""What a call from Python to the host takes, one kind of call after the other, without a peer.

For `before.py`, which runs it with two builds in turn: a row is short, so that both see the same machine.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable
from functools import partial
from time import perf_counter
from typing import Any

from contest import PLACEMENTS, placed
from host_process import MAX_BODY_BYTES, Endpoint, endpoint
from sidecar_bridge import AsyncHost, Host

TASKS = (1, 8, 16, 64)
MIB = 1 << 20

GREET: tuple[Any, ...] = ("greet", {"name": "Ada"})
UP: tuple[Any, ...] = ("take_bytes", b"x" * MIB)
DOWN: tuple[Any, ...] = ("give_bytes", {"count": MIB})


def blocking_us(host: Endpoint, call: tuple[Any, ...], count: int) -> float:
    """How many µs a call of `Host` takes."""
    with Host(host.path, host.token, max_body_bytes=MAX_BODY_BYTES) as app:
        for _ in range(max(count // 10, 5)):
            app.invoke(*call)
        start = perf_counter()
        for _ in range(count):
            app.invoke(*call)
        return (perf_counter() - start) / count * 1e6


async def _async_us(host: Endpoint, call: tuple[Any, ...], count: int, tasks: int) -> float:
    async with AsyncHost(host.path, host.token, max_body_bytes=MAX_BODY_BYTES) as app:

        async def some(number: int) -> None:
            for _ in range(number):
                await app.invoke(*call)

        await asyncio.gather(*(some(max(count // tasks // 10, 5)) for _ in range(tasks)))
        start = perf_counter()
        await asyncio.gather(*(some(count // tasks) for _ in range(tasks)))
        return (perf_counter() - start) / (count // tasks * tasks) * 1e6


def async_us(host: Endpoint, call: tuple[Any, ...], count: int, tasks: int = 1) -> float:
    """How many µs a call of `AsyncHost` takes, with so many tasks that call."""
    return asyncio.run(_async_us(host, call, count, tasks))


def kinds(count: int) -> dict[str, Callable[[Endpoint], float]]:
    """Each kind of call by its name."""
    few = max(count // 20, 20)
    found: dict[str, Callable[[Endpoint], float]] = {"sync": partial(blocking_us, call=GREET, count=count)}
    for tasks in TASKS:
        name = "async" if tasks == 1 else f"{tasks} tasks"
        found[name] = partial(async_us, call=GREET, count=count, tasks=tasks)
    for what, call in (("1 MiB up", UP), ("1 MiB down", DOWN)):
        found[f"{what}, sync"] = partial(blocking_us, call=call, count=few)
        found[f"{what}, async"] = partial(async_us, call=call, count=few)
    return found


def main() -> int:
    """Print a row for each kind and placement."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=3000, help="how many small calls a row is of")
    arguments = parser.parse_args()
    for placement in PLACEMENTS:
        for what, measured in kinds(arguments.calls).items():
            with endpoint() as host, placed(placement, [host.pid]):
                print(f"{'':8}{f'{what}, {placement}':<55} ({measured(host):.1f} µs)", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
