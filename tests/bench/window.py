"""Calls of a real window from the sidecar, against the same Tauri calls on a thread of the app itself.

Each `toggle_maximize` waits until the window manager has carried the one before out. It asks for that without a pause,
on either side: after a sleep both would measure how long this machine's processors take to wake up. Exit code 1 when a
target is missed.
"""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1] / "e2e"))

from bridge_page import ask, bridge_page
from contest import PLACEMENTS, Contenders, Results, Sample, in_turn, placed
from desktop import Page
from document import machine
from targets import conclude, longer_by

MOST_US = 60


class Call(NamedTuple):
    """What is called, and how often in a round."""

    name: str
    times: int


CALLS = [Call("is_maximized", 300), Call("toggle_maximize", 10)]


def measure(page: Page, way: str, call: Call) -> Sample:
    """Call from the sidecar (`bridge`) or in the app (`rust`)."""
    times_ns = ask(page, f"/window/{way}/{call.name}?calls={call.times}")
    times_s = [ns / 1e9 for ns in times_ns]
    return Sample(times_s, 0, sum(times_s))


def line_of(what: str, results: Results) -> str:
    """The line of a table."""
    return "".join(
        f"| {what}, {way} | {one.median_us:,.1f} | {one.percentile_us(95):,.1f} | {one.percentile_us(99):,.1f} |\n"
        for way, one in results.items()
    )


def main() -> int:
    """Measure, print, write, and give the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=12, help="how often each is measured")
    arguments = parser.parse_args()
    rows, table = [], "| | p50 µs | p95 µs | p99 µs |\n|---|--:|--:|--:|\n"
    with bridge_page() as page:
        for placement in PLACEMENTS:
            with placed(placement, page.desktop.processes()):
                for call in CALLS:
                    ways: Contenders = {way: partial(measure, page, way, call) for way in ("bridge", "rust")}
                    results = in_turn(ways, arguments.rounds)
                    ours, in_app = results["bridge"].median_us, results["rust"].median_us
                    rows.append(longer_by(f"{call.name}, {placement}", MOST_US, ours, in_app, "µs"))
                    table += line_of(f"{call.name}, {placement}", results)
    return conclude("window", f"{machine('release')}; {arguments.rounds} rounds", rows, [("All figures", table)])


if __name__ == "__main__":
    sys.exit(main())
