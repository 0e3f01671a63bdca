# Generated from `_client/tauri/async_child.py` by `python/tools/blocking.py`: do not edit.

"""A child process of the app, for blocking code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from sidecar_bridge._client import wire
from sidecar_bridge._client.errors import ResourceClosedError
from sidecar_bridge._client.tauri.handle import Handle
from sidecar_bridge._client.undo import Undo
from sidecar_bridge.tauri import _arguments as arguments
from sidecar_bridge.tauri import _results as results
from sidecar_bridge.tauri._output import Terminated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sidecar_bridge._client.messages import Messages
    from sidecar_bridge.tauri._output import Event

_Data = TypeVar("_Data", str, bytes)

KILL = Undo("plugin:shell|kill", answer={"pid": ""}, anywhere=True)


class Child(Handle, Generic[_Data]):
    """A program that the app runs for this sidecar, made by `host.shell.spawn`: iterating gives what it tells.

    The iteration ends behind `Terminated`. The child is killed with the block of `with`, and at the latest with
    this sidecar's generation.

    One thread reads at a time.
    """

    _prefix = "plugin:shell|"
    _messages: Messages[Event[_Data]]
    _terminated: Terminated | None = None

    def __iter__(self) -> Iterator[Event[_Data]]:
        return self

    def __next__(self) -> Event[_Data]:
        if self._terminated is not None:
            raise StopIteration
        return self.receive()

    @property
    def pid(self) -> int:
        """The process id.

        Raises:
            ResourceClosedError: The child has ended, as far as this has read.
        """
        self._check()
        return self._rid or 0

    def receive(self, timeout_s: float | None = None) -> Event[_Data]:
        """Wait for the next event, for at most `timeout_s` seconds.

        Raises:
            ResourceClosedError: It was `Terminated` that came last, or the block is left; or the window is closed in
                which the child was made, and nothing comes any more.
            DeadlineExceededError: None came in time. A later call gives the next one all the same.
            EventsLostError: This reader was too slow and missed some; the next call gives the one behind the gap.
        """
        self._check()
        try:
            event = self._messages.receive(timeout_s)
        except ResourceClosedError as error:
            # The program still runs, and leaving the block still kills it.
            self._ended = "gone with its window or with this sidecar's generation"
            raise ResourceClosedError(repr(self)) from error
        if isinstance(event, Terminated):
            self._terminated = event
            self._finish("terminated", wire.forget_undo(self._number), self._timeout_s)
        return event

    def wait(self) -> Terminated:
        """Wait until the child ends, and give how; what it writes until then is dropped."""
        while self._terminated is None:
            self.receive()
        return self._terminated

    def write(self, data: str | bytes | bytearray | memoryview) -> None:
        """Write to the child's standard input, text as UTF-8.

        What is written to a child that has ended, and has not been read to its end, is lost without an error.

        Needs `shell:allow-stdin-write`.
        """
        args = {"buffer": arguments.either(arguments.text, arguments.data)(data, "data")}
        self._call("stdin_write", args, results.nothing, "pid")

    def kill(self) -> None:
        """Kill the child; `Terminated` is still to come.

        Needs `shell:allow-kill`.
        """
        self._call("kill", {}, results.nothing, "pid")
