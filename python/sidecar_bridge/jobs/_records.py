"""What is known of a job, as Python and as the page see it."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - pydantic reads the annotations
from typing import Any, ClassVar, Generic, Literal, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, Field, JsonValue
from pydantic.alias_generators import to_camel

ResultT = TypeVar("ResultT")

State: TypeAlias = Literal["queued", "running", "cancelling", "done", "failed", "cancelled", "interrupted"]
"""Where a job is. The last four are ends."""

FailureCode: TypeAlias = Literal[
    "exception", "worker_lost", "not_importable", "invalid_arguments", "invalid_result", "result_too_large"
]
"""Why a job has failed: its function raised, its worker died, or what goes in or out of it does not fit."""

ENDED: frozenset[State] = frozenset({"done", "failed", "cancelled", "interrupted"})


class _Model(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(
        alias_generator=to_camel, validate_by_name=True, serialize_by_alias=True, frozen=True
    )


class JobProgress(_Model):
    """How far a job is.

    Attributes:
        fraction: From 0 to 1 of the whole job, and never less than before; `None` while nobody knows.
        stage: What the job does at present, in the words of its function.
        current: How many steps of the stage are done.
        total: How many steps the stage has, if it says so.
        rest_ms: An estimate of the time that is left.
    """

    fraction: float | None = None
    stage: str = ""
    current: float | None = None
    total: float | None = None
    rest_ms: int | None = None


class LogLine(_Model):
    """A line of `job.log`; `n` counts from 1 in each job."""

    n: int
    at: datetime
    text: str
    values: dict[str, JsonValue] = {}


class JobFailure(_Model):
    """Why a job has failed. What may have paths and secrets in it stays in Python.

    Attributes:
        code: The kind.
        type: The exception's type, with its module.
        detail: What happened; of an exception its text.
        traceback: Of the exception. Not on the wire.
        stderr: The last lines that the worker wrote to its standard error. Not on the wire.
    """

    code: FailureCode
    detail: str
    type: str | None = None
    traceback: str | None = Field(default=None, exclude=True)
    stderr: str | None = Field(default=None, exclude=True)


# In OpenAPI all models of an app are side by side, and one that has a `Failure` of its own keeps its name.
Progress = JobProgress
Failure = JobFailure


class JobRecord(_Model, Generic[ResultT]):
    """A job: an accepted call of a function, and what became of it.

    Attributes:
        id: A random name, for the paths of `Jobs.router`.
        name: The function's.
        label: What tells it from others of its function, such as the name of a file; empty unless given.
        queue: Where it waits, or has waited.
        priority: Those with more go first.
        state: `queued`, `running`, `cancelling` (asked to stop, and not at an end yet), or an end: `done`, `failed`,
            `cancelled`, `interrupted` (the sidecar ended while it was under way).
        attempt: How often it was begun.
        progress: How far it is.
        submitted_at: When it was accepted.
        started_at: When its latest attempt was given to the executor.
        ended_at: When it ended.
        result: What the function returned, of a job that is `done`.
        failure: Why it has `failed`.
    """

    id: str
    name: str
    label: str = ""
    queue: str = "default"
    priority: int = 0
    state: State
    attempt: int = 0
    progress: Progress = Progress()
    submitted_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    result: ResultT | None = None
    failure: Failure | None = None

    @property
    def has_ended(self) -> bool:
        """Whether nothing changes any more, unless somebody calls `retry`."""
        return self.state in ENDED


class JobUpdate(_Model, Generic[ResultT]):
    """A job as it is now, and the lines that it has logged since the update before."""

    job: ResultT
    logs: list[LogLine] = []


class JobsUpdate(_Model, Generic[ResultT]):
    """What has changed among jobs: the ids of all that are meant, the newest first, and those jobs that are news."""

    ids: list[str]
    jobs: list[ResultT]


AnyRecord: TypeAlias = JobRecord[Any]
Record = JobRecord[Any]
"""The same to make one of: what pydantic looks up for each `JobRecord[Any]` takes longer than to make it."""
