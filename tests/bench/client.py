"""Calls of one small typed command from Python: the package's clients against others, all on the host's own socket.

Every call is the command `greet` of `test-host` through the real ACL, with a token and a deadline. Exit code 1 when a
target is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import socket
import struct
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from time import perf_counter, process_time

from contest import PLACEMENTS, Contenders, Results, Sample, in_turn, placed, timed, timed_async
from document import machine
from figures import keep
from host_process import Endpoint, endpoint, program
from others import TIMEOUT_MS, TIMEOUT_S, Call, aiohttp_greet, httpx_greet, uvloop_loop
from sidecar_bridge import AsyncHost, Host
from targets import Row, conclude, table_of, times_as_long, times_faster, times_the_rate

ARGS = {"name": "Ada"}
WARM = 50

Opened = Callable[[Endpoint], AbstractAsyncContextManager[Call]]
Loop = Callable[[], asyncio.AbstractEventLoop] | None
"""What makes the event loop, if not asyncio itself."""


def bridge_sync(host: Endpoint, count: int) -> Sample:
    """The package's blocking client."""
    with Host(host.path, host.token) as app:
        return warm(lambda: app.invoke("greet", ARGS, timeout_s=TIMEOUT_S), count)


def connect_per_call(host: Endpoint, count: int) -> Sample:
    """As `ipc-architecture.md` has it, with the token that the host asks for, and the deadline."""

    def call() -> None:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.connect(host.path)
        body = json.dumps(ARGS).encode()
        request = (
            f"POST /v1/invoke/greet HTTP/1.1\r\n"
            f"Host: localhost\r\n"
            f"Authorization: Bearer {host.token}\r\n"
            f"Bridge-Timeout-Ms: {TIMEOUT_MS}\r\n"
            f"Content-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n"
            f"\r\n".encode()
        )
        connection.sendall(request + body)
        connection.recv(4096).decode()
        connection.close()

    return warm(call, count)


def raw_socket(host: Endpoint, count: int) -> Sample:
    """The floor of Python: the same bytes each time, over a connection that stays, and nobody looks at the answer."""
    request = host.post("greet", json.dumps(ARGS).encode(), f"Bridge-Timeout-Ms: {TIMEOUT_MS}")
    with host.connect() as connection:

        def call() -> None:
            connection.sendall(request)
            connection.recv(4096)

        return warm(call, count)


def framed_echo(path: Path, count: int) -> Sample:
    """What a protocol of our own could reach at best: a frame with its length, and a peer that does nothing."""
    body = json.dumps(ARGS).encode()
    request = struct.pack(">I", len(body)) + body
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.connect(str(path))

        def call() -> None:
            connection.sendall(request)
            connection.recv(4096)

        return warm(call, count)


def warm(call: Callable[[], object], count: int) -> Sample:
    """Make some calls that do not count, then those that do."""
    for _ in range(WARM):
        call()
    return timed(call, count)


@asynccontextmanager
async def bridge_greet(host: Endpoint) -> AsyncIterator[Call]:
    """A call of `greet` with the package's client for asyncio."""
    async with AsyncHost(host.path, host.token) as app:
        yield lambda: app.invoke("greet", ARGS, timeout_s=TIMEOUT_S)


def one_by_one(opened: Opened, host: Endpoint, count: int, loop: Loop = None) -> Sample:
    """Await one call after the other."""

    async def measure() -> Sample:
        async with opened(host) as call:
            for _ in range(WARM):
                await call()
            return await timed_async(call, count)

    with asyncio.Runner(loop_factory=loop) as runner:
        return runner.run(measure())


def all_at_once(opened: Opened, host: Endpoint, tasks: int, count: int, loop: Loop = None) -> Sample:
    """Share `count` calls among tasks that never pause."""

    async def task(call: Call, times: list[float]) -> None:
        for _ in range(count // tasks):
            begun = perf_counter()
            await call()
            times.append(perf_counter() - begun)

    async def measure() -> Sample:
        async with opened(host) as call:
            await asyncio.gather(*(call() for _ in range(tasks)))
            times: list[float] = []
            cpu, start = process_time(), perf_counter()
            await asyncio.gather(*(task(call, times) for _ in range(tasks)))
            return Sample(times, process_time() - cpu, perf_counter() - start)

    with asyncio.Runner(loop_factory=loop) as runner:
        return runner.run(measure())


def contests(host: Endpoint, echo: Path, calls: int) -> dict[str, Contenders]:
    """All contenders, by what they do."""
    synchronous: Contenders = {
        "sidecar_bridge": lambda: bridge_sync(host, calls),
        "connect per call": lambda: connect_per_call(host, calls),
        "raw socket": lambda: raw_socket(host, calls),
        "framed echo": lambda: framed_echo(echo, calls),
    }
    found: dict[str, Contenders] = {"sync": synchronous, "async": {}, "8 tasks": {}, "64 tasks": {}}
    for name, opened in (("sidecar_bridge", bridge_greet), ("aiohttp", aiohttp_greet)):
        for title, loop in ((name, None), (f"{name}, uvloop", uvloop_loop)):
            found["async"][title] = partial(one_by_one, opened, host, calls, loop)
            for tasks in (8, 64):
                found[f"{tasks} tasks"][title] = partial(all_at_once, opened, host, tasks, 4 * calls, loop)
    # It takes ten times as long; with 64 tasks it takes minutes.
    found["async"]["httpx"] = partial(one_by_one, httpx_greet, host, calls // 10)
    found["8 tasks"]["httpx"] = partial(all_at_once, httpx_greet, host, 8, calls // 10)
    return found


def rows_of(placement: str, results: dict[str, Results]) -> list[Row]:
    """The targets of one placement."""
    sync, single = results["sync"], results["async"]
    ours, aiohttp = single["sidecar_bridge"], single["aiohttp"]
    rows = [
        times_faster(
            "sync p50, against connect per call",
            2.5,
            sync["sidecar_bridge"].median_us,
            sync["connect per call"].median_us,
        ),
        times_as_long(
            "sync p50, against a raw socket", 1.2, sync["sidecar_bridge"].median_us, sync["raw socket"].median_us
        ),
        times_faster("async p50, against aiohttp", 2.5, ours.median_us, aiohttp.median_us),
        times_faster("async CPU, against aiohttp", 5, ours.cpu_us, aiohttp.cpu_us),
        times_faster("async p50, against httpx", 8, ours.median_us, single["httpx"].median_us),
    ]
    for tasks in ("8 tasks", "64 tasks"):
        rates = results[tasks]
        ours_per_s, aiohttps_per_s = rates["sidecar_bridge"].per_second, rates["aiohttp"].per_second
        rows.append(times_the_rate(f"async rate, {tasks}, against aiohttp", 6, ours_per_s, aiohttps_per_s))
    return [row._replace(what=f"{row.what}, {placement}") for row in rows]


@contextmanager
def echo_peer() -> Iterator[tuple[Path, int]]:
    """A peer that gives back what comes: its socket and its process."""
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        path = Path(directory) / "echo"
        command = [program("SIDECAR_BRIDGE_BENCH_ECHO"), str(path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            try:
                yield path, process.pid
            finally:
                process.kill()


def main() -> int:
    """Measure, print, write, and give the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="how often each is measured")
    parser.add_argument("--calls", type=int, default=1000, help="how many calls each makes in a round")
    arguments = parser.parse_args()
    rows, tables, kept = [], [], {}
    with endpoint() as host, echo_peer() as (echo, echo_pid):
        for placement in PLACEMENTS:
            with placed(placement, [host.pid, echo_pid]):
                results = {
                    what: in_turn(contenders, arguments.rounds)
                    for what, contenders in contests(host, echo, arguments.calls).items()
                }
            rows += rows_of(placement, results)
            tables += [(f"{what}, {placement}", table_of(found, "sidecar_bridge")) for what, found in results.items()]
            kept[placement] = results
    keep("client", kept)
    measured = f"{machine('release')}; {arguments.rounds} rounds of {arguments.calls} calls"
    return conclude("client", measured, rows, tables)


if __name__ == "__main__":
    sys.exit(main())
