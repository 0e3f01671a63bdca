"""The functions that are jobs, and the jobs that were made of them, with their types."""

from __future__ import annotations

import asyncio
import functools
import threading
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, TypeVar
from uuid import uuid4

from sidecar_bridge.jobs import _checks
from sidecar_bridge.jobs._errors import JobCancelledError, JobFailedError, JobInterruptedError
from sidecar_bridge.jobs._job import readable
from sidecar_bridge.jobs._records import JobRecord, JobUpdate, Record

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Generator, Iterator

    from sidecar_bridge.jobs._dispatcher import Dispatcher
    from sidecar_bridge.jobs._job import Job
    from sidecar_bridge.jobs._records import AnyRecord
    from sidecar_bridge.jobs._shape import Shape

P = ParamSpec("P")
R = TypeVar("R")
C = TypeVar("C")

UPDATE_INTERVAL_S = 0.05
"""How long after an update the next one comes at the earliest."""
LIST_INTERVAL_S = 0.25
"""The same, of an update of many jobs."""
LOGS = 1000
"""How many lines an update has at most."""


class JobRef(Generic[R]):
    """A job that was submitted. Blocking code calls `result`, async code awaits it: `model = await train.submit(3)`.

    Iterating, also with `async for`, gives the job at each change until it has ended, 20 times a second at most.
    """

    def __init__(self, dispatcher: Callable[[], Dispatcher], id: str, shape: Shape) -> None:
        """Refer to a job of a function."""
        self.id: str = id
        """The job's id."""
        self._dispatcher, self._shape = dispatcher, shape

    def get(self) -> JobRecord[R]:
        """Give the job as it is now.

        Raises:
            UnknownJobError: It has ended long ago, and was removed.
        """
        return self._typed(self._dispatcher().get(self.id))

    def cancel(self) -> JobRecord[R]:
        """Let the job stop, at its next `job.check()`. A second time changes nothing.

        Raises:
            JobStateError: It has ended.
        """
        return self._typed(self._dispatcher().cancel(self.id))

    def result(self, timeout_s: float | None = None) -> R:
        """Wait for the job's end, and give what its function has returned.

        Raises:
            JobFailedError: The function raised, or its worker died; `job.failure` says more.
            JobCancelledError: Somebody has cancelled it.
            JobInterruptedError: The sidecar ended while it was under way.
            TimeoutError: It has not ended within that time. It goes on.
        """
        changed = threading.Event()
        end = None if timeout_s is None else monotonic() + timeout_s

        def wait() -> None:
            if not changed.wait(None if end is None else min(max(0.0, end - monotonic()), threading.TIMEOUT_MAX)):
                msg = f"job `{self._shape.name}` ({self.id}) has not ended within {timeout_s} s; it goes on"
                raise TimeoutError(msg)
            changed.clear()

        unwatch = self._dispatcher().watch(self.id, changed.set, only_end=True)
        try:
            if not self._dispatcher().has_ended(self.id):
                wait()
            while not (job := self.get()).has_ended:
                wait()
        finally:
            unwatch()
        return _result_of(job)

    def __await__(self) -> Generator[Any, None, R]:
        """Wait for the result; a task that is cancelled meanwhile does not cancel the job."""
        return self._wait().__await__()

    def __iter__(self) -> Iterator[JobRecord[R]]:
        """Give the job at each change."""
        changed = threading.Event()
        unwatch = self._dispatcher().watch(self.id, changed.set)
        last: JobRecord[R] | None = None
        try:
            while last is None or not last.has_ended:
                changed.clear()
                job = self.get()
                if job != last:
                    last = job
                    yield job
                if not job.has_ended:
                    changed.wait()
                    sleep(UPDATE_INTERVAL_S)
        finally:
            unwatch()

    async def __aiter__(self) -> AsyncIterator[JobRecord[R]]:
        """Give the job at each change."""
        last: AnyRecord | None = None
        async for update in follow(self._dispatcher(), self.id):
            if update.job != last:
                last = update.job
                yield self._typed(update.job)

    def __repr__(self) -> str:
        """Name the job."""
        return f"<JobRef {self._shape.name} {self.id}>"

    async def _wait(self) -> R:
        async with _woken(self._dispatcher(), self.id, only_end=True) as changed:
            if not await asyncio.to_thread(self._dispatcher().has_ended, self.id):
                await changed.wait()
                changed.clear()
            while not (job := await asyncio.to_thread(self.get)).has_ended:
                await changed.wait()
                changed.clear()
        return _result_of(job)

    def _typed(self, job: AnyRecord) -> JobRecord[R]:
        if job.state != "done":
            return job
        return job.model_copy(update={"result": self._shape.decode(job.result)})


class JobFunction(Generic[P, R, C]):
    """A function that `Jobs.job` has decorated. Called, it runs here and now: `train(Job(), 3)`, as a test does."""

    def __init__(
        self,
        dispatcher: Callable[[], Dispatcher],
        function: Callable[Concatenate[Job, P], C],
        shape: Shape,
        *,
        priority: int | None = None,
        key: str | None = None,
        label: str = "",
    ) -> None:
        """Decorate a function."""
        functools.update_wrapper(self, function)
        self.shape: Shape = shape
        self._dispatcher, self._function, self._key, self._label = dispatcher, function, key, label
        self._priority = shape.options.priority if priority is None else priority

    def __call__(self, job: Job, /, *args: P.args, **kwargs: P.kwargs) -> C:
        """Call the function itself."""
        return self._function(job, *args, **kwargs)

    def submit(self, /, *args: P.args, **kwargs: P.kwargs) -> JobRef[R]:
        """Accept a job. Once this has returned, the history has the job, and a crash does not lose it.

        Takes less than a millisecond, so that async code calls it as it is.

        Raises:
            InvalidArgumentsError: The arguments are not the function's.
            HistoryError: The database did not take the job.
            NotOpenError: The sidecar stops.
        """
        return self._accept(self.shape.bind(args, kwargs), self._key)

    def having(self, *, priority: int | None = None, key: str | None = None, label: str = "") -> JobFunction[P, R, C]:
        """Give the function with other options: `train.having(priority=5).submit(3)`.

        Args:
            priority: Those with more go first.
            key: An idempotency key: a job of the function with the same key and arguments is the same job.
            label: What tells the job from others of the function, such as the name of a file. A page sees it.

        Raises:
            TypeError: The priority is no integer, or the key or the label no text.
            ValueError: The priority is too large, or the key is empty or no Unicode.
        """
        if priority is not None:
            _checks.whole("priority", priority, least=-_checks.LARGEST)
        if key is not None:
            _checks.text("key", key)
            if not key:
                msg = "`key` is empty; give a text that tells this job from others, or `None`"
                raise ValueError(msg)
        # What is no Unicode is spelled out in it.
        _checks.text("label", label, is_unicode=False)
        priority = self._priority if priority is None else priority
        return JobFunction(self._dispatcher, self._function, self.shape, priority=priority, key=key, label=label)

    def ref(self, id: str) -> JobRef[R]:
        """Refer to a job of this function, such as one of another life of the sidecar."""
        return JobRef(self._dispatcher, id, self.shape)

    def _accept(self, arguments: bytes, key: str | None) -> JobRef[R]:
        shape = self.shape
        record = Record(
            id=uuid4().hex,
            name=shape.name,
            label=readable(self._label),
            queue=shape.options.queue,
            priority=self._priority,
            state="queued",
            submitted_at=datetime.now(UTC),
        )
        return self.ref(self._dispatcher().accept(record, arguments, key))


async def follow(dispatcher: Dispatcher, id: str, after: int = 0) -> AsyncIterator[JobUpdate[AnyRecord]]:
    """Give a job at each change until it has ended, with the lines that it has logged behind line `after`."""

    def look() -> JobUpdate[AnyRecord]:
        job = dispatcher.get(id)
        return JobUpdate[Any](job=job, logs=dispatcher.history.logs(id, after, LOGS))

    last: AnyRecord | None = None
    async with _woken(dispatcher, id) as changed:
        while True:
            changed.clear()
            update = await asyncio.to_thread(look)
            if update.job != last or update.logs:
                last = update.job
                after = update.logs[-1].n if update.logs else after
                yield update
            if len(update.logs) == LOGS:
                continue
            if update.job.has_ended:
                return
            await changed.wait()
            await asyncio.sleep(UPDATE_INTERVAL_S)


async def follow_all(dispatcher: Dispatcher, **what: Any) -> AsyncIterator[tuple[list[str], list[AnyRecord]]]:
    """Give the ids of the newest jobs at each change of any, and those jobs of them that are not as before."""
    last: dict[str, AnyRecord] | None = None
    async with _woken(dispatcher, None) as changed:
        while True:
            changed.clear()
            found = {record.id: record for record in await asyncio.to_thread(dispatcher.newest, before=None, **what)}
            news = [record for record in found.values() if last is None or record != last.get(record.id)]
            # The first time also without jobs, so that a page knows that there are none.
            if news or last is None or list(found) != list(last):
                yield list(found), news
            last = found
            await changed.wait()
            await asyncio.sleep(LIST_INTERVAL_S)


@asynccontextmanager
async def _woken(dispatcher: Dispatcher, id: str | None, *, only_end: bool = False) -> AsyncIterator[asyncio.Event]:
    """Give an event that is set at each change of a job, or of any, or at the job's end alone."""
    loop = asyncio.get_running_loop()
    changed = asyncio.Event()

    def wake() -> None:
        # RuntimeError: the loop has ended.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(changed.set)

    unwatch = dispatcher.watch(id, wake, only_end=only_end)
    try:
        yield changed
    finally:
        unwatch()


def _result_of(job: JobRecord[R]) -> R:
    if job.state == "done":
        result: Any = job.result
        return result  # type: ignore[no-any-return] # `None` is a result too
    errors = {"failed": JobFailedError, "cancelled": JobCancelledError}
    raise errors.get(job.state, JobInterruptedError)(job)
