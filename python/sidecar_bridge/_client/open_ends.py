"""What is open on a link, and ends with the link."""

from __future__ import annotations

import os
import sys
from contextvars import ContextVar

from sidecar_bridge._client.errors import BridgeError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    class Page(Protocol):
        """Who waits for the answer to a request, as uvicorn knows it."""

        disconnected: bool
        """Whether it has left."""


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


present_page: ContextVar[Page | None] = ContextVar("present_page", default=None)
"""Whose request this context is of, and what waits in threads that get a copy of the context."""


class GivenUp:
    """What the threads that wait for the host look at, about once a second each."""

    def __init__(self) -> None:
        """Let them wait."""
        self.is_set = False
        """Whether nobody is to wait any longer."""

    def look(self) -> None:
        """Let a call wait on, or raise what ends it: `ConnectionAbortedError`."""
        if self.is_set:
            raise ConnectionAbortedError("the sidecar ends, and with it the calls in flight")

    def look_at_page(self) -> None:
        """Let a stream go on, or raise that the page has left: `BridgeError`.

        Frameworks run blocking code in threads, 6 to 40 of them, and cannot end a thread whose page has left.
        """
        page = present_page.get()
        if page is not None and page.disconnected:
            raise BridgeError("the page has left that this stream was for; nobody reads what comes")

    def look_at_stream(self) -> None:
        """Let a stream wait on, or raise what ends it: what anyio raises, if anyio has cancelled the caller."""
        self.look()
        self.look_at_page()
        if "anyio" not in sys.modules:
            return
        from anyio import from_thread  # noqa: PLC0415 - another one's package, and loaded

        try:
            from_thread.check_cancelled()
        except (AttributeError, RuntimeError):
            # An old anyio, or no thread of anyio.
            return
