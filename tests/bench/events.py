"""Events from the host to Python at a steady rate: whether any is lost, and how late the last one comes.

The host emits numbers with Tauri's `emit`; the reader iterates over `Host.listen` and looks at each. Exit code 1 when a
target is missed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import NamedTuple

from contest import PLACEMENTS, placed
from document import machine
from host_process import Endpoint, endpoint
from sidecar_bridge import EventsLostError, Host
from targets import Row, conclude

PER_SECOND = 100_000
COUNT = 300_000
PATIENCE_S = 20


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
    return conclude("events", f"{machine('release')}; {rounds} rounds of {COUNT:,} events", rows)


if __name__ == "__main__":
    sys.exit(main())
