"""Measuring several ways to do one thing, in turn, so that all of them see the same machine."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

PLACEMENTS = ("pinned", "unpinned")
"""Client and host on one processor core, or wherever the system puts them."""


class Sample(NamedTuple):
    """One contender in one round."""

    times_s: Sequence[float]
    """How long each call took."""
    cpu_s: float
    """The processor time that the client has spent on all of them."""
    wall_s: float
    """How long all of them took."""


@dataclass
class Result:
    """One contender over all rounds."""

    times_s: list[float] = field(default_factory=list)
    cpus_s: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)

    def add(self, sample: Sample) -> None:
        """Take in a round."""
        calls = len(sample.times_s)
        self.times_s.extend(sample.times_s)
        self.cpus_s.append(sample.cpu_s / calls)
        self.rates.append(calls / sample.wall_s)

    @property
    def median_us(self) -> float:
        """The middle of all calls, in µs."""
        return statistics.median(self.times_s) * 1e6

    def percentile_us(self, percent: int) -> float:
        """What so many of 100 calls are not over, in µs."""
        ordered = sorted(self.times_s)
        return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)] * 1e6

    @property
    def cpu_us(self) -> float:
        """The client's processor time for a call, in µs: the median of the rounds."""
        return statistics.median(self.cpus_s) * 1e6

    @property
    def per_second(self) -> float:
        """Calls per second: the median of the rounds."""
        return statistics.median(self.rates)


Results = dict[str, Result]
Contenders = dict[str, Callable[[], Sample]]


def in_turn(contenders: Contenders, rounds: int) -> Results:
    """Measure each once in every round, each in every place by turns; the first round does not count.

    Who was always in the middle of three followed another one each time, and was 6 % slower for that.
    """
    results = {name: Result() for name in contenders}
    names = list(contenders)
    for number in range(rounds + 1):
        first = number // 2 % len(names)
        order = names[first:] + names[:first]
        for name in order if number % 2 else reversed(order):
            sample = contenders[name]()
            if number:
                results[name].add(sample)
    return results


def timed(call: Callable[[], object], count: int) -> Sample:
    """Make so many calls, one after the other."""
    times = []
    clock = time.perf_counter
    cpu, start = time.process_time(), clock()
    for _ in range(count):
        begun = clock()
        call()
        times.append(clock() - begun)
    return Sample(times, time.process_time() - cpu, clock() - start)


async def timed_async(call: Callable[[], Awaitable[object]], count: int) -> Sample:
    """Await so many calls, one after the other."""
    times = []
    clock = time.perf_counter
    cpu, start = time.process_time(), clock()
    for _ in range(count):
        begun = clock()
        await call()
        times.append(clock() - begun)
    return Sample(times, time.process_time() - cpu, clock() - start)


@contextmanager
def placed(placement: str, pids: Iterable[int]) -> Iterator[None]:
    """Put these processes and this one on one core, all threads of them, if `placement` says so."""
    everywhere = os.sched_getaffinity(0)
    processes = [os.getpid(), *pids]
    if placement == "pinned":
        _move(processes, {max(everywhere)})
    try:
        yield
    finally:
        _move(processes, everywhere)


def _move(pids: Iterable[int], cores: set[int]) -> None:
    for pid in pids:
        for task in Path(f"/proc/{pid}/task").iterdir():
            os.sched_setaffinity(int(task.name), cores)
