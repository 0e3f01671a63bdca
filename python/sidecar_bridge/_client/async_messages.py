"""A channel with a life of its own, for asyncio: what commands send after they have answered."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeVar

from sidecar_bridge._client import wire
from sidecar_bridge._client.async_subscription import AsyncSubscription
from sidecar_bridge._client.errors import BridgeError
from sidecar_bridge._client.failure import stream_ended
from sidecar_bridge._client.stream import MessageBuffer
from sidecar_bridge._native import ProtocolError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from sidecar_bridge._client.async_link import AsyncLink

_T = TypeVar("_T")


class AsyncMessages(AsyncSubscription[_T]):
    """The messages of one channel, oldest first; iterating waits for the next one. Made by `AsyncHost.channel`.

    Give it to commands where a page gives a `Channel`: as an argument, or at any depth inside of one.

    One task reads at a time; `close` may be called from another. Cancelling a wait loses no message.
    """

    _buffer: MessageBuffer[_T]

    def __init__(
        self,
        link: AsyncLink,
        decode: Callable[[str | bytes], _T],
        on_lost: Callable[[int | None], object] | None,
    ) -> None:
        """Made by `AsyncHost.channel`."""
        super().__init__(link, MessageBuffer(link.max_body_bytes, decode), on_lost)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of channel {self._buffer.id} in window {self._buffer.window!r}>"

    def __bridge_json__(self) -> str:
        """Give what stands for the channel in the arguments of a command; `BridgeError` once it has ended."""
        self._check()
        if self._buffer.ended is not None:
            raise self._buffer.ended
        return f"__CHANNEL__:{self._buffer.id}"

    @property
    def id(self) -> int:
        """The channel's number, which few commands take."""
        return self._buffer.id

    @property
    def window(self) -> str:
        """The label of the window that the channel belongs to: commands that have the channel run there."""
        return self._buffer.window

    async def _open(self, request: wire.Request, deadline: float | None) -> None:
        try:
            self._stream = stream = await self._link.open(deadline)
            # Closed while this connected, `close` saw no stream.
            self._check()
            reply = await stream.start(request, deadline)
            if reply is not None:
                wire.decode(reply)
            while not self._buffer.id:
                data = await stream.read(deadline)
                if not data:
                    raise stream_ended(self._link.path)
                self._buffer.receive(data)
        except BaseException as error:
            await self._hang_up()
            if isinstance(error, OSError | ProtocolError):
                raise self._failure(error) from error
            raise

    async def _read(self, deadline: float | None) -> None:
        if self._buffer.ended is not None:
            self._closed = True
            raise self._buffer.ended
        if self._stream is None:
            raise stream_ended(self._link.path)
        try:
            data = await self._stream.read(deadline)
            self._buffer.receive(data)
        except TimeoutError as error:
            raise self._failure(error) from error
        except BridgeError:
            # The page has left for which this was read.
            self._end()
            raise
        except (OSError, ProtocolError) as error:
            # What was sent meanwhile is lost, and nobody knows how much.
            await self._hang_up()
            raise self._failure(error) from error
        if not data:
            await self._hang_up()
            self._check()
            raise stream_ended(self._link.path)


@asynccontextmanager
async def open_channel(
    link: AsyncLink,
    request: wire.Request,
    timeout_s: float | None,
    decode: Callable[[str | bytes], _T],
    *,
    on_lost: Callable[[int | None], object] | None,
) -> AsyncIterator[AsyncMessages[_T]]:
    """Open a channel by that request for as long as the block runs; `timeout_s` limits the entering, in seconds."""
    deadline = link.deadline(timeout_s)
    messages = AsyncMessages(link, decode, on_lost)
    link.begin_listening(messages._end)
    try:
        await messages._open(request, deadline)
        yield messages
    finally:
        link.finish_listening(messages._end)
        await messages.close()
