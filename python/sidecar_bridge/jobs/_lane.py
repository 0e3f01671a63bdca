"""A queue of jobs, and the executor that they run on: made when it is first needed, and again when it broke."""

from __future__ import annotations

import heapq
import logging
import threading
from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from sidecar_bridge.jobs import _power

if TYPE_CHECKING:
    from sidecar_bridge.jobs._history import Row
    from sidecar_bridge.jobs._pools import Pool

Make: TypeAlias = Callable[[], object] | None
Build: TypeAlias = Callable[[object, int | None], "Pool"]
"""Makes a pool of what a `Make` gives."""


class LaneOptions(NamedTuple):
    """How a queue runs its jobs: on which executor, how many at a time, and whether they wait for a charger."""

    make: Make
    capacity: int | None
    waits_on_battery: bool


_logger = logging.getLogger("sidecar_bridge.jobs")

RETRY_S = 1.0
"""How long to wait before an executor that could not be made, or the database, is tried again."""
MAX_RETRY_S = 30.0
"""How long at most, for the time doubles while an executor cannot be made."""


class Lane:
    """A queue. Only the thread of the jobs uses it."""

    def __init__(
        self, name: str, options: LaneOptions, build: Build, post: Callable[[Callable[[], None]], None]
    ) -> None:
        """Be empty; `post` lets the thread of the jobs call something."""
        self.name = name
        self.retry_at: float | None = None
        """When to look again whether a job can be begun; `None` if nothing is in the way."""
        self.active = 0
        """How many jobs run."""
        self.pool: Pool | None = None
        self._make, self._capacity, self._waits_on_battery = options
        self._build, self._post = build, post
        self._looked_at: float | None = None
        """When the battery was looked at last."""
        self._is_on_battery = False
        self._waiting: list[tuple[int, int, Row]] = []
        self._is_making = self._is_closed = False
        self._retry_s = RETRY_S

    def wait(self, row: Row) -> None:
        """Queue a job: behind those with more priority, and behind the older ones with as much."""
        heapq.heappush(self._waiting, (-row.priority, row.number, row))

    def next(self, made: Callable[[], None]) -> Row | None:
        """Give the job whose turn it is, if there is room for it; `made` is called once an executor is there."""
        if not self._waiting or (self.retry_at is not None and self.retry_at > monotonic()):
            return None
        self.retry_at = None
        if self._waits_on_battery and self._has_to_wait_for_power():
            self.rest(_power.INTERVAL_S)
            return None
        if self.pool is None:
            if not self._is_making:
                self._is_making = True
                # In a thread: it may connect to another machine.
                threading.Thread(
                    target=self._make_pool, args=(made,), name="sidecar-bridge-executor", daemon=True
                ).start()
            return None
        return heapq.heappop(self._waiting)[-1] if self.active < self.pool.capacity else None

    def works(self) -> None:
        """Know that the executor takes jobs."""
        self._retry_s = RETRY_S

    def rest(self, seconds: float = RETRY_S) -> None:
        """Begin nothing for a while."""
        self.retry_at = monotonic() + seconds

    def drop(self, pool: Pool) -> None:
        """Take another executor for the jobs to come: this one is broken."""
        if self.pool is pool:
            self.pool = None
            self._rest_longer()
            threading.Thread(target=pool.close, name="sidecar-bridge-executor", daemon=True).start()

    def stop(self) -> None:
        """Begin nothing any more."""
        self._waiting.clear()
        self.retry_at, self._is_closed = None, True

    def open(self) -> None:
        """Begin jobs again."""
        self._is_closed = self._is_making = False

    def close(self) -> None:
        """End the executor; nothing runs on it any more."""
        pool, self.pool = self.pool, None
        if pool is not None:
            pool.close()

    def _has_to_wait_for_power(self) -> bool:
        if self._looked_at is None or monotonic() - self._looked_at >= _power.INTERVAL_S:
            was, self._is_on_battery = self._is_on_battery, _power.is_on_battery()
            self._looked_at = monotonic()
            if self._is_on_battery and not was:
                _logger.info("queue `%s` waits: the computer runs on its battery", self.name)
        return self._is_on_battery

    def _make_pool(self, made: Callable[[], None]) -> None:
        pool: Pool | None = None
        try:
            pool = self._build(self._make() if self._make is not None else None, self._capacity)
        except Exception:
            _logger.exception("queue `%s` has no executor; trying again in %g s", self.name, self._retry_s)
        if pool is not None and self._is_closed:
            # The thread of the jobs has ended meanwhile, or does so now.
            pool.close()
            return
        self._post(lambda: self._take(pool, made))

    def _take(self, pool: Pool | None, made: Callable[[], None]) -> None:
        self._is_making = False
        if pool is None:
            self._rest_longer()
        elif self._is_closed:
            pool.close()
        else:
            self.pool = pool
            made()

    def _rest_longer(self) -> None:
        self.rest(self._retry_s)
        self._retry_s = min(self._retry_s * 2, MAX_RETRY_S)
