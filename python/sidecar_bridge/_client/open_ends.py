"""What is open on a link, and ends with the link."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class OpenEnds:
    """The functions that end what is open; safe to use from many threads, and from signal handlers."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._ends: set[Callable[[], object]] = set()
        self._process = os.getpid()
        self._has_ended = False

    def __bool__(self) -> bool:
        return bool(self._ends)

    def add(self, end: Callable[[], object]) -> bool:
        """Note what ends a thing that has just been opened; `False`: all has ended, end the thing now."""
        if self._process != os.getpid():
            # What a parent has opened is the parent's to end.
            self._process, self._ends = os.getpid(), set()
        self._ends.add(end)
        return not self._has_ended

    def discard(self, end: Callable[[], object]) -> None:
        """Forget a thing that has ended by itself."""
        self._ends.discard(end)

    def end_all(self) -> None:
        """End all that is open, and what is opened later."""
        self._has_ended = True
        if self._process == os.getpid():
            for end in list(self._ends):
                end()


class Ending:
    """What the threads that wait for the host look at, about once a second each."""

    def __init__(self) -> None:
        """Let them wait."""
        self.is_set = False
        """Whether nobody is to wait any longer."""

    def look(self) -> None:
        """Let a call wait on, or raise what ends it: `ConnectionAbortedError`."""
        if self.is_set:
            raise ConnectionAbortedError("the sidecar ends, and with it the calls in flight")

    def look_at_stream(self) -> None:
        """Let a stream wait on, or raise what ends it; a thread of anyio whose caller was cancelled raises that.

        FastAPI and Starlette run blocking code in such threads, of which there are 40. They cancel the stream of a page
        that has left, and wait for the thread.
        """
        self.look()
        if "anyio" not in sys.modules:
            return
        from anyio import from_thread  # noqa: PLC0415 - another one's package, and loaded

        try:
            from_thread.check_cancelled()
        except (AttributeError, RuntimeError):
            # An old anyio, or no thread of anyio.
            return
