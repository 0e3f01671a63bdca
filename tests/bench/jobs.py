"""What a job costs beside the executor that it runs on, and the app while jobs run. Exit code 1 on a missed target.

Both sides in turn. CPU is that of this process and of its workers together.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import multiprocessing
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from contest import Results, Sample, in_turn, timed
from document import machine
from fastapi import FastAPI
from job_functions import bare, jobs_on, work_a_while
from sidecar_bridge.jobs import Jobs
from sidecar_bridge.jobs._history import History
from sidecar_bridge.jobs._records import Record
from targets import Row, conclude, longer_by, table_of, times_as_long

TICK = os.sysconf("SC_CLK_TCK")
LIMIT_S = 120.0


def cpu_s_of(pid: int) -> float:
    """The CPU time of a process until now."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def resident_mib() -> float:
    """The resident memory of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def percentile(times: list[float], percent: int) -> float:
    """A percentile, in ms."""
    return statistics.quantiles(times, n=100, method="inclusive")[percent - 1] * 1000


def written(history: History) -> None:
    """Write what a job writes, and nothing else; each of the three is a commit."""
    record = Record(id=uuid4().hex, name="double", state="queued", submitted_at=datetime.now(UTC))
    history.add(record, b"[1]", None)
    history.begin(record.id)
    history.end(record.id, 1, "done", result=b"2")


def overhead(folder: Path, rounds: int) -> tuple[list[Row], Results]:
    """A job on a warm process, the same function on the bare pool, and what is written of a job without a pool."""
    count = 200
    pool = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"))
    pool.submit(bare, 0).result(LIMIT_S)
    theirs = next(iter(pool._processes))
    history = History(folder / "alone.db")
    with closing(history), pool, jobs_on(Jobs(folder / "overhead.db", concurrency=1)) as jobs:
        double = jobs._functions["double"]
        double.submit(0).result(LIMIT_S)
        ours = next(child.pid for child in multiprocessing.active_children() if child.pid != theirs)

        def with_worker(pid: int | None, call: Callable[[], object]) -> Sample:
            assert pid is not None
            before = cpu_s_of(pid)
            sample = timed(call, count)
            return sample._replace(cpu_s=sample.cpu_s + cpu_s_of(pid) - before)

        results = in_turn(
            {
                "job": lambda: with_worker(ours, lambda: double.submit(1).result(LIMIT_S)),
                "ProcessPoolExecutor": lambda: with_worker(theirs, lambda: pool.submit(bare, 1).result(LIMIT_S)),
                "the history alone": lambda: timed(lambda: written(history), count),
            },
            rounds,
        )
    job, alone = results["job"], results["ProcessPoolExecutor"]
    rows = [
        longer_by("a job, p50, against the bare pool", 1.5, job.median_us / 1000, alone.median_us / 1000, "ms"),
        times_as_long("a job, CPU, against the bare pool", 1.3, job.cpu_us, alone.cpu_us),
    ]
    return rows, results


def progress(seconds: int) -> list[Row]:
    """What a job that tells 100 000 times a second how far it is costs the event loop, and what a page sees of it."""

    async def follow(jobs: Jobs) -> tuple[int, float, float]:
        seen = 0
        wall, cpu = time.monotonic(), time.thread_time()
        job = jobs._functions["report"].submit(100_000, seconds)
        async for _ in job:
            seen += 1
        cpu, wall = time.thread_time() - cpu, time.monotonic() - wall
        return seen, cpu / wall, await job / wall

    with jobs_on(Jobs(concurrency=1)) as jobs:
        jobs._functions["double"].submit(0).result(LIMIT_S)
        seen, share, told = asyncio.run(follow(jobs))
    return [
        Row("updates that the job makes", "", f"{told:,.0f} per s", holds=True),
        Row("the event loop meanwhile", "≤ 2 %", f"{share:.2%} of a core", holds=share <= 0.02),
        Row("updates that a page sees", "≤ 20 per s", f"{seen / seconds:.1f} per s", holds=seen / seconds <= 20.5),
    ]


def queue(folder: Path) -> list[Row]:
    """10 000 jobs that wait."""
    count = 10_000
    with jobs_on(Jobs(folder / "queue.db", concurrency=1)) as jobs:
        app = FastAPI()
        app.include_router(jobs.router)
        double, blocker = jobs._functions["double"], jobs._functions["wait"].submit()
        while blocker.get().state != "running":
            time.sleep(0.01)
        before = resident_mib()
        each = timed(lambda: double.submit(1), count)
        more = resident_mib() - before
        listed = asyncio.run(list_jobs(app))
        blocker.cancel()
    submit_ms = statistics.median(each.times_s) * 1000
    return [
        Row("10 000 jobs queued: submit, p50", "≤ 0.3 ms", f"{submit_ms:.3f} ms", holds=submit_ms <= 0.3),
        Row("10 000 jobs queued: memory", "≤ +40 MiB", f"{more:+.1f} MiB", holds=more <= 40),
        Row("10 000 jobs queued: `GET /jobs`, p50", "≤ 10 ms", f"{listed:.1f} ms", holds=listed <= 10),
    ]


async def list_jobs(app: FastAPI) -> float:
    """How long `GET /jobs` takes, in the app itself: no socket is measured."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://app") as client:
        times = []
        for _ in range(50):
            begun = time.perf_counter()
            answer = await client.get("/jobs")
            times.append(time.perf_counter() - begun)
            assert len(answer.json()) == 100
    return statistics.median(times) * 1000


class Health:
    """An app in a process of its own, asked over a Unix socket."""

    def __init__(self, path: str) -> None:
        """Connect to it."""
        self._path = path
        self._connect()

    def _connect(self) -> None:
        self._connection = http.client.HTTPConnection("app")
        self._connection.sock = socket.socket(socket.AF_UNIX)
        self._connection.sock.connect(self._path)

    def ask(self, method: str, path: str, body: str | None = None) -> None:
        """Ask for something."""
        self._connection.request(method, path, body, {"content-type": "application/json"} if body else {})
        answer = self._connection.getresponse()
        answer.read()
        assert answer.status < 300, answer.status

    def p99_ms(self, seconds: float) -> float:
        """Ask for its health for a while, a hundred times a second at most."""
        # uvicorn closes a connection that idles.
        self._connect()
        times, end = [], time.monotonic() + seconds
        while time.monotonic() < end:
            begun = time.perf_counter()
            self.ask("GET", "/health")
            times.append(time.perf_counter() - begun)
            time.sleep(0.01)
        return percentile(times, 99)


@contextmanager
def served(folder: Path) -> Iterator[Health]:
    """Serve the app."""
    path = str(folder / "health")
    process = subprocess.Popen([sys.executable, str(Path(__file__).with_name("job_functions.py")), path])
    try:
        end = time.monotonic() + LIMIT_S
        app = None
        while app is None:
            assert time.monotonic() < end, "the app does not serve"
            time.sleep(0.1)
            with suppress(OSError):
                app = Health(path)
        yield app
    finally:
        process.terminate()
        process.wait(LIMIT_S)
        Path(path).unlink(missing_ok=True)


def health(folder: Path, seconds: float) -> list[Row]:
    """How soon the app answers while it is idle, while 8 jobs are busy, and while 8 background tasks are."""
    found = {}
    for name in ("jobs", "background tasks"):
        with served(folder) as app:
            app.p99_ms(1)
            found[f"idle, {name}"] = app.p99_ms(seconds)
            for _ in range(8):
                if name == "jobs":
                    app.ask("POST", "/jobs/be_busy", f'{{"seconds": {seconds + 10}}}')
                else:
                    app.ask("POST", f"/background?seconds={seconds + 1}")
            # The processes start.
            time.sleep(8 if name == "jobs" else 0)
            found[name] = app.p99_ms(seconds)
    idle, busy = found["idle, jobs"], found["jobs"]
    tasks, idle_tasks = found["background tasks"], found["idle, background tasks"]
    seen = f"{tasks / idle_tasks:.2f} × ({tasks:,.1f} and {idle_tasks:,.1f} ms)"
    return [
        times_as_long("`/health` p99 under 8 busy jobs, against idle", 2.0, busy, idle, "ms"),
        Row("`/health` p99 under 8 `BackgroundTasks`, against idle", "", seen, holds=True),
    ]


def dask(folder: Path, rounds: int) -> list[Row]:
    """Short and longer jobs on Dask, and the same calls on Dask alone."""
    # It takes a second, and has types in part.
    distributed: Any = import_module("distributed")
    file = folder / "scheduler.json"
    common = ["--no-dashboard", "--scheduler-file", str(file)]
    command = [sys.executable, "-m", "dask"]
    log = subprocess.DEVNULL
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    scheduler = [*command, "scheduler", "--host", "127.0.0.1", "--port", "0", *common]
    worker = [*command, "worker", "--nthreads", "1", "--no-nanny", *common]
    begun = [subprocess.Popen(each, stderr=log, env=env, cwd=folder) for each in (scheduler, worker, worker)]
    try:
        while not file.exists():
            time.sleep(0.05)
        with distributed.Client(scheduler_file=str(file), set_as_default=False) as client:
            client.wait_for_workers(2, timeout=LIMIT_S)
            made = Jobs(folder / "dask.db", executor=lambda: distributed.Client(scheduler_file=str(file)))
            with jobs_on(made) as jobs:
                job = jobs._functions["work"]
                alone = client.get_executor(pure=False)
                pids = [os.getpid(), *(process.pid for process in begun)]

                def at_once(begin: Callable[[], list[Any]]) -> Sample:
                    """Wait for all, and count the CPU time of all four processes."""
                    before = sum(map(cpu_s_of, pids))
                    sample = timed(lambda: [each.result(LIMIT_S) for each in begin()], 1)
                    return sample._replace(cpu_s=sum(map(cpu_s_of, pids)) - before)

                def both(count: int, took_s: float) -> list[Row]:
                    results = in_turn(
                        {
                            "jobs": lambda: at_once(lambda: [job.submit(took_s) for _ in range(count)]),
                            "dask": lambda: at_once(lambda: [alone.submit(work_a_while, took_s) for _ in range(count)]),
                        },
                        rounds,
                    )
                    ours, theirs = results["jobs"], results["dask"]
                    what = f"{count} jobs of {took_s * 1000:.0f} ms on Dask"
                    cpus = f"{ours.cpu_us / count / 1000:.1f} and {theirs.cpu_us / count / 1000:.1f} ms"
                    return [
                        times_as_long(
                            f"{what}, against Dask alone", 1.1, ours.median_us / 1e6, theirs.median_us / 1e6, "s"
                        ),
                        Row(f"{what}, CPU of all four processes for each", "", cpus, holds=True),
                    ]

                job.submit(0.0).result(LIMIT_S)
                return both(200, 0.02) + both(50, 0.2)
    finally:
        for process in reversed(begun):
            process.terminate()
            process.wait(LIMIT_S)


def main() -> int:
    """Measure, print, write, and give the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5, help="how long progress and health are watched")
    given = parser.parse_args()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found, results = overhead(folder, given.rounds)
        rows += found
        rows += progress(given.seconds)
        rows += queue(folder)
        rows += health(folder, given.seconds)
        rows += dask(folder, max(2, given.rounds // 2))
    seen = f"{machine('no', 'fastapi', 'distributed')}; {given.rounds} rounds"
    return conclude("jobs", seen, rows, [("a job, and the bare pool", table_of(results, "ProcessPoolExecutor"))])


if __name__ == "__main__":
    sys.exit(main())
