"""What can go wrong with jobs. Each error has the `code` of the bridge's problems, also on the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from sidecar_bridge._client.errors import BridgeError

if TYPE_CHECKING:
    from sidecar_bridge._client.problem import ErrorCode
    from sidecar_bridge.jobs._records import JobRecord


class Cancelled(BaseException):
    """Raised in a job's function by `job.check()` once the job is to stop. Let it pass.

    It is no `Exception`, so that `except Exception` does not swallow it; `finally` and `with` do their work.
    """


class JobsError(BridgeError):
    """The base of the errors of jobs."""

    code: ClassVar[ErrorCode] = "internal"
    """The kind of error, as in the bridge's problems."""


class UnknownJobError(JobsError):
    """There is no job with that id, or its row was old and has been removed."""

    code: ClassVar[ErrorCode] = "not_found"

    @classmethod
    def of(cls, id: str) -> UnknownJobError:
        """Give the error for an id."""
        return cls(f"there is no job {id!r}; it may have been removed with the oldest")


class InvalidArgumentsError(JobsError):
    """The arguments are not those of the function, or an idempotency key came again with other ones."""

    code: ClassVar[ErrorCode] = "invalid_argument"


class JobStateError(JobsError):
    """The job's state does not allow that: it has ended, or it has not."""

    code: ClassVar[ErrorCode] = "failed_precondition"


class NotImportableError(JobsError):
    """A worker process could not find the function: it is no function of a module."""

    code: ClassVar[ErrorCode] = "failed_precondition"


class HistoryError(JobsError):
    """The database cannot be used: locked by another process, damaged, read-only, too new, or its disk is full.

    A job whose `submit` raises this was not accepted.
    """

    code: ClassVar[ErrorCode] = "unavailable"

    @property
    def retryable(self) -> bool:
        """Whether the same call may succeed later: nothing was done."""
        return True


class NotOpenError(JobsError):
    """The jobs are closed: the sidecar stops."""

    code: ClassVar[ErrorCode] = "unavailable"

    @property
    def retryable(self) -> bool:
        """Whether the same call may succeed later, with the next sidecar: nothing was done."""
        return True


class _EndedError(JobsError):
    def __init__(self, job: JobRecord[Any]) -> None:
        super().__init__(job)
        self.job: JobRecord[Any] = job

    def __str__(self) -> str:
        why = f": {self.job.failure.detail}" if self.job.failure else ""
        return f"job `{self.job.name}` ({self.job.id}) is {self.job.state}{why}"


class JobFailedError(_EndedError):
    """The job whose result was asked for has failed; `job.failure` says why."""

    code: ClassVar[ErrorCode] = "internal"


class JobCancelledError(_EndedError):
    """The job whose result was asked for was cancelled."""

    code: ClassVar[ErrorCode] = "cancelled"


class JobInterruptedError(_EndedError):
    """The job whose result was asked for was under way when the sidecar ended; `retry` starts it again."""

    code: ClassVar[ErrorCode] = "unavailable"
