"""How far a job is: stages within stages, each a part of the whole. Arithmetic alone, for it runs at each step."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any


def number(value: Any) -> float:
    """Give a number of steps as JSON has it, whatever kind of number it is, as of `numpy`; what is none counts as 0."""
    try:
        given = float(value)
    except OverflowError:
        return math.inf
    return given if given > 0 else 0.0


@dataclass(slots=True)
class Frame:
    """A stage.

    Attributes:
        title: What it does.
        start: Where it begins, from 0 to 1 of the whole job.
        span: How much of the whole it is.
        total: How many steps it has; `None` when it has none, or nobody knows.
        n: How many of them are done.
        given: How much of the present step (or of all, without steps) the stages in it have had, from 0 to 1.
        is_open: Whether it has steps, and nobody knows how many: stages in it then count for nothing.
        is_left: Whether it was left before its end, by a `break` or by what was raised in it.
    """

    title: str
    start: float
    span: float
    total: float | None = None
    n: float = 0
    given: float = 0.0
    is_open: bool = False
    is_left: bool = False

    @property
    def step(self) -> float:
        """How much of the whole one step is."""
        if self.is_open:
            return 0.0
        return self.span / self.total if self.total else self.span

    def here(self) -> float:
        """Where it is, from 0 to 1 of the whole job."""
        if self.is_open:
            return self.start
        if not self.total:
            return self.start + self.span * self.given
        return self.start + self.step * min(self.n + self.given, self.total)


class Stages:
    """The stages that a job is in, the whole job first."""

    def __init__(self) -> None:
        """Begin at nothing."""
        self.frames = [Frame("", 0.0, 1.0)]
        self._shown = 0.0
        self._is_known = False
        self._has_left = False

    def begin(
        self, title: str, *, share: float | None = None, total: float | None = None, steps: bool = False
    ) -> Frame:
        """Begin a stage in the present one: `share` of the present step, or all that is left of it."""
        self.settle()
        above = self.frames[-1]
        left = 1.0 - above.given
        share = left if share is None else min(number(share), left)
        frame = Frame(title, above.here(), above.step * share, total, is_open=steps and total is None)
        self.frames.append(frame)
        self._is_known = self._is_known or not frame.is_open
        return frame

    def advance(self, frame: Frame, n: float) -> None:
        """Say that `n` steps of a stage are done."""
        if self._has_left:
            self.settle()
        frame.n, frame.given = n, 0.0

    def end(self, frame: Frame) -> None:
        """End a stage, and those in it that somebody has left open; the stage around it is further by its share."""
        while any(each is frame for each in self.frames[1:]):
            last = self.frames.pop()
            above = self.frames[-1]
            if above.step > 0:
                above.given = min(1.0, above.given + last.span / above.step)

    def leave(self, frame: Frame) -> None:
        """Say that a stage was left before its end.

        A generator cannot tell a `break` from what its loop raises. So the stage stays as far as it is: the job ends
        there, or goes on, and then the stage is done.
        """
        frame.is_left = self._has_left = True

    def settle(self) -> None:
        """End the stages that were left, for the job goes on behind them."""
        self._has_left = False
        left = next((frame for frame in self.frames[1:] if frame.is_left), None)
        if left is not None:
            self.end(left)

    def fraction(self) -> float | None:
        """Give how much of the job is done. It never goes back, and is `None` until a stage says how long it is."""
        if not self._is_known:
            return None
        self._shown = min(1.0, max(self._shown, self.frames[-1].here()))
        return self._shown
