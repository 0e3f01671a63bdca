"""A child process of the app, for asyncio."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from sidecar_bridge._client import wire
from sidecar_bridge._client.errors import ResourceClosedError
from sidecar_bridge._client.tauri.async_handle import AsyncHandle
from sidecar_bridge._client.undo import Undo
from sidecar_bridge.tauri import _arguments as arguments
from sidecar_bridge.tauri import _results as results
from sidecar_bridge.tauri._output import Terminated

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sidecar_bridge._client.async_messages import AsyncMessages
    from sidecar_bridge.tauri._output import Event

_Data = TypeVar("_Data", str, bytes)

KILL = Undo("plugin:shell|kill", answer={"pid": ""}, anywhere=True)


class AsyncChild(AsyncHandle, Generic[_Data]):
    """A program that the app runs for this sidecar, made by `host.shell.spawn`: iterating gives what it tells.

    The iteration ends behind `Terminated`. The child is killed with the block of `async with`, and at the latest with
    this sidecar's generation.

    One task reads at a time. Cancelling a wait loses nothing.
    """

    _prefix = "plugin:shell|"
    _messages: AsyncMessages[Event[_Data]]
    _terminated: Terminated | None = None

    def __aiter__(self) -> AsyncIterator[Event[_Data]]:
        return self

    async def __anext__(self) -> Event[_Data]:
        if self._terminated is not None:
            raise StopAsyncIteration
        return await self.receive()

    @property
    def pid(self) -> int:
        """The process id.

        Raises:
            ResourceClosedError: The child has ended, as far as this has read.
        """
        self._check()
        return self._rid or 0

    async def receive(self, timeout_s: float | None = None) -> Event[_Data]:
        """Wait for the next event, for at most `timeout_s` seconds.

        Raises:
            ResourceClosedError: It was `Terminated` that came last, or the block is left; or the window is closed in
                which the child was made, and nothing comes any more.
            DeadlineExceededError: None came in time. A later call gives the next one all the same.
            EventsLostError: This reader was too slow and missed some; the next call gives the one behind the gap.
        """
        self._check()
        try:
            event = await self._messages.receive(timeout_s)
        except ResourceClosedError as error:
            # The program still runs, and leaving the block still kills it.
            self._ended = "gone with its window or with this sidecar's generation"
            raise ResourceClosedError(repr(self)) from error
        if isinstance(event, Terminated):
            self._terminated = event
            await self._finish("terminated", wire.forget_undo(self._number), self._timeout_s)
        return event

    async def wait(self) -> Terminated:
        """Wait until the child ends, and give how; what it writes until then is dropped."""
        while self._terminated is None:
            await self.receive()
        return self._terminated

    async def write(self, data: str | bytes | bytearray | memoryview) -> None:
        """Write to the child's standard input, text as UTF-8.

        What is written to a child that has ended, and has not been read to its end, is lost without an error.

        Needs `shell:allow-stdin-write`.
        """
        args = {"buffer": arguments.either(arguments.text, arguments.data)(data, "data")}
        await self._call("stdin_write", args, results.nothing, "pid")

    async def kill(self) -> None:
        """Kill the child; `Terminated` is still to come.

        Needs `shell:allow-kill`.
        """
        await self._call("kill", {}, results.nothing, "pid")
