"""What can go wrong.

    BridgeError
    ├── TransportError              no answer came, or something that is no answer: the host may be gone
    │   └── DeadlineExceededError   no answer within `timeout_s`; also a `TimeoutError`
    ├── EventsLostError             a reader was too slow and missed `.lost` events; the reader may go on
    └── ProblemError                the host answered with a problem (RFC 9457), in `.problem`
        └── CommandError            the app's own command answered with an error value, in `.error`

Arguments that are not JSON are a `TypeError` or `ValueError` before anything is sent, as with `json.dumps`.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from sidecar_bridge._client.problem import Problem


class BridgeError(Exception):
    """The base of every error of this package."""


class TransportError(BridgeError):
    """No answer came: the host is gone, the connection broke, or another program answered.

    The host may have carried the request out.
    """


class DeadlineExceededError(TransportError, TimeoutError):
    """No answer came within `timeout_s` seconds. The host may have carried the request out."""


class EventsLostError(BridgeError):
    """Stands in the place of events that a slow reader missed; the reader can read on behind the gap."""

    def __init__(self, lost: int | None) -> None:
        """Stand for `lost` events; `None` when the host does not know how many."""
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


class CommandError(ProblemError):
    """The app's own command was run and answered with an error: the `Err` of its Rust function."""

    @property
    def error(self) -> Any:
        """The command's error value, decoded from JSON."""
        return self.problem.data
