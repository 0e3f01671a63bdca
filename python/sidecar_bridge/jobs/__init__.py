"""Long work: functions that run outside of the event loop, with progress, cancel, results and a history.

Example::

    jobs = Jobs(lambda: paths().data / "jobs.db")

    @jobs.job
    def train(job: Job, epochs: int) -> Model:
        for epoch in job.track(range(epochs), "training"):
            job.log(f"epoch {epoch}")
        return Model(...)

    app.include_router(jobs.router)

They run on processes of the sidecar's own, on any `concurrent.futures.Executor`, or on a Dask cluster. `docs/jobs.md`
has what each can do, and the traps.
"""

from __future__ import annotations

try:
    import pydantic as _pydantic  # noqa: F401 - whether it is there
except ImportError as _error:
    _msg = "pydantic is not installed, which jobs need; run: pip install 'tauri-sidecar-bridge[jobs]'"
    raise ImportError(_msg) from _error

from sidecar_bridge.jobs._desktop import Desktop
from sidecar_bridge.jobs._errors import (
    Cancelled,
    HistoryError,
    InvalidArgumentsError,
    JobCancelledError,
    JobFailedError,
    JobInterruptedError,
    JobsError,
    JobStateError,
    NotImportableError,
    NotOpenError,
    UnknownJobError,
)
from sidecar_bridge.jobs._function import JobFunction, JobRef
from sidecar_bridge.jobs._job import Job
from sidecar_bridge.jobs._jobs import Jobs, Queue
from sidecar_bridge.jobs._records import Failure, JobRecord, JobUpdate, LogLine, Progress, State

__all__ = [
    "Cancelled",
    "Desktop",
    "Failure",
    "HistoryError",
    "InvalidArgumentsError",
    "Job",
    "JobCancelledError",
    "JobFailedError",
    "JobFunction",
    "JobInterruptedError",
    "JobRecord",
    "JobRef",
    "JobStateError",
    "JobUpdate",
    "Jobs",
    "JobsError",
    "LogLine",
    "NotImportableError",
    "NotOpenError",
    "Progress",
    "Queue",
    "State",
    "UnknownJobError",
]
