"""How what is under way ends, within the time that the host gives a sidecar to end."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from sidecar_bridge._serve.protocols import HttpProtocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from uvicorn.server import ServerState

    from sidecar_bridge._serve.answers import Answers

_STREAMS_S = 0.5
"""How long pages' streams may take to end by themselves, in s; then again, once their pages have left."""

_SHARE_OF_STREAMS = 0.1
"""The most of all the time that each of these two may take."""

_SHARE_OF_REQUESTS = 0.75
"""How much of all the time everything may take that begins with a request. The lifespan has at least the rest."""

_LOOK_S = 0.02
"""How often connections are looked at, of which no event tells that they have ended."""

_logger = logging.getLogger("uvicorn.error")


class Ending:
    """Ends requests, answers and background tasks: those of pages first, for they may last for ever."""

    def __init__(self, state: ServerState, answers: Answers, is_forced: Callable[[], bool]) -> None:
        """End what is under way in `state`, with no patience once `is_forced()`."""
        self._state = state
        self._answers = answers
        self._is_forced = is_forced

    async def end(self, time_s: float) -> None:
        """End all within that time, most of it for what the app itself has to finish."""
        end = asyncio.get_running_loop().time() + time_s * _SHARE_OF_REQUESTS
        patience_s = min(_STREAMS_S, time_s * _SHARE_OF_STREAMS)
        for connection in list(self._state.connections):
            connection.shutdown()
        if await self._is_over(patience_s):
            return
        await self._end_streams(patience_s)
        if await self._is_over(end - asyncio.get_running_loop().time()):
            return
        self._hang_up(lambda _: True)
        if left := set(self._state.tasks):
            _logger.error("cancelled %d requests and background tasks, which took too long to end", len(left))
            await self._cancel(left, patience_s)

    async def _end_streams(self, patience_s: float) -> None:
        """Let pages leave, which apps are prepared for, and cancel what does not look whether its page is there."""
        streams = self._answers.streams()
        self._hang_up(_is_of_a_page)
        if streams:
            await asyncio.wait(streams, timeout=patience_s)
            await self._cancel({stream for stream in streams if not stream.done()}, patience_s)

    def _hang_up(self, which: Callable[[asyncio.BaseProtocol], bool]) -> None:
        for connection in list(self._state.connections):
            if which(connection):
                connection.transport.abort()

    async def _cancel(self, tasks: set[asyncio.Task[None]], patience_s: float) -> None:
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=patience_s)

    async def _is_over(self, within_s: float) -> bool:
        """Wait until nothing is under way; tell whether that was so within the time."""
        loop = asyncio.get_running_loop()
        end = loop.time() + within_s
        while self._state.tasks or self._state.connections:
            if (left := end - loop.time()) <= 0 or self._is_forced():
                return False
            await asyncio.sleep(min(left, _LOOK_S))
        return True


def _is_of_a_page(connection: asyncio.BaseProtocol) -> bool:
    """Tell whether the connection would last for as long as its page likes."""
    return not isinstance(connection, HttpProtocol) or not connection.waits_for_app
