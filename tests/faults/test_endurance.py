"""Many calls of every kind, in both directions: what they need is given back."""

from __future__ import annotations

import http.client
import json
import re
import socket
import time
from pathlib import Path
from typing import NamedTuple

from figures import note
from world import LIMIT_S, SOAK, Host, host, host_binary

CALLS = 50_000_000 if SOAK else 20_000
"""How many calls the figures stand for: invocations, emissions, events, calls with channels, requests of the app."""

WARM_UP = 5_000_000 if SOAK else 12_000
"""How many calls are made before memory is measured. All that the host keeps is full after 400,000: the last 16,384
events of a name, which 122,000 calls have, and the last 1,024 channels, in a table that grows until then."""

GROWTH_PERCENT = 1.0
"""How much memory may grow in the long form. In the short form it grows until all of that is full."""

ENDINGS = 40 if SOAK else 3
"""After how many rounds memory is looked at, for the least: something may still be under way after one."""

TASKS, INVOCATIONS, EMISSIONS, CHANNELS, REQUESTS = 16, 40, 10, 2, 200
"""What one round is made of: each task of the sidecar makes so many calls, and the app so many requests."""

ROUND = TASKS * (INVOCATIONS + 2 * EMISSIONS + CHANNELS) + REQUESTS

MIX = f"""
from sidecar_bridge import AsyncChannel, get_async_host

async def calls(host, events):
    for number in range({INVOCATIONS}):
        assert await host.invoke("echo", {{"value": number}}) == number
    for number in range({EMISSIONS}):
        await host.emit("tick", number)
    for _ in range({CHANNELS}):
        texts = AsyncChannel()
        await host.invoke("keep", channels={{"onText": texts}})
        assert [text async for text in texts] == ["kept"]

async def mix():
    host = get_async_host()
    async with host.listen("tick") as events:
        await asyncio.gather(*(calls(host, events) for _ in range({TASKS})))
        for _ in range({TASKS * EMISSIONS}):
            await anext(events)
    return len(asyncio.all_tasks())

whole = app

async def app(scope, receive, send):
    if scope.get("path") != "/mix":
        return await whole(scope, receive, send)
    body = json.dumps(await mix()).encode()
    await send({{"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]}})
    await send({{"type": "http.response.body", "body": body}})
"""


class Needs(NamedTuple):
    """What a process has at rest.

    The host's memory is what its allocator has given out. Of free pages the allocator keeps as many as the busiest
    moment so far needed, 7 of 16 MiB here, and a longer run has a busier one. The sidecar's is its pages that are no
    file's, of which Python keeps few. `Pss` also has a share of the program's pages, which is smaller while another
    process runs the same program: with a second `test-host`, the `Pss` of the first falls by almost a third.
    """

    memory_kib: int
    pages_kib: int
    descriptors: int
    threads: int

    @classmethod
    def at_rest(cls, mix: Mix, pids: dict[str, int]) -> dict[str, Needs]:
        """Give the least that each process has after some rounds more."""
        samples: dict[str, list[Needs]] = {name: [] for name in pids}
        for _ in range(ENDINGS):
            mix.round()
            for _ in range(3):
                # What a round needed goes a moment after its last answer.
                time.sleep(0.1)
                in_use = {"host": mix.running.in_use_kib()}
                for name, pid in pids.items():
                    samples[name].append(cls._now(pid, in_use.get(name)))
        return {name: cls(*map(min, zip(*of, strict=True))) for name, of in samples.items()}

    @classmethod
    def _now(cls, pid: int, in_use_kib: int | None) -> Needs:
        process = Path(f"/proc/{pid}")
        pages = re.search(r"^Anonymous:\s+(\d+) kB$", (process / "smaps_rollup").read_text(), re.MULTILINE)
        assert pages is not None
        pages_kib = int(pages[1])
        descriptors = sum(1 for _ in (process / "fd").iterdir())
        threads = sum(1 for _ in (process / "task").iterdir())
        return cls(pages_kib if in_use_kib is None else in_use_kib, pages_kib, descriptors, threads)


class Mix:
    """The sidecar of a host, asked for one round after the other over one connection."""

    def __init__(self, running: Host) -> None:
        self.running = running
        self._connection = http.client.HTTPConnection("localhost", timeout=LIMIT_S)
        self._connection.sock = socket.socket(socket.AF_UNIX)
        self._connection.sock.settimeout(LIMIT_S)
        self._connection.sock.connect(str(running.run_directory() / "sidecar.sock"))

    def round(self) -> int:
        """Make all calls of a round, and give how many tasks the sidecar's event loop has left."""
        self.running.begin_burst(REQUESTS, "/", "GET")
        self._connection.request("GET", "/mix")
        answer = self._connection.getresponse()
        body = answer.read()
        assert answer.status == 200, body
        left: int = json.loads(body)
        assert not any("failure" in call for call in self.running.calls())
        return left


def test_what_many_calls_need_is_given_back() -> None:
    rounds = CALLS // ROUND
    build = Path(host_binary()).parent.name
    with host(first=MIX) as running:
        pids = {"host": running.process.pid, "sidecar": running.ready()}
        mix = Mix(running)
        tasks = {mix.round() for _ in range(WARM_UP // ROUND)}
        before = Needs.at_rest(mix, pids)
        for number in range(rounds):
            if number % max(1, rounds // 20) == 0:
                memory = {name: needs[:2] for name, needs in Needs.at_rest(mix, pids).items()}
                print(
                    f"{time.strftime('%H:%M:%S')} {number * ROUND:,} calls, KiB in use, and pages: {memory}", flush=True
                )
            tasks.add(mix.round())
        after = Needs.at_rest(mix, pids)
        # Requests of the app may be under way when a round is counted; what a task has left behind is never gone again.
        left = min(mix.round() for _ in range(3)) - min(tasks)
    for name, was in before.items():
        now = after[name]
        grown = 100 * (now.memory_kib - was.memory_kib) / was.memory_kib
        more = (now.descriptors - was.descriptors, now.threads - was.threads)
        pages = f"pages {(now.pages_kib - was.pages_kib) / 1024:+.2f} MiB"
        in_use = f"{grown:+.2f} % of {was.memory_kib / 1024:.1f} MiB in use ({pages})"
        seen = f"{in_use}, {more[0]:+d} descriptors, {more[1]:+d} threads"
        must = "< 1 % more memory; 0 more descriptors, threads and tasks"
        holds = (grown < GROWTH_PERCENT or not SOAK) and max(more) <= 0 and left == 0
        calls = f"{rounds * ROUND:,} calls of every kind, {build} build"
        note(f"{calls}: {name}", must, f"{seen}, {left:+d} tasks", holds=holds)
        assert max(more) <= 0, f"{name}: {was} -> {now}"
    assert left == 0, f"tasks of the sidecar's event loop: {tasks}, {left} more at the end"
