"""Events and messages from the host to Python at a steady rate: whether any is lost, and how late the last one comes.

The host emits numbers with Tauri's `emit`; the reader iterates over `Host.listen` and looks at each. A command sends
numbers over a channel, as a shortcut does, to a reader and to handlers. Exit code 1 when a target is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable
from statistics import median
from threading import Event
from time import perf_counter
from typing import NamedTuple

from contest import PLACEMENTS, placed
from document import machine
from host_process import Endpoint, endpoint
from sidecar_bridge import AsyncHost, EventsLostError, Host
from sidecar_bridge._client import async_handlers, handlers
from sidecar_bridge._client.backlog import Kind, every
from targets import Row, conclude

PER_SECOND = 100_000
COUNT = 300_000
MESSAGES_PER_SECOND = 10_000
MESSAGES = 30_000
PATIENCE_S = 20

NUMBERS = Kind("numbers", every, int)


class Seen(NamedTuple):
    """What became of the events of one round."""

    lost: int
    per_second: float


def round_of(host: Endpoint, per_second: int) -> Seen:
    """Let the host emit, and read to the last event."""
    lost, expected = 0, 0
    with Host(host.path, host.token) as app, app.listen("numbers", timeout_s=PATIENCE_S) as events:
        host.tell({"emit": {"name": "numbers", "count": COUNT, "per_second": per_second}})
        begun = perf_counter()
        while expected < COUNT:
            try:
                number = events.receive(PATIENCE_S)
            except EventsLostError as error:
                if error.lost is None:
                    raise
                lost += error.lost
                expected += error.lost
                continue
            if number != expected:
                msg = f"event {number} came where {expected} was next"
                raise RuntimeError(msg)
            expected += 1
        return Seen(lost, COUNT / (perf_counter() - begun))


def at_reader(host: Endpoint) -> int:
    """How many messages are lost on their way to a reader."""
    with Host(host.path, host.token) as app, app.channel(int, timeout_s=PATIENCE_S) as messages:
        send_over(app, messages)
        lost, expected = 0, 0
        while expected < MESSAGES:
            try:
                expected = messages.receive(PATIENCE_S) + 1
            except EventsLostError as error:
                lost += error.lost or MESSAGES
        return lost


def at_handler(host: Endpoint) -> int:
    """How many messages are lost on their way to a handler of `Host`."""
    with Host(host.path, host.token) as app:
        count = Counted()
        claim = handlers.claim(app._link, NUMBERS, None, PATIENCE_S)
        claim.add(None, count)
        send_over(app, claim.channel)
        count.last.wait(PATIENCE_S)
        claim.release()
        return MESSAGES - count.came


def at_async_handler(host: Endpoint) -> int:
    """How many messages are lost on their way to a handler of `AsyncHost`."""

    async def measure() -> int:
        async with AsyncHost(host.path, host.token) as app:
            count = Counted()

            async def handler(number: int) -> None:
                count(number)

            claim = await async_handlers.claim(app._link, NUMBERS, None, PATIENCE_S)
            claim.add(None, handler)
            args = {"options": {"handler": claim.channel}, "count": MESSAGES, "perSecond": MESSAGES_PER_SECOND}
            await app.invoke("tell_from_thread", args)
            await asyncio.to_thread(count.last.wait, PATIENCE_S)
            await claim.release()
            return MESSAGES - count.came

    return asyncio.run(measure())


class Counted:
    """A handler that counts."""

    def __init__(self) -> None:
        self.came = 0
        self.last = Event()

    def __call__(self, number: int) -> None:
        """Take a number."""
        self.came += 1
        if number == MESSAGES - 1:
            self.last.set()


def send_over(app: Host, channel: object) -> None:
    """Let the host send numbers."""
    app.invoke(
        "tell_from_thread",
        {"options": {"handler": channel}, "count": MESSAGES, "perSecond": MESSAGES_PER_SECOND},
    )


def rows_of_channels(placement: str, measure: Callable[[Callable[[Endpoint], int]], list[int]]) -> list[Row]:
    """The target for each who takes messages."""
    takers = {"a reader": at_reader, "a handler": at_handler, "an async handler": at_async_handler}
    rows = []
    for name, taker in takers.items():
        lost = measure(taker)
        what = f"lost of {MESSAGES_PER_SECOND:,} messages per s, at {name}, {placement}"
        rows.append(Row(what, "0", f"{sum(lost)} of {MESSAGES * len(lost):,}", sum(lost) == 0))
    return rows


def rows_of(placement: str, measure: Callable[[int], list[Seen]]) -> list[Row]:
    """The target, and how many come at most, for comparison."""
    steady, fastest = measure(PER_SECOND), measure(10 * PER_SECOND)
    lost = sum(seen.lost for seen in steady)
    rate = median(seen.per_second for seen in steady)
    most = median(seen.per_second for seen in fastest)
    share = median(seen.lost for seen in fastest) / COUNT
    return [
        Row(
            f"lost of {PER_SECOND:,} per s, {placement}",
            "0",
            f"{lost} of {COUNT * len(steady):,}; {rate:,.0f} per s came",
            lost == 0,
        ),
        Row(f"without a pause, {placement}", "", f"{most * (1 - share):,.0f} per s came, {share:.0%} lost", True),
    ]


def main() -> int:
    """Measure, print, write, and give the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="how often each is measured")
    rounds = parser.parse_args().rounds
    rows: list[Row] = []
    with endpoint() as host:
        for placement in PLACEMENTS:
            with placed(placement, [host.pid]):
                rows += rows_of(placement, lambda rate: [round_of(host, rate) for _ in range(rounds)])
                rows += rows_of_channels(placement, lambda take: [take(host) for _ in range(rounds)])
    return conclude("events", f"{machine('release')}; {rounds} rounds of {COUNT:,} events", rows)


if __name__ == "__main__":
    sys.exit(main())
