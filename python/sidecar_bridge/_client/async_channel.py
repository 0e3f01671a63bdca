"""What a command sends while it runs, for asyncio."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, ForwardRef, Generic, TypeVar, get_args, overload

from sidecar_bridge._client.errors import BridgeError
from sidecar_bridge._client.reading import check_names, message_reader

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping

    from typing_extensions import TypeForm

_T_co = TypeVar("_T_co", covariant=True)


class _End:
    """What stands behind the last message."""


_END: Final = _End()


class AsyncChannel(Generic[_T_co]):
    """The messages that a command sends over one of its channels, oldest first; iterating waits for the next one.

    Give the channel to one call, and iterate in another task; the iteration ends when the call ends or fails:

        progress = AsyncChannel[Progress]()
        download = asyncio.create_task(commands.download(url, progress))
        async for step in progress:
            ...
        await download

    Messages that no task takes are kept in memory.
    """

    @overload
    def __init__(self) -> None: ...
    @overload
    def __init__(self, returns: TypeForm[_T_co]) -> None: ...
    def __init__(self, returns: Any = object) -> None:
        """Make a channel for one call.

        Args:
            returns: The type of the messages, one of those of `AsyncHost.invoke`; `AsyncChannel[Progress]()` says the
                same. A message of another type ends the call with an `UnexpectedTypeError`.
        """
        self._given = returns
        self._messages: asyncio.Queue[_T_co | _End] = asyncio.Queue()
        self._is_used = False

    def __aiter__(self) -> AsyncIterator[_T_co]:
        return self

    async def __anext__(self) -> _T_co:
        message = await self._messages.get()
        if isinstance(message, _End):
            self._put(message)  # for the next reader
            raise StopAsyncIteration
        return message

    @property
    def _returns(self) -> Any:
        # `AsyncChannel[Progress]()` leaves its type there.
        made_as = get_args(getattr(self, "__orig_class__", None))
        if self._given is object and made_as and not isinstance(made_as[0], TypeVar | ForwardRef):
            return made_as[0]
        return self._given

    def _begin(self) -> bool:
        """Tell whether this is the channel's first call."""
        is_first = not self._is_used
        self._is_used = True
        return is_first

    def _put(self, message: Any) -> None:
        self._messages.put_nowait(message)

    def _end(self) -> None:
        self._put(_END)


def reading(channels: Mapping[str, AsyncChannel[object]], command: str) -> Callable[[str, str | bytes], Any]:
    """Give the function that makes a value of a channel's name and a message."""
    return message_reader({name: channel._returns for name, channel in channels.items()}, command)


@contextmanager
def receiving(channels: Mapping[str, AsyncChannel[object]]) -> Iterator[Callable[[str, Any], object]]:
    """Give the function that takes a channel's name and a message, for one call; the channels end when the block ends.

    The channels also end when the call fails before it begins: a call whose arguments are not JSON, for example.
    """
    check_names(channels)
    for name, channel in channels.items():
        _check(name, channel)
    # A channel that was used before belongs to another call.
    begun = [channel for channel in channels.values() if channel._begin()]
    try:
        if len(begun) < len(channels):
            raise BridgeError("the channel was given to a call before; make one for each call")
        yield lambda name, message: channels[name]._put(message)
    finally:
        for channel in begun:
            channel._end()


def _check(name: str, channel: object) -> None:
    if not isinstance(channel, AsyncChannel):
        msg = f"channel `{name}` is of type {type(channel).__name__}; give an `AsyncChannel`, and iterate over it"
        raise TypeError(msg)
