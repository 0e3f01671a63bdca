"""Many callers at once, and streams that nobody reads any more: all have their turn, and no thread is held for ever."""

from __future__ import annotations

import asyncio
import json
import socket
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pytest
from sidecar_bridge import AsyncHost
from sidecar_bridge import Host as Client

from figures import note, spread
from world import LIMIT_S, Endpoint, Watch, host, many, request

LOOPING = 64
"""As many callers as there are turns."""

MUST = "served; p99 ≤ 256 calls of the others before"
"""Four rounds: the caller waits for one, and comes and goes while others call."""


def looping_tasks(endpoint: Endpoint, calls: int) -> list[int]:
    async def run() -> list[int]:
        made = 0
        async with AsyncHost(*endpoint) as client:

            async def loop() -> None:
                nonlocal made
                while True:
                    await client.health()
                    made += 1

            tasks = [asyncio.create_task(loop()) for _ in range(LOOPING)]
            waits = []
            for _ in range(calls):
                before = made
                await client.health(timeout_s=LIMIT_S)
                waits.append(made - before)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return waits

    return asyncio.run(run())


def looping_threads(endpoint: Endpoint, calls: int) -> list[int]:
    made = [0] * LOOPING
    over = Event()
    with Client(*endpoint) as client, ThreadPoolExecutor(LOOPING) as threads:

        def loop(number: int) -> None:
            while not over.is_set():
                client.health()
                made[number] += 1

        for number in range(LOOPING):
            threads.submit(loop, number)
        waits = []
        try:
            for _ in range(calls):
                before = sum(made)
                client.health(timeout_s=LIMIT_S)
                waits.append(sum(made) - before)
        finally:
            over.set()
    return waits


@pytest.mark.parametrize("callers", ["tasks", "threads"])
def test_one_more_caller_than_there_are_turns_has_its_turn(callers: str) -> None:
    with host() as running:
        running.ready()
        looping = looping_tasks if callers == "tasks" else looping_threads
        waits = looping(running.endpoint(), many(30, 3000))
    ordered = sorted(waits)
    note(
        f"{LOOPING} {callers} call without a pause, and one more calls",
        MUST,
        spread(waits, "calls"),
        holds=ordered[int(len(ordered) * 0.99)] <= 4 * LOOPING,
    )


STREAMS = """
import json, os
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from sidecar_bridge import get_host, serve

app = FastAPI()

@app.get("/stream")
def stream():
    def lines():
        with get_host().listen("never") as events:
            yield "begun"
            yield from events
    return StreamingResponse(lines())

@app.get("/plain")
def plain():
    return "plain"

serve(app, log_level="warning")
with open(os.environ["SAID"], "a") as said:
    said.write(json.dumps("ended in order"))
"""


@contextmanager
def stream(path: Path) -> Iterator[None]:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(LIMIT_S)
        client.connect(str(path))
        client.sendall(b"GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
        came = b""
        while b"begun" not in came:
            more = client.recv(65536)
            assert more, came
            came += more
        yield


def test_blocking_streams_that_were_left_hold_nothing_up(tmp_path: Path) -> None:
    program = tmp_path / "streams.py"
    program.write_text(STREAMS)
    left = many(50, 2000)
    took_ms = []
    with host(command=[sys.executable, str(program)]) as running:
        pid = running.ready()
        path = running.run_directory() / "sidecar.sock"
        for _ in range(left):
            with stream(path):
                pass
            began = time.monotonic()
            answer = request(path, b"GET /plain HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            took_ms.append((time.monotonic() - began) * 1000)
            assert answer.endswith(b'"plain"')
        with stream(path):
            watch = Watch([pid])
            since_ns = time.monotonic_ns()
            running.stop()
            stop_ms = watch.ms_until_all_ended(since_ns)
        assert json.loads(running.said.read_text()) == "ended in order"
    note(
        f"{left} streams of blocking routes that pages leave, one that stays at the end",
        "each `def` route answers; stop in order",
        f"{spread(took_ms)}; stopped after {stop_ms / 1000:.1f} s",
    )
