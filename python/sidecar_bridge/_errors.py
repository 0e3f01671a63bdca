"""What can go wrong.

    BridgeError
    ├── TransportError              no answer: the host is gone, or what came is not one
    │   └── DeadlineExceededError   no answer within `timeout_s`; also a `TimeoutError`
    └── ProblemError                the host answered with a problem (RFC 9457), in `.problem`
        └── CommandError            the app's own command answered with an error value, in `.error`

Arguments that are not JSON are a `TypeError` or `ValueError` before anything is sent, as with `json.dumps`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """The only error shape on any wire of the bridge: RFC 9457 with a `code`.

    Attributes:
        type: A URI for the kind of problem; `about:blank`, since `code` says it.
        title: The code in words.
        status: The HTTP status that carried it.
        detail: What happened: the offending value and the remedy.
        instance: Names this one occurrence; the host's log has the details under it.
        code: One of gRPC's canonical names, such as `permission_denied` or `not_found`.
        retryable: Whether the same request may succeed later.
        data: The error value of the app's own command, whole; `None` for every other problem.
    """

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    retryable: bool
    data: Any = None


class BridgeError(Exception):
    """The base of every error of this package."""


class TransportError(BridgeError):
    """No answer came: the host is gone, the connection broke, or what came is not what the host sends.

    Whether the host carried the request out is not known.
    """


class DeadlineExceededError(TransportError, TimeoutError):
    """No answer came within `timeout_s`. Whether the host carried the request out is not known."""


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
