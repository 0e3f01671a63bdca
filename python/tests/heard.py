"""What the tests of handlers stand on: both twins in one test, and what handlers were called with."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from inspect import isawaitable
from threading import Condition
from time import monotonic
from typing import Any

from hosts import LIMIT_S


async def done(value: Any) -> Any:
    """Give what a call of either twin gives."""
    return await value if isawaitable(value) else value


async def eventually(holds: Callable[[], object]) -> None:
    """Wait until something is so that nobody tells of."""
    end = monotonic() + LIMIT_S
    while not holds():
        assert monotonic() < end
        await asyncio.sleep(0.005)


class Heard:
    """A handler, `def` or `async def`, and what it was called with."""

    def __init__(self, then: Callable[[Any], object] | None = None) -> None:
        self.events: list[Any] = []
        self._then = then
        self._changed = Condition()

    def __call__(self, event: Any) -> None:
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()
        if self._then is not None:
            self._then(event)

    def asynchronous(self) -> Callable[[Any], Any]:
        """The same as `async def`."""

        async def handler(event: Any) -> None:
            self(event)

        return handler

    async def until(self, count: int) -> list[Any]:
        """Wait for so many events, and give them."""

        def wait() -> None:
            with self._changed:
                assert self._changed.wait_for(lambda: len(self.events) >= count, LIMIT_S), self.events

        await asyncio.to_thread(wait)
        return self.events
