"""The page's small POST against a command of pytauri's with the same body, in windows of one size on one screen."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from bridge_page import ask, run
from desktop import Page
from targets import Row, times_as_long, times_the_rate

APP = Path(__file__).parent / "pytauri" / "pytauri_app.py"

TIMES, AT_ONCE = 200, 64

OURS = """
  const [times, atOnce, port] = args;
  const fetch = port ? window.fetch.bind(window) : bridge.fetch;
  const base = port ? `http://127.0.0.1:${port}` : "";
  const request = { method: "POST", headers: { "content-type": "application/json" }, body: '{"name":"Ada"}' };
  const small = async () => (await fetch(`${base}/small`, request)).json();
  const ms = [];
  for (let n = 0; n < times; n++) {
    const start = performance.now();
    await Promise.all(Array.from({ length: atOnce }, small));
    ms.push(performance.now() - start);
  }
  return ms;
"""


class Pytauri:
    """The page of a running app of pytauri's."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        """Made by `pytauri`."""
        self._process = process

    def times(self, times: int, at_once: int) -> list[float]:
        """The ms of each of so many calls, or of so many batches of calls."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"run": {"times": times, "at_once": at_once}}) + "\n")
        self._process.stdin.flush()
        ms: list[float] = json.loads(self._process.stdout.readline())["ms"]
        return ms


@contextmanager
def pytauri(env: Mapping[str, str]) -> Iterator[Pytauri]:
    """The app on the screen of that environment; it ends with the block."""
    environment = {**env, "PYTHONPATH": os.environ["SIDECAR_BRIDGE_BENCH_PACKAGES"]}
    process = subprocess.Popen(
        [sys.executable, str(APP)], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        yield Pytauri(process)
    finally:
        process.kill()
        process.communicate()


class Times(NamedTuple):
    """The ms of each way: of all calls one by one, and of each batch."""

    ours: list[float]
    browsers: list[float]
    theirs: list[float]


class Contest(NamedTuple):
    """The three ways of one call."""

    page: Page
    port: int
    peer: Pytauri

    def turn(self, into: Times, times: int, at_once: int, number: int) -> None:
        """Measure each way once, in an order that changes with the turn's number."""
        ways = [
            lambda: into.ours.extend(run(self.page, OURS, times, at_once, 0)),
            lambda: into.browsers.extend(run(self.page, OURS, times, at_once, self.port)),
            lambda: into.theirs.extend(self.peer.times(times, at_once)),
        ]
        for offset in range(len(ways)):
            ways[(number + offset) % len(ways)]()


def peers(page: Page, rounds: int) -> list[Row]:
    """The rows of a page's calls beside pytauri's and the browser's own, in one interleaved run."""
    single, batch = Times([], [], []), Times([], [], [])
    with pytauri(page.desktop.env) as peer:
        contest = Contest(page, ask(page, "/port"), peer)
        for number in range(rounds + 1):
            contest.turn(single, TIMES, 1, number)
            contest.turn(batch, 1, AT_ONCE, number)
            if not number:
                for times in (*single, *batch):
                    times.clear()
    ours, browsers, theirs = map(statistics.fmean, single)
    percentiles = statistics.quantiles(single.ours, n=100)
    rates = [AT_ONCE * 1000 / statistics.median(way) for way in batch]
    return [
        times_as_long("small POST, mean, against a command of pytauri's", 1.0, ours, theirs, "ms"),
        times_as_long("small POST, mean, against the browser's", 0.7, ours, browsers, "ms"),
        times_the_rate("64 calls at once, against pytauri's", 1.3, rates[0], rates[2]),
        times_the_rate("64 calls at once, against the browser's", 1.0, rates[0], rates[1]),
        times_as_long("small POST, p99 against p50", 2.0, percentiles[98], percentiles[49], "ms"),
    ]
