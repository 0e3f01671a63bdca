"""A call that a test leads step by step."""

from __future__ import annotations

from contextlib import suppress
from queue import SimpleQueue
from typing import TYPE_CHECKING, NamedTuple

from sidecar_bridge._testing.replies import Refused, event, is_raw, reply_of
from sidecar_bridge._testing.server import BrokenOffError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sidecar_bridge._client.problem import ErrorCode
    from sidecar_bridge._testing.replies import Reply
    from sidecar_bridge._testing.server import Handler


class _Message(NamedTuple):
    channel: str
    content: Reply


class Steps:
    """One call, which gets from a test what the command sends, when the test says so. Made by `FakeHost.steps`.

    Every step is taken as soon as the call has come, and none waits for the app: await the message where the app would.
    """

    def __init__(self, command: str) -> None:
        """Made by `FakeHost.steps`."""
        self._command = command
        self._steps: SimpleQueue[_Message | Reply | Exception] = SimpleQueue()
        self._is_over = False
        self._is_taken = False

    def send(self, channel: str, message: object) -> None:
        """Send one message over the channel that is the argument of that name: a JSON value or raw bytes."""
        self._take(_Message(channel, reply_of(message)))

    def answer(self, result: object = None) -> None:
        """End the call with the command's result: a JSON value or raw bytes."""
        self._end(reply_of(result))

    def fail(self, error: object) -> None:
        """End the call with the command's own error value: the app gets a `CommandError`."""
        self._end(Refused.by_command(self._command, error))

    def refuse(self, code: ErrorCode = "permission_denied", detail: str | None = None) -> None:
        """End the call with a problem, such as `resource_exhausted` for messages that are read too slowly."""
        self._end(Refused(code, detail or f"command `{self._command}` is refused by the test"))

    def break_off(self) -> None:
        """End the connection, as an app that exits: the call gets a `TransportError`."""
        self._end(BrokenOffError())

    def _take(self, step: _Message | Reply | Exception) -> None:
        if self._is_over:
            msg = (
                f"the call of `{self._command}` is over; `fake_host.steps` gives the steps of one call, and what comes "
                "later over a channel of `host.channel`, of handlers or of a watch is `fake_host.send`"
            )
            raise ValueError(msg)
        self._steps.put(step)

    def _end(self, step: Reply | Exception) -> None:
        self._take(step)
        self._is_over = True

    def _give_up(self) -> None:
        self._steps.put(BrokenOffError())

    def _run(
        self,
        handler: Handler,
        channels: list[str],
        lasting: Mapping[str, str],
        pass_on: Callable[[str, Reply], object],
    ) -> Reply | None:
        """Take the steps; give the answer to a call without channels of its own.

        `lasting` has the names of the others in its arguments, which `pass_on` sends over.
        """
        if self._is_taken:
            msg = f"`fake_host.steps` was called once and command `{self._command}` twice; call it once for each call"
            raise ValueError(msg)
        self._is_taken = True
        if channels:
            handler.begin_stream("the call has come")
        while isinstance(step := self._steps.get(), _Message):
            if step.channel in lasting:
                pass_on(lasting[step.channel], step.content)
            else:
                self._send(handler, [*channels, *lasting], *step)
        if isinstance(step, Exception):
            raise step
        if not channels:
            return step
        _tell(handler, event("result-raw" if is_raw(step) else "result", step))
        return None

    def _send(self, handler: Handler, channels: list[str], channel: str, message: Reply) -> None:
        if channel not in channels:
            msg = f"command `{self._command}` was called with the channels {channels}, and not with `{channel}`"
            raise ValueError(msg)
        _tell(handler, event("raw" if is_raw(message) else "channel", message, channel))


def _tell(handler: Handler, text: bytes) -> None:
    # The app may leave at any time.
    with suppress(OSError):
        handler.send_raw(text)
