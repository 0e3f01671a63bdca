"""Slowing down who guesses passwords."""

from collections import deque
from collections.abc import Callable
from math import ceil
from threading import Lock
from time import monotonic


class Attempts:
    """Counts failed logins for each email, in memory: after so many in so long, no more are tried.

    An attempt counts from its beginning, so that many at once are no way around it.
    """

    def __init__(self, most: int = 5, window_s: float = 60, clock: Callable[[], float] = monotonic) -> None:
        """Allow `most` failures in `window_s` seconds."""
        self._most = most
        self._window_s = window_s
        self._clock = clock
        self._lock = Lock()
        self._times: dict[str, deque[float]] = {}

    def begin(self, email: str) -> int | None:
        """Count an attempt, and give `None`; or the seconds to wait, when there were too many."""
        with self._lock:
            now = self._clock()
            self._forget_old(now - self._window_s)
            times = self._times.setdefault(email, deque())
            if len(times) >= self._most:
                return max(1, ceil(times[0] + self._window_s - now))
            times.append(now)
            return None

    def succeed(self, email: str) -> None:
        """Forget the failures: whoever it is knows the password."""
        with self._lock:
            self._times.pop(email, None)

    def _forget_old(self, limit: float) -> None:
        for email, times in list(self._times.items()):
            while times and times[0] <= limit:
                times.popleft()
            if not times:
                del self._times[email]
