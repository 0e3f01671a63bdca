"""Jobs that leave something behind, or hide from the sidecar, for `test_stubborn.py`."""

from __future__ import annotations

import math
import os
import sys
import threading
import time
from functools import partial
from pathlib import Path

from sidecar_bridge.jobs import Job, Jobs

jobs = Jobs(concurrency=2)
endless = Jobs(concurrency=1)


def _fork_one_that_sleeps(pid: Path) -> None:
    child = os.fork()
    if not child:
        time.sleep(120)
        os._exit(0)
    pid.write_text(str(child))


@jobs.job(cancel_timeout_s=0.1)
def fork_and_be_deaf(_job: Job, pid: Path) -> None:
    _fork_one_that_sleeps(pid)
    time.sleep(120)


@jobs.job
def fork_and_die(_job: Job, pid: Path) -> None:
    _fork_one_that_sleeps(pid)
    os._exit(5)


@jobs.job
def close_all(_job: Job, begun: Path) -> None:
    """What those do that make a daemon of themselves."""
    begun.write_text(str(os.getpid()))
    os.closerange(3, 256)
    time.sleep(120)


@jobs.job
def leave_a_thread(_job: Job) -> int:
    threading.Thread(target=partial(time.sleep, 120)).start()
    return os.getpid()


@jobs.job
def submit_another(_job: Job, n: int) -> int:
    return submit_another.submit(n - 1).result(60) if n else 0


@jobs.job
def interrupted(_job: Job) -> str:
    """Ctrl+C in a terminal goes to the workers as well."""
    os.kill(os.getpid(), 2)
    time.sleep(0.05)
    return sys.platform


@endless.job(cancel_timeout_s=math.inf)
def take_time(_job: Job, begun: Path, end: Path) -> bool:
    begun.touch()
    while not end.exists():
        time.sleep(0.005)
    return True


def _first(_job: Job) -> str:
    return "first"


def _second(_job: Job) -> str:
    return "second"


_first.__qualname__ = _second.__qualname__ = "same"
first = jobs.job(name="first")(_first)
same = second = jobs.job(name="second")(_second)
