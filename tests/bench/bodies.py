"""Large bodies between Python and the host: the package's clients against aiohttp and against blocking Rust.

Up is the command `take_bytes`, which answers with a length; down is `give_bytes`. Exit code 1 when a target is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial

from contest import PLACEMENTS, Contenders, Results, Sample, in_turn, placed, timed, timed_async
from document import machine
from figures import keep
from host_process import MAX_BODY_BYTES, Endpoint, endpoint, program
from others import TIMEOUT_S, URL, Call, aiohttp_session
from rust_peer import RustPeer, rust_peer
from sidecar_bridge import AsyncHost, Host
from targets import Row, conclude, table_of, times_as_long, times_faster

SIZES = {"1 MB": 1_000_000, "16 MB": 16_000_000}
BYTE = b"\7"
"""Not 0: memory that nobody has written to is read from the processor's cache."""

Opened = Callable[[Endpoint, str, int], AbstractAsyncContextManager[Call]]


def expect(direction: str, size: int, answer: object) -> None:
    """The answer has to be whole."""
    came = len(answer) if isinstance(answer, bytes) else answer
    if came != size:
        msg = f"{direction}: {came!r} instead of {size} bytes"
        raise ValueError(msg)


def bridge_sync(host: Endpoint, direction: str, size: int, count: int) -> Sample:
    """The package's blocking client."""
    body = BYTE * size
    with Host(host.path, host.token, max_body_bytes=MAX_BODY_BYTES) as app:

        def call() -> None:
            if direction == "up":
                answer = app.invoke("take_bytes", body, timeout_s=TIMEOUT_S)
            else:
                answer = app.invoke("give_bytes", {"count": size}, timeout_s=TIMEOUT_S)
            expect(direction, size, answer)

        call()
        return timed(call, count)


@asynccontextmanager
async def bridge(host: Endpoint, direction: str, size: int) -> AsyncIterator[Call]:
    """The package's client for asyncio."""
    body = BYTE * size
    async with AsyncHost(host.path, host.token, max_body_bytes=MAX_BODY_BYTES) as app:

        async def call() -> None:
            if direction == "up":
                answer = await app.invoke("take_bytes", body, timeout_s=TIMEOUT_S)
            else:
                answer = await app.invoke("give_bytes", {"count": size}, timeout_s=TIMEOUT_S)
            expect(direction, size, answer)

        yield call


@asynccontextmanager
async def aiohttp(host: Endpoint, direction: str, size: int) -> AsyncIterator[Call]:
    """aiohttp, which gets the body as it is."""
    body = BYTE * size
    async with aiohttp_session(host) as session:

        async def call() -> None:
            if direction == "up":
                async with session.post(f"{URL}/take_bytes", data=body) as response:
                    answer = await response.json()
            else:
                async with session.post(f"{URL}/give_bytes", json={"count": size}) as response:
                    answer = await response.read()
            expect(direction, size, answer)

        yield call


def with_asyncio(opened: Opened, host: Endpoint, direction: str, size: int, count: int) -> Sample:
    """Await one call after the other, after one that does not count."""

    async def measure() -> Sample:
        async with opened(host, direction, size) as call:
            await call()
            return await timed_async(call, count)

    return asyncio.run(measure())


def contenders(host: Endpoint, floor: RustPeer, direction: str, size: int, count: int) -> Contenders:
    """All that carry a body of that size that way."""
    return {
        "sidecar_bridge": partial(bridge_sync, host, direction, size, count),
        "sidecar_bridge, async": partial(with_asyncio, bridge, host, direction, size, count),
        "aiohttp": partial(with_asyncio, aiohttp, host, direction, size, count),
        "Rust": partial(floor.measure, direction, size, count),
    }


def rows_of(what: str, results: Results) -> list[Row]:
    """The targets of one size and direction; the times in ms."""
    sync, ours, aiohttps, floor = (
        results[name].median_us / 1000 for name in ("sidecar_bridge", "sidecar_bridge, async", "aiohttp", "Rust")
    )
    return [
        times_faster(f"{what}, async against aiohttp", 1.5, ours, aiohttps, "ms"),
        times_as_long(f"{what}, sync against Rust", 1.5, sync, floor, "ms"),
        times_as_long(f"{what}, async against Rust", 1.5, ours, floor, "ms"),
    ]


def main() -> int:
    """Measure, print, write, and give the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="how often each is measured")
    arguments = parser.parse_args()
    rows, tables, kept = [], [], {}
    with endpoint() as host, rust_peer(program("SIDECAR_BRIDGE_BENCH_FLOOR")) as floor:
        floor.tell(f"{host.path} {host.token}")
        for placement in PLACEMENTS:
            results: dict[str, Results] = {}
            with placed(placement, [host.pid, floor.pid]):
                for title, size in SIZES.items():
                    count = 20_000_000 // size + 2
                    for direction in ("up", "down"):
                        ways = contenders(host, floor, direction, size, count)
                        results[f"{title} {direction}"] = in_turn(ways, arguments.rounds)
            for what, found in results.items():
                rows += rows_of(f"{what}, {placement}", found)
                tables.append((f"{what}, {placement}", table_of(found, "sidecar_bridge")))
            kept[placement] = results
    keep("bodies", kept)
    return conclude("bodies", f"{machine('release')}; {arguments.rounds} rounds", rows, tables)


if __name__ == "__main__":
    sys.exit(main())
