"""What a command sends while it runs, for asyncio."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from sidecar_bridge._client.errors import BridgeError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping

_T = TypeVar("_T")


class _End:
    """What stands behind the last message."""


_END: Final = _End()


class AsyncChannel(Generic[_T]):
    """The messages that a command sends over one of its channels, oldest first; iterating waits for the next one.

    Give the channel to one call, and iterate in another task; the iteration ends when the call ends or fails:

        progress = AsyncChannel[Progress]()
        download = asyncio.create_task(commands.download(url, progress))
        async for step in progress:
            ...
        await download

    Messages that no task takes are kept in memory.
    """

    def __init__(self) -> None:
        """Make a channel for one call."""
        self._messages: asyncio.Queue[_T | _End] = asyncio.Queue()
        self._is_used = False

    def __aiter__(self) -> AsyncIterator[_T]:
        return self

    async def __anext__(self) -> _T:
        message = await self._messages.get()
        if isinstance(message, _End):
            self._put(message)  # for the next reader
            raise StopAsyncIteration
        return message

    def _begin(self) -> bool:
        """Tell whether this is the channel's first call."""
        is_first = not self._is_used
        self._is_used = True
        return is_first

    def _put(self, message: _T | _End) -> None:
        self._messages.put_nowait(message)

    def _end(self) -> None:
        self._put(_END)


@contextmanager
def receiving(channels: Mapping[str, AsyncChannel[Any]]) -> Iterator[Callable[[str, Any], object]]:
    """Give the function that takes a channel's name and a message, for one call; the channels end when the block ends.

    The channels also end when the call fails before it begins: a call whose arguments are not JSON, for example.
    """
    # A channel that was used before belongs to another call.
    begun = [channel for channel in channels.values() if channel._begin()]
    try:
        if len(begun) < len(channels):
            raise BridgeError("the channel was given to a call before; make one for each call")
        yield lambda name, message: channels[name]._put(message)
    finally:
        for channel in begun:
            channel._end()
