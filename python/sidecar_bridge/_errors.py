"""What can go wrong.

    BridgeError
    ├── TransportError              no answer: the host is gone, or what came is not one
    │   └── DeadlineExceededError   no answer within `timeout_s`; also a `TimeoutError`
    ├── EventsLostError             a reader was too slow and missed events, `.lost` of them; it may read on
    └── ProblemError                the host answered with a problem (RFC 9457), in `.problem`
        └── CommandError            the app's own command answered with an error value, in `.error`

Each has `retryable`: whether the same call may succeed later, and has done nothing yet. `False` says that it is not
safe to repeat the call unasked, not that it was carried out.

Arguments that are not JSON are a `TypeError` or `ValueError` before anything is sent, as with `json.dumps`.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from sidecar_bridge._problem import Problem


class BridgeError(Exception):
    """The base of every error of this package."""

    @property
    def retryable(self) -> bool:
        """Whether the same call may succeed later, and has done nothing yet."""
        return False


class TransportError(BridgeError):
    """No answer came: the host is gone, the connection broke, or what came is not what the host sends.

    Whether the host carried the request out is not known, unless the error is `retryable`: then nothing of it was sent.
    """

    def __init__(self, *args: object, is_sent: bool = True) -> None:
        """Tell of a request that was not answered; `is_sent` is whether any of it may have reached the host."""
        super().__init__(*args)
        self._is_sent = is_sent

    @property
    def retryable(self) -> bool:
        """Whether nothing was sent: the host could not be reached, or had closed the connection before."""
        return not self._is_sent


class DeadlineExceededError(TransportError, TimeoutError):
    """No answer came within `timeout_s`. Whether the host carried the request out is not known."""


class EventsLostError(BridgeError):
    """In the place of events that a reader missed, since it was too slow; what comes after them can still be read."""

    def __init__(self, lost: int | None) -> None:
        """Stand for so many events; `None` when the host does not know how many."""
        super().__init__(lost)
        self.lost = lost

    def __str__(self) -> str:
        count = "an unknown number of" if self.lost is None else self.lost
        return f"{count} events are missing, since this reader was too slow; read on, and read faster"


class ProblemError(BridgeError):
    """The host answered with a problem."""

    def __init__(self, problem: Problem) -> None:
        """Wrap the problem that the host answered with."""
        super().__init__(problem)
        self.problem = problem

    def __str__(self) -> str:
        return f"{self.problem.code}: {self.problem.detail}"

    @property
    def retryable(self) -> bool:
        """Whether the host says that it has not begun, and may later: `problem.retryable`."""
        return self.problem.retryable


class CommandError(ProblemError):
    """The app's own command was run and answered with an error: the `Err` of its Rust function. Never `retryable`."""

    @property
    def error(self) -> Any:
        """The command's error value, decoded from JSON."""
        return self.problem.data

    @property
    def retryable(self) -> bool:
        """Whether nothing was done: it was, for the command has run."""
        return False
