"""The channels that an app has opened at a fake host."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from sidecar_bridge._native import encode_json
from sidecar_bridge._testing.replies import data_of, is_raw, reply_of

if TYPE_CHECKING:
    from collections.abc import Collection
    from threading import Condition

    from sidecar_bridge._testing.replies import Reply
    from sidecar_bridge._testing.server import Handler

_PREFIX = "__CHANNEL__:"


class _Open(NamedTuple):
    handler: Handler
    window: str
    events: Collection[str]
    """The names of the window's events that it brings."""
    asks_s: float | None
    """How long a window that is to close waits for the app's answer; `None` if the app is not asked over it."""


class FakeChannels:
    """Which channels are open, by what stands for them in arguments."""

    def __init__(self, changed: Condition) -> None:
        """Begin with none; `changed` hears of each that opens and ends."""
        self._changed = changed
        self._open: dict[str, _Open] = {}
        self._newest = 0
        self._asked: dict[int, tuple[str, bool | None]] = {}
        """What was asked: over which channel, and what the answer is."""

    def stream(self, handler: Handler, window: str, events: Collection[str], asks_s: float | None) -> None:
        """Open one in that window, until its reader leaves."""
        with self._changed:
            self._newest += 1
            channel = f"{_PREFIX}{self._newest}"
            opening = encode_json({"id": self._newest, "window": window}, "the channel").decode()
            # Before the app hears of it: whoever looks at what is open does not wait.
            self._open[channel] = _Open(handler, window, events, asks_s)
            # The app may leave at any time.
            with suppress(OSError):
                handler.begin_stream("a channel")
                handler.send_event(opening, "open")
            self._changed.notify_all()
        with suppress(OSError):
            handler.wait_for_end()
        with self._changed:
            del self._open[channel]
            self._changed.notify_all()

    def __len__(self) -> int:
        return len(self._open)

    def send(self, channel: object, message: object) -> None:
        """Send a message to the reader of the channel that stands so in arguments."""
        reply = reply_of(message)
        with self._changed:
            if not isinstance(channel, str) or channel not in self._open:
                msg = f"{channel!r} is no open channel; give what the app put into the arguments: {sorted(self._open)}"
                raise ValueError(msg)
            with suppress(OSError):  # of whoever has just left
                self._open[channel].handler.send_event(data_of(reply), "raw" if is_raw(reply) else "")

    def among(self, args: object) -> dict[str, str]:
        """Give the open channels that stand in arguments, at any depth, each under the name that it has there."""
        found: dict[str, str] = {}
        waiting: list[tuple[str, object]] = [("", args)]
        while waiting:
            name, value = waiting.pop()
            if isinstance(value, dict):
                waiting += value.items()
            elif isinstance(value, list):
                waiting += [(name, each) for each in value]
            elif isinstance(value, str) and value in self._open:
                found[name] = value
        return found

    def pass_on(self, channel: str, reply: Reply) -> None:
        """Send a message over a channel that was open when its call came; its reader may leave at any time."""
        with self._changed, suppress(OSError):
            if channel in self._open:
                self._open[channel].handler.send_event(data_of(reply), "raw" if is_raw(reply) else "")

    def emit(self, name: str, payload: str, window: str | None) -> int:
        """Send an event of one window or of all to the channels that bring it; give how many there are."""
        found = [each for each in self._open.values() if name in each.events and window in {None, each.window}]
        for each in found:
            with suppress(OSError):  # of whoever has just left
                each.handler.send_event(f'{{"event":{encode_json(name, "the name").decode()},"payload":{payload}}}')
        return len(found)

    def closes(self, window: str, timeout_s: float) -> bool:
        """Ask before a window closes, and tell whether it does; one that nobody answers for in time closes."""
        with self._changed:
            asked = []
            for channel, each in self._open.items():
                if each.asks_s is not None and each.window == window:
                    self._newest += 1
                    asked.append((monotonic() + min(each.asks_s, timeout_s), self._newest))
                    self._asked[self._newest] = (channel, None)
                    with suppress(OSError):  # of whoever has just left
                        each.handler.send_event(f'{{"closing":{self._newest}}}')
            answers = []
            for end, number in sorted(asked):
                self._changed.wait_for(partial(self._is_answered, number), end - monotonic())
                answers.append(self._asked.pop(number)[1])
            return not any(answers)

    def answer(self, number: int, *, prevents: bool) -> bool:
        """Take the app's answer, and tell whether the window still waits for it."""
        with self._changed:
            if number not in self._asked:
                return False
            self._asked[number] = (self._asked[number][0], prevents)
            self._changed.notify_all()
            return True

    def _is_answered(self, number: int) -> bool:
        channel, answer = self._asked[number]
        return answer is not None or channel not in self._open
