"""The one thread that decides about jobs. Whatever happens elsewhere is a message to it, so nothing races.

A job is written down before it is begun.
"""

from __future__ import annotations

import logging
import secrets
import threading
from concurrent.futures import Future
from contextlib import suppress
from queue import Empty, SimpleQueue
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from sidecar_bridge.jobs._attempt import Attempt, Attempts
from sidecar_bridge.jobs._awake import Awake
from sidecar_bridge.jobs._ends import GRACE_S, Ends
from sidecar_bridge.jobs._errors import HistoryError, JobStateError, NotImportableError, NotOpenError, UnknownJobError
from sidecar_bridge.jobs._lane import RETRY_S, Lane
from sidecar_bridge.jobs._listener import Listener
from sidecar_bridge.jobs._pools import pool_of
from sidecar_bridge.jobs._records import Failure
from sidecar_bridge.jobs._watches import Watches
from sidecar_bridge.jobs._worker import Order

if TYPE_CHECKING:
    from collections.abc import Callable

    from sidecar_bridge.jobs._ends import Observer
    from sidecar_bridge.jobs._history import History, Row
    from sidecar_bridge.jobs._lane import LaneOptions
    from sidecar_bridge.jobs._pools import Pool
    from sidecar_bridge.jobs._shape import Shape
    from sidecar_bridge.jobs._ways import Message

T = TypeVar("T")

_logger = logging.getLogger("sidecar_bridge.jobs")

LONGEST_WAIT_S = 3600.0
"""How long the thread waits at most before it looks again."""


class Runner:
    """Begins jobs, stops them, and lets `Ends` end them. Other threads call `open`, `close`, `post` and `ask` alone."""

    def __init__(
        self, lanes: dict[str, LaneOptions], *, keep: int, max_result_bytes: int, observer: Observer | None
    ) -> None:
        """Run jobs on these executors once it is open."""
        self.shapes: dict[str, Shape] = {}
        self.watches = Watches()
        self.attempts = Attempts()
        self.lanes = {name: Lane(name, options, self._build, self.post) for name, options in lanes.items()}
        self.listener = Listener(self._deliver, self._lost)
        self.is_stopping = False
        self._awake = Awake()
        self._keep, self._max_result_bytes, self._observer = keep, max_result_bytes, observer
        self._history: History
        self._ends: Ends
        self._inbox: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._unlimited: set[str] = set()
        """The functions of which it was said that their memory is not limited."""

    # --- from any thread

    def open(self, history: History) -> None:
        """Begin what waits in a history."""
        self.is_stopping = False
        self._history = history
        self._ends = Ends(
            history,
            self.attempts,
            self.watches,
            self._observer,
            keep=self._keep,
            again=lambda attempt: self._wait(attempt.row),
            pump=self._pump,
        )
        for lane in self.lanes.values():
            lane.open()
        for row in history.queued():
            self._wait(row)
        self._thread = threading.Thread(target=self._run, name="sidecar-bridge-jobs", daemon=True)
        self._thread.start()
        self.post(self._pump)

    def close(self) -> None:
        """Stop what runs, and keep what waits for the next time."""
        if self._thread is not None:
            self.post(self._stop)
            self._thread.join()
            self._thread = None
            self._awake.close()

    def post(self, event: Callable[[], None]) -> None:
        """Let the thread do something."""
        self._inbox.put(event)

    def ask(self, what: Callable[[], T]) -> T:
        """Let the thread do something, and give what it gives."""
        answer: Future[T] = Future()
        thread = self._thread
        if thread is None:
            msg = "the jobs are not open, or the sidecar stops"
            raise NotOpenError(msg)

        def event() -> None:
            try:
                answer.set_result(what())
            except BaseException as error:  # it is the asker's
                answer.set_exception(error)

        self.post(event)
        while True:
            try:
                return answer.result(timeout=GRACE_S)
            except TimeoutError:
                if not thread.is_alive():
                    msg = "the sidecar stops"
                    raise NotOpenError(msg) from None

    def _deliver(self, token: str, message: Message) -> None:
        if message["kind"] != "started":
            self.post(lambda: self._ends.hear(token, message))
        elif (attempt := self.attempts.of_token(token)) is not None:
            # The first that it says. The thread has nothing to do about it, and is woken only if all else is there.
            attempt.has_started = True
            attempt.received += 1
            if attempt.settle_at is not None:
                self.post(lambda: self._ends.settle(attempt))

    def _lost(self, token: str) -> None:
        self.post(lambda: self._ends.lose(token))

    def _build(self, executor: object, capacity: int | None) -> Pool:
        return pool_of(executor, self.listener, self._deliver, self._lost, capacity)

    # --- in the thread

    def take(self, row: Row) -> None:
        """Begin a job when its turn comes."""
        self._wait(row)
        self._pump()

    def cancel(self, id: str) -> None:
        """Let a job stop."""
        attempt = self.attempts.of_job(id)
        if attempt is not None:
            if attempt.asked is None:
                self._history.cancelling(id)
                self._ask_to_stop(attempt, "cancel")
                self.watches.tell(id)
        elif self._history.cancel_queued(id):
            self._ends.forget_old()
            self.watches.tell(id, has_ended=True)
        else:
            msg = f"job {id} is {self._state_of(id)} already, so there is nothing to cancel"
            raise JobStateError(msg)

    def retry(self, id: str) -> None:
        """Queue a job again that has not done its work."""
        row = self._history.queue_again(id)
        if row is None:
            state = self._state_of(id)
            msg = f"job {id} is {state}; only jobs that failed, or were cancelled or interrupted, can be retried"
            raise JobStateError(msg)
        self.watches.tell(id)
        self.take(row)

    def _state_of(self, id: str) -> str:
        state = self._history.state_of(id)
        if state is None:
            raise UnknownJobError.of(id)
        return state

    def _run(self) -> None:
        while not self.is_stopping or self.attempts:
            patience = self._patience()
            if patience == 0:
                self._do(self._tick)
            with suppress(Empty):
                self._do(self._inbox.get(timeout=patience))
        for lane in self.lanes.values():
            lane.close()
        self.listener.close()

    def _do(self, step: Callable[[], None]) -> None:
        try:
            step()
        except Exception:
            _logger.exception("a step of the jobs failed; the others go on")

    def _patience(self) -> float | None:
        """How long nothing has to be done unless something happens."""
        times = [lane.retry_at for lane in self.lanes.values() if lane.retry_at]
        if self.attempts:
            times += [at for attempt in self.attempts for at in (attempt.kill_at, attempt.settle_at) if at]
        # A `cancel_timeout_s` may be endless, which no wait is.
        return min(max(0.0, min(times) - monotonic()), LONGEST_WAIT_S) if times else None

    def _tick(self) -> None:
        now = monotonic()
        for attempt in self.attempts:
            if attempt.kill_at and attempt.kill_at <= now:
                self._end_deaf(attempt)
            if attempt.settle_at and attempt.settle_at <= now:
                self._ends.settle(attempt)
        if any(lane.retry_at and lane.retry_at <= now for lane in self.lanes.values()):
            self._pump()

    def _wait(self, row: Row) -> None:
        (self.lanes.get(row.queue) or self.lanes["default"]).wait(row)

    def _pump(self) -> None:
        """Begin what may begin."""
        for lane in self.lanes.values():
            while not self.is_stopping and (row := lane.next(self._pump)):
                try:
                    self._begin(lane, row)
                except HistoryError:
                    _logger.exception("job %s waits until the database can be written", row.id)
                    lane.wait(row)
                    lane.rest()
        # Each job that begins or ends comes by here.
        self._awake.want(next(iter(self.attempts.awake.values()), None))

    def _begin(self, lane: Lane, row: Row) -> None:
        pool = lane.pool
        if pool is None:
            lane.wait(row)
            return
        begun = self._history.begin(row.id)
        if begun is None:
            # It was cancelled while it waited.
            return
        number, arguments, checkpoint = begun
        shape = self.shapes.get(row.name)
        if shape is None:
            failure = Failure(code="not_importable", detail=f"this sidecar has no job `{row.name}` any more")
            self._history.end(row.id, number, "failed", failure=failure)
            self.watches.tell(row.id, has_ended=True)
            return
        token = f"{row.id}-{number}-{secrets.token_hex(4)}"
        attempt = Attempt(row, shape, number, token, lane, pool)
        self.attempts.add(attempt)
        lane.active += 1
        try:
            order = Order(
                row.id,
                number,
                token,
                shape.name,
                shape.line,
                shape.module,
                shape.qualname,
                None,
                arguments,
                checkpoint,
                # Makes a socket, which fails without file descriptors or a folder for temporary files.
                pool.address(token),
                self._max_result_bytes,
                self._memory_of(shape, pool),
            )
            future = pool.submit(order, shape)
        except NotImportableError as error:
            failure = Failure(code="not_importable", detail=str(error))
            self._ends.conclude(attempt, "failed", failure=failure)
            return
        except Exception as error:
            _logger.warning("queue `%s` takes another executor: %s", lane.name, error)
            # First, for the job's turn comes at once.
            lane.drop(pool)
            self._ends.conclude(attempt, "queued", has_died=True)
            return
        lane.works()
        attempt.future = future
        future.add_done_callback(lambda future: self.post(lambda: self._ends.answer(attempt, future)))
        self.watches.tell(row.id)
        self._ends.tell_observer()

    def _memory_of(self, shape: Shape, pool: Pool) -> int | None:
        most = shape.options.max_memory_bytes
        if most is None or pool.limits_memory:
            return most
        if shape.name not in self._unlimited:
            self._unlimited.add(shape.name)
            _logger.warning("job `%s` may have more memory than %d bytes: nothing keeps to that here", shape.name, most)
        return None

    def _ask_to_stop(self, attempt: Attempt, why: str) -> None:
        attempt.asked = why
        attempt.kill_at = monotonic() + attempt.shape.options.cancel_timeout_s
        attempt.pool.cancel(attempt.token)

    def _end_deaf(self, attempt: Attempt) -> None:
        """End an attempt that was asked to stop and does not listen, where that can be done."""
        attempt.kill_at = None
        if attempt.unsaved is not None or attempt.outcome is not None:
            return
        if attempt.pool.kill(attempt.token):
            return
        if not attempt.has_started:
            # In an executor's own queue, or its process still starts.
            if attempt.future is not None and attempt.future.cancel():
                return
            if attempt.future is not None and attempt.asked == "stop":
                # If it begins after all, it does not reach the sidecar, and ends at once.
                self._ends.conclude(attempt, self._ends.stopped(attempt), has_died=True)
                return
            attempt.kill_at = monotonic() + RETRY_S
        elif attempt.asked == "stop":
            # A thread, or a worker of somebody else's. The sidecar does not wait for it any longer.
            self._ends.conclude(attempt, self._ends.stopped(attempt), has_died=True)
        else:
            _logger.warning(
                "job %s does not look whether it is cancelled, and its executor cannot end it", attempt.row.id
            )

    def _stop(self) -> None:
        self.is_stopping = True
        for lane in self.lanes.values():
            lane.stop()
        for attempt in self.attempts:
            if attempt.asked is None:
                self._ask_to_stop(attempt, "stop")
            elif attempt.kill_at is None and attempt.settle_at is None:
                # Cancelled, deaf, and not to be ended.
                self._ends.conclude(attempt, "cancelled", has_died=True)
