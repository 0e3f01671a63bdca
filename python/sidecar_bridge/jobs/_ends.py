"""What becomes of attempts: what their workers say, and how they end. Only the thread of the jobs calls it.

A job's end is written down before anybody hears of it.
"""

from __future__ import annotations

import logging
from concurrent.futures import BrokenExecutor
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Protocol

from sidecar_bridge.jobs._errors import HistoryError
from sidecar_bridge.jobs._lane import RETRY_S
from sidecar_bridge.jobs._records import Failure, Progress

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from sidecar_bridge.jobs._attempt import Attempt, Attempts
    from sidecar_bridge.jobs._history import History
    from sidecar_bridge.jobs._records import AnyRecord, State
    from sidecar_bridge.jobs._watches import Watches
    from sidecar_bridge.jobs._ways import Message
    from sidecar_bridge.jobs._worker import Outcome

_logger = logging.getLogger("sidecar_bridge.jobs")

GRACE_S = 1.0
"""How long after a worker's end, or after its answer, what it said before may take to come."""
MAX_ATTEMPTS = 3
"""How often a job is begun whose worker dies each time, if it may be begun again at all."""


class Observer(Protocol):
    """Who hears how all jobs are doing."""

    def changed(self, running: dict[str, Progress]) -> None:
        """Hear how far the jobs are that run. Must be quick."""

    def ended(self, job: AnyRecord, took_s: float, *, notify: bool) -> None:
        """Hear that a job has ended. Must be quick."""


class Ends:
    """Hears what workers say, and ends their attempts."""

    def __init__(
        self,
        history: History,
        attempts: Attempts,
        watches: Watches,
        observer: Observer | None,
        *,
        keep: int,
        again: Callable[[Attempt], None],
        pump: Callable[[], None],
    ) -> None:
        """End attempts; `again` queues the job of one once more, and `pump` begins what has room then."""
        self._history, self._attempts, self._watches, self._observer = history, attempts, watches, observer
        self._keep, self._again, self._pump = keep, again, pump
        self._restarts: dict[str, int] = {}
        self._ended = 0

    def hear(self, token: str, message: Message) -> None:
        """Take what a worker says while it works."""
        attempt = self._attempts.of_token(token)
        if attempt is None:
            return
        attempt.received += 1
        id_ = attempt.row.id
        try:
            match message["kind"]:
                case "progress":
                    attempt.progress = message["progress"]
                    self._history.keep_logs(id_, message["logs"])
                    self._watches.tell(id_)
                    self.tell_observer()
                case "checkpoint":
                    self._history.keep_checkpoint(id_, message["value"])
                case "file":
                    self._history.keep_file(id_, message["path"])
                case "file done":
                    self._history.drop_file(id_, message["path"])
        finally:
            self.settle(attempt)

    def answer(self, attempt: Attempt, future: Future[Outcome]) -> None:
        """Take what an executor gives at the end."""
        # Dask runs a function again whose worker dies while anybody keeps its future.
        attempt.future = None
        try:
            attempt.outcome = future.result()
        except BaseException as error:  # `CancelledError` of an executor, `SystemExit` of a pool
            attempt.error = error
        self._settle_soon(attempt)

    def lose(self, token: str) -> None:
        """Know that a worker has ended; also where a pool's future never ends, as in CPython 3.11."""
        attempt = self._attempts.of_token(token)
        if attempt is not None:
            attempt.is_lost = True
            self._settle_soon(attempt)

    def settle(self, attempt: Attempt) -> None:
        """End an attempt once all is known that its worker has said."""
        if attempt.settle_at is None or attempt not in self._attempts:
            return
        is_late = monotonic() >= attempt.settle_at
        if attempt.unsaved is not None:
            if is_late:
                attempt.unsaved()
        elif attempt.outcome is not None:
            message, result = attempt.outcome
            if is_late or attempt.received >= message["sent"]:
                self._end(attempt, message, result)
        elif is_late or (attempt.is_lost and attempt.error is not None):
            self._end_lost(attempt)

    def stopped(self, attempt: Attempt) -> State:
        """What an attempt that has stopped early is now."""
        if attempt.asked != "stop":
            return "cancelled"
        return "queued" if attempt.shape.options.resume else "interrupted"

    def conclude(
        self,
        attempt: Attempt,
        state: State,
        *,
        logs: list[Message] | None = None,
        result: bytes | None = None,
        failure: Failure | None = None,
        has_died: bool = False,
    ) -> None:
        """Keep an attempt's end. A database that does not take it is asked again: the job is not lost."""
        row = attempt.row
        if attempt.progress is not None and state != "done":
            # Of what has ended nothing is left to wait for.
            attempt.progress = {**attempt.progress, "rest_ms": None}
        try:
            self._history.end(
                row.id,
                attempt.number,
                state,
                progress=attempt.progress,
                logs=logs or (),
                result=result,
                failure=failure,
            )
        except HistoryError:
            _logger.exception("the end of job %s waits until the database can be written", row.id)
            attempt.kill_at, attempt.settle_at = None, monotonic() + RETRY_S
            attempt.unsaved = lambda: self.conclude(
                attempt, state, logs=logs, result=result, failure=failure, has_died=has_died
            )
            return
        self._attempts.remove(attempt)
        attempt.lane.active -= 1
        attempt.pool.let_go(attempt.token, has_died=has_died)
        if state == "queued":
            self._again(attempt)
        else:
            self._restarts.pop(row.id, None)
            self.forget_old()
        self._watches.tell(row.id, has_ended=state != "queued")
        self.tell_observer(attempt if state != "queued" else None)
        self._pump()

    def forget_old(self) -> None:
        """Know that a job has ended; now and then the oldest go."""
        self._ended += 1
        if self._ended % 100 == 0:
            try:
                self._history.forget(self._keep)
            except HistoryError:
                # This job's end is written, and those who wait for it have to hear of it.
                _logger.exception("the oldest jobs stay until the database can be written")

    def tell_observer(self, ended: Attempt | None = None) -> None:
        """Tell how far the jobs are that run, and that one of them has ended."""
        if self._observer is None:
            return
        self._observer.changed({each.row.id: Progress(**(each.progress or {})) for each in self._attempts})
        if ended is not None and (record := self._history.get(ended.row.id)) is not None:
            self._observer.ended(record, monotonic() - ended.began, notify=ended.shape.options.notify)

    def _settle_soon(self, attempt: Attempt) -> None:
        if attempt.settle_at is None:
            attempt.settle_at = monotonic() + GRACE_S
        self.settle(attempt)

    def _end(self, attempt: Attempt, message: Message, result: bytes | None) -> None:
        attempt.progress = message.get("progress", attempt.progress)
        logs = message.get("logs", [])
        match message["end"]:
            case "done":
                if attempt.progress is not None:
                    attempt.progress = {**attempt.progress, "fraction": 1.0, "rest_ms": 0}
                self.conclude(attempt, "done", logs=logs, result=result)
            case "cancelled":
                self.conclude(attempt, self.stopped(attempt), logs=logs)
            case "lost":
                self._end_lost(attempt)
            case _:
                failure = Failure(**message["failure"])
                _logger.warning("job `%s` (%s) failed: %s", attempt.row.name, attempt.row.id, failure.detail)
                if failure.traceback:
                    _logger.warning("%s", failure.traceback.rstrip())
                self.conclude(attempt, "failed", logs=logs, failure=failure)

    def _end_lost(self, attempt: Attempt) -> None:
        """End an attempt whose worker has died, or which an executor has dropped."""
        id_ = attempt.row.id
        if attempt.future is not None:
            # Else Dask would begin it once more, if only to hear that it was begun.
            attempt.future.cancel()
        words = attempt.pool.last_words(attempt.token)
        for path in self._history.files_of(id_):
            with suppress(OSError):
                Path(path).unlink()
        if isinstance(attempt.error, BrokenExecutor) and attempt.pool.breaks_as_one:
            attempt.lane.drop(attempt.pool)
        if attempt.asked is not None:
            self.conclude(attempt, self.stopped(attempt), has_died=True)
            return
        restarts = self._restarts.get(id_, 0) + 1
        if restarts < MAX_ATTEMPTS and (attempt.shape.options.resume or not attempt.has_started):
            self._restarts[id_] = restarts
            self.conclude(attempt, "queued", has_died=True)
            return
        why = f": {attempt.error}" if attempt.error and str(attempt.error) else ""
        failure = Failure(code="worker_lost", detail=f"its worker died, or was lost{why}", stderr=words)
        seen = f"\n{words.rstrip()}" if words else ""
        _logger.warning("job `%s` (%s) failed: %s%s", attempt.row.name, id_, failure.detail, seen)
        self.conclude(attempt, "failed", failure=failure, has_died=True)
