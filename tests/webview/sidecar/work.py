"""Jobs that stand still where a test wants to look at them."""

from __future__ import annotations

import time
from pathlib import Path

from sidecar_bridge.jobs import Job, Jobs

jobs = Jobs()


@jobs.job
def train_model(job: Job, epochs: int, done: int) -> str:
    """Train for so many epochs, and go on with the next one until somebody cancels it."""
    with job.stage("Reading the table", share=0.1):
        job.progress(1, 1)
    for epoch in job.track(range(epochs), "Training"):
        while epoch == done:
            job.check()
            time.sleep(0.01)
    return "trained"


@jobs.job
def look_around(job: Job) -> None:
    """Do what nobody knows the length of, until somebody cancels it."""
    for _ in job.track(iter(int, 1), "Looking for files"):
        time.sleep(0.01)


@jobs.job
def open_table(_job: Job, path: str) -> int:
    """Read a file, which may not be there."""
    return len(Path(path).read_bytes())
