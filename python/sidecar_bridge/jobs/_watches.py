"""Who is woken at changes of jobs."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    Wake = Callable[[], None]


class Watches:
    """Those who wait for a job, or for any. Any thread may use it."""

    def __init__(self) -> None:
        """Begin with none."""
        self._of: dict[tuple[str | None, bool], set[Wake]] = {}
        self._lock = threading.Lock()

    def __bool__(self) -> bool:
        """Whether anybody waits."""
        return bool(self._of)

    def add(self, id: str | None, wake: Wake, *, only_end: bool = False) -> Callable[[], None]:
        """Call `wake` at each change of a job, or of any, or at the job's end alone; give what ends that."""
        what = (id, only_end)
        with self._lock:
            self._of.setdefault(what, set()).add(wake)

        def unwatch() -> None:
            with self._lock:
                wakes = self._of.get(what, set())
                wakes.discard(wake)
                if not wakes:
                    self._of.pop(what, None)

        return unwatch

    def tell(self, id: str, *, has_ended: bool = False) -> None:
        """Wake those who wait for a job."""
        if not self._of:
            return
        whats = [(id, False), (None, False), (id, True)] if has_ended else [(id, False), (None, False)]
        with self._lock:
            wakes = [wake for what in whats for wake in self._of.get(what, ())]
        for wake in wakes:
            wake()

    def tell_all(self) -> None:
        """Wake everybody: the jobs are closed."""
        with self._lock:
            wakes = [wake for wakes in self._of.values() for wake in wakes]
        for wake in wakes:
            wake()
