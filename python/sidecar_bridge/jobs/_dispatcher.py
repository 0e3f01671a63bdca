"""What is asked of jobs, from any thread: to take one, to stop one, and how they are."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sidecar_bridge.jobs._errors import NotOpenError, UnknownJobError
from sidecar_bridge.jobs._history import History, Row
from sidecar_bridge.jobs._records import ENDED, Progress
from sidecar_bridge.jobs._runner import Runner

if TYPE_CHECKING:
    from collections.abc import Callable

    from sidecar_bridge.jobs._ends import Observer
    from sidecar_bridge.jobs._lane import Lane, LaneOptions
    from sidecar_bridge.jobs._records import AnyRecord
    from sidecar_bridge.jobs._shape import Shape


class Dispatcher:
    """Takes jobs, lets them run and knows what becomes of them."""

    def __init__(
        self, lanes: dict[str, LaneOptions], *, keep: int, max_result_bytes: int, observer: Observer | None
    ) -> None:
        """Run jobs on these executors once it is open."""
        self._runner = Runner(lanes, keep=keep, max_result_bytes=max_result_bytes, observer=observer)
        self._keep = keep
        self._history: History | None = None

    @property
    def shapes(self) -> dict[str, Shape]:
        """The functions, by their names."""
        return self._runner.shapes

    @property
    def lanes(self) -> dict[str, Lane]:
        """The queues, by their names."""
        return self._runner.lanes

    def open(self, path: Path | None) -> None:
        """Open the history, end what an earlier sidecar has left, and begin what waits."""
        history = self._history = History(path)
        for name in history.interrupt({name for name, shape in self.shapes.items() if shape.options.resume}):
            with suppress(OSError):
                Path(name).unlink()
        history.forget(self._keep)
        self._runner.open(history)

    def close(self) -> None:
        """Stop what runs, and keep what waits for the next time."""
        if self._history is None:
            return
        self._runner.close()
        self._history.close()
        self._history = None
        self._runner.watches.tell_all()

    @property
    def history(self) -> History:
        """The history.

        Raises:
            NotOpenError: It is closed.
        """
        if self._history is None:
            msg = "the jobs are not open; include `jobs.router` in the app, or use them inside of `with jobs:`"
            raise NotOpenError(msg)
        return self._history

    def accept(self, row: AnyRecord, arguments: bytes, key: str | None) -> str:
        """Keep a job, and begin it when its turn comes; give its id, or that of the job with this key."""
        if self._runner.is_stopping:
            msg = "the sidecar stops, and takes no more jobs"
            raise NotOpenError(msg)
        found, number = self.history.add(row, arguments, key)
        if number is not None:
            waiting = Row(number, found, row.name, row.queue, row.priority)
            self._runner.post(lambda: self._runner.take(waiting))
            self._runner.watches.tell(found)
        return found

    def get(self, id: str) -> AnyRecord:
        """Give a job as it is now."""
        record = self.history.get(id)
        if record is None:
            raise UnknownJobError.of(id)
        return self._now(record)

    def has_ended(self, id: str) -> bool:
        """Tell whether a job has ended, which costs less than `get`."""
        state = self.history.state_of(id)
        if state is None:
            raise UnknownJobError.of(id)
        return state in ENDED

    def newest(self, **what: Any) -> list[AnyRecord]:
        """Give jobs, the newest first."""
        return [self._now(record) for record in self.history.newest(**what)]

    def cancel(self, id: str) -> AnyRecord:
        """Let a job stop. A second time changes nothing."""
        self._runner.ask(lambda: self._runner.cancel(id))
        return self.get(id)

    def retry(self, id: str) -> AnyRecord:
        """Queue a job again that has not done its work."""
        self._runner.ask(lambda: self._runner.retry(id))
        return self.get(id)

    def watch(self, id: str | None, wake: Callable[[], None], *, only_end: bool = False) -> Callable[[], None]:
        """Call `wake` at each change of a job, or of any, or at the job's end alone; give what ends that."""
        return self._runner.watches.add(id, wake, only_end=only_end)

    def _now(self, record: AnyRecord) -> AnyRecord:
        """Give a job with the progress that its worker has told, which the history has at the end alone."""
        attempt = self._runner.attempts.of_job(record.id)
        if attempt is None or attempt.progress is None or record.state not in {"running", "cancelling"}:
            return record
        return record.model_copy(update={"progress": Progress(**attempt.progress)})
