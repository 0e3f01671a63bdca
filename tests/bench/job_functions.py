"""The functions that `jobs.py` measures, in a module that workers import, and the server whose `/health` it asks."""

from __future__ import annotations

import sys
import time

from fastapi import BackgroundTasks, FastAPI
from sidecar_bridge.jobs import Job, Jobs

here = Jobs()
"""Decorates; `jobs_on` gives jobs of their own."""


def bare(n: int) -> int:
    """What a job costs is compared with this."""
    return 2 * n


@here.job
def double(_job: Job, n: int) -> int:
    """Do the same, as a job."""
    return 2 * n


def work_a_while(took_s: float) -> None:
    """Take so long, for Dask alone."""
    time.sleep(took_s)


@here.job
def work(_job: Job, took_s: float) -> None:
    """Do the same, as a job."""
    work_a_while(took_s)


@here.job
def wait(job: Job) -> None:
    """Be in the way until somebody cancels it."""
    while True:
        job.check()
        time.sleep(0.05)


@here.job
def report(job: Job, per_second: int, seconds: int) -> int:
    """Tell how far it is, so many times a second; give how often it did."""
    total, told, end = per_second * seconds, 0, time.monotonic() + seconds
    begun = time.monotonic()
    while told < total and time.monotonic() < end:
        due = min(total, int((time.monotonic() - begun) * per_second))
        while told < due:
            told += 1
            job.progress(told, total)
    return told


def burn(seconds: float) -> None:
    """Keep a core busy."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        sum(range(1000))


@here.job
def be_busy(_job: Job, seconds: float) -> None:
    """Do the same, as a job."""
    burn(seconds)


def jobs_on(jobs: Jobs) -> Jobs:
    """Add the functions to jobs."""
    for function in here._functions.values():
        jobs._add(function.__wrapped__, function.shape.name, function.shape.options)  # type: ignore[attr-defined]
    return jobs


def app() -> FastAPI:
    """Give an app that is asked for its health while it works."""
    jobs = jobs_on(Jobs(concurrency=8))
    made = FastAPI()
    made.include_router(jobs.router)

    @made.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "healthy"}

    @made.post("/background")
    async def background(tasks: BackgroundTasks, seconds: float) -> None:
        tasks.add_task(burn, seconds)

    return made


if __name__ == "__main__":
    import uvicorn

    uvicorn.run(app(), uds=sys.argv[1], log_level="warning", loop="asyncio")
