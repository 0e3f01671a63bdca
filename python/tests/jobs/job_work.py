"""The jobs that the tests run, in a module that workers of every kind can import."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from datetime import date
from pathlib import Path

import httpx
from pydantic import BaseModel

from sidecar_bridge.jobs import Cancelled, Job, Jobs

LIMIT_S = 60.0
"""After how long a test gives up: a process of a busy machine takes its time to start."""

here = Jobs()
"""Decorates; the tests run the functions with jobs of their own, to which `add_to` adds them."""


class Model(BaseModel):
    name: str
    trained: date


class TwoArgumentsError(Exception):
    """Pickles, and does not unpickle."""

    def __init__(self, text: str, _other: int) -> None:
        super().__init__(text)


def add_to(jobs: Jobs) -> Jobs:
    for function in here._functions.values():
        jobs._add(function.__wrapped__, function.shape.name, function.shape.options)  # type: ignore[attr-defined]
    return jobs


def until(path: str) -> None:
    """Wait until a test makes that file."""
    while not Path(path).exists():
        time.sleep(0.005)


@here.job(max_memory_bytes=256 * 1024 * 1024)
def fill(_job: Job, size: int) -> int:
    """Have so much memory."""
    return len(bytearray(size))


@here.job
def niceness(_job: Job) -> int:
    return os.nice(0)


@here.job
def double(job: Job, n: int) -> int:
    """Double a number."""
    job.check()
    return 2 * n


@here.job
def train(job: Job, epochs: int, name: str = "a") -> Model:
    for epoch in job.track(range(epochs), "training"):
        job.log(f"epoch {epoch}", loss=1 / (epoch + 1))
    return Model(name=name, trained=date(2024, 12, 31))


@here.job
async def greet(job: Job, name: str) -> str:
    await asyncio.sleep(0)
    job.check()
    return f"hello {name}"


@here.job
def halves(job: Job, first: str, second: str) -> None:
    """Two stages, of which the first ends when the test says so, and the second as well."""
    with job.stage("first", share=0.5):
        for n in job.track(range(2)):
            if n == 1:
                until(first)
    with job.stage("second"):
        job.progress(1, 2)
        until(second)


@here.job
def listen(job: Job, begun: str) -> None:
    """Go on until it is cancelled."""
    Path(begun).touch()
    while True:
        job.check()
        time.sleep(0.005)


@here.job
def stop_at_half(job: Job, how: str, begun: str) -> None:
    """End in the middle of a loop, in one of three ways."""
    for n in job.track(range(2), "rows"):
        if n == 1 and how == "break":
            break
        if n == 1 and how == "raise":
            msg = "at half"
            raise ValueError(msg)
        if n == 1:
            Path(begun).touch()
        while n == 1:
            job.check()
            time.sleep(0.005)


@here.job(cancel_timeout_s=0.2)
def be_deaf(job: Job, begun: str, end: str = "/nowhere") -> str:
    print("I do not listen", file=sys.stderr, flush=True)
    Path(begun).touch()
    until(end)
    return f"{job.id} is done"


@here.job(keep_awake=True, cancel_timeout_s=0.2)
def stay_awake(_job: Job, end: str, said: str | None = None) -> None:
    if said:
        Path(said).write_text(f"{os.getpid()}\n")
    until(end)


@here.job
def finish_anyway(job: Job, begun: str) -> str:
    """Hear that it is to stop, and be done in spite of that."""
    Path(begun).touch()
    try:
        while True:
            job.check()
            time.sleep(0.005)
    except Cancelled:
        return "done anyway"


@here.job
def swallow(job: Job, begun: str) -> str:
    Path(begun).touch()
    while True:
        try:
            job.check()
        except Exception:  # as careless code does
            return "swallowed"
        time.sleep(0.005)


@here.job
def leave(_job: Job, code: int = 3) -> None:
    sys.exit(code)


@here.job
def interrupt(_job: Job) -> None:
    raise KeyboardInterrupt


@here.job
def raise_http(_job: Job) -> None:
    request = httpx.Request("GET", "http://example.com")
    msg = "404"
    raise httpx.HTTPStatusError(msg, request=request, response=httpx.Response(404, request=request))


@here.job
def raise_two(_job: Job) -> None:
    msg = "two arguments"
    raise TwoArgumentsError(msg, 2)


@here.job
def die(_job: Job, how: str = "kill") -> None:
    print("last words", file=sys.stderr, flush=True)
    if how == "exit":
        os._exit(7)
    os.kill(os.getpid(), signal.SIGKILL)


@here.job
def die_and_leave_a_file(job: Job, path: str) -> None:
    with job.file(path) as file:
        file.write(b"half")
        file.flush()
        os.kill(os.getpid(), signal.SIGKILL)


@here.job
def crash(_job: Job) -> None:
    """Crash in C."""
    import ctypes  # noqa: PLC0415

    ctypes.string_at(0)


@here.job(resume=True)
def count_on(job: Job, to: int, die_at: int) -> list[int]:
    """Count from the checkpoint, and die once on the way."""
    begun = job.restored or 0
    for n in range(begun, to):
        job.checkpoint(n)
        if n == die_at and job.attempt == 1:
            os.kill(os.getpid(), signal.SIGKILL)
    return [begun, to, job.attempt]


@here.job(resume=True)
def die_always(_job: Job, log: str) -> None:
    with Path(log).open("a") as file:
        file.write("x")
    os.kill(os.getpid(), signal.SIGKILL)


@here.job
def write(job: Job, path: str, fail: bool = False) -> str:
    with job.file(path, "w") as file:
        file.write("whole")
        if fail:
            msg = "on purpose"
            raise ValueError(msg)
    return Path(path).read_text()


@here.job
def give(_job: Job, what: str) -> int:
    """Give what is no int, or no JSON."""
    found: object = {"text": "text", "lock": asyncio.Lock(), "large": 10**6}[what]
    return found  # type: ignore[return-value]


@here.job
def measure(job: Job, what: float, within: str = "") -> float | dict[str, float | None] | list[object]:
    """Log, keep and give a number that JSON may not have."""
    job.log("measured", loss=what)
    job.checkpoint(what)
    if within == "dict":
        return {"loss": what}
    return [[what]] if within == "list" else what


@here.job
def large(_job: Job, size: int) -> str:
    return "x" * size


@here.job
def take(_job: Job, *, key: str, priority: int, workers: int, pure: bool, self: int, json: str) -> str:
    """Take arguments that are called as options of executors and methods of models are."""
    return f"{key} {priority} {workers} {pure} {self} {json}"


@here.job
def append(_job: Job, path: str, text: str) -> None:
    with Path(path).open("a") as file:
        file.write(text)


@here.job
def pid(_job: Job) -> int:
    return os.getpid()


@here.job
def burst(job: Job, n: int) -> None:
    for step in range(1, n + 1):
        job.progress(step, n)


@here.job
def log_lines(job: Job, n: int) -> None:
    for line in range(n):
        job.log(f"line {line}")


@here.job
def with_tqdm(job: Job, n: int, begun: str, go: str) -> int:
    for step in job.tqdm(range(n), desc="rows", disable=True):
        if step == n - 1:
            Path(begun).touch()
            until(go)
    return n


@here.job
def append_id(job: Job, path: str) -> None:
    with Path(path).open("a") as file:
        file.write(f"{job.id}\n")


@here.job
def write_beside(job: Job, folder: str, begun: str) -> None:
    """Write a file whose name is no Unicode, as argument and result cannot have it."""
    with job.file(f"{folder}/\udcff.bin") as file:
        file.write(b"half")
        Path(begun).touch()
        until(f"{begun}-end")
        os.kill(os.getpid(), signal.SIGKILL)


@here.job
def write_and_wait(job: Job, path: str, begun: str) -> None:
    with job.file(path) as file:
        file.write(b"half")
        Path(begun).touch()
        until("/nowhere")


@here.job(resume=True)
def go_on(job: Job, folder: str) -> list[int]:
    """Make a file for each step; behind the third, wait until the test lets it go."""
    begun: int = job.restored or 0
    for n in range(begun, 5):
        job.checkpoint(n)
        job.log(f"step {n}")
        # The line comes behind the checkpoint on the same way, and 50 ms later at most.
        time.sleep(0.2)
        (Path(folder) / str(n)).touch()
        if n == 2:
            until(f"{folder}/go")
    return [begun, job.attempt]


@here.job
def begin(job: Job, path: str) -> int:
    """Write down the worker, and wait until the test lets it go."""
    with Path(path).open("a") as file:
        file.write(f"{os.getpid()}\n")
    while not Path(f"{path}-end").exists():
        time.sleep(0.01)
        job.check()
    return job.attempt


begin_again = here.job(name="begin_again", resume=True)(begin.__wrapped__)  # type: ignore[attr-defined]
