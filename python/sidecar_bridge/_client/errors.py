"""What can go wrong.

    BridgeError
    ├── TransportError              no answer came, or something that is no answer: the host may be gone
    │   ├── DeadlineExceededError   no answer within `timeout_s`; also a `TimeoutError`
    │   └── UnexpectedTypeError     a value came that is not of the type in `returns=`, or in generated bindings
    ├── ResourceClosedError         a handle was used after its end, or after a restart of the sidecar
    ├── EventsLostError             a reader was too slow and missed `.lost` events; the reader may go on
    └── ProblemError                the host answered with a problem (RFC 9457), in `.problem`
        ├── CallCancelledError · FailedPreconditionError · InternalError · InvalidArgumentError · NotFoundError
        ├── PermissionDeniedError · ResourceExhaustedError · UnauthenticatedError · UnavailableError
        └── CommandError            a `FailedPreconditionError`: the app's own command answered with an error value,
                                    in `.error`

Each problem's class is that of its code, `ErrorCode`. `deadline_exceeded` is a `DeadlineExceededError`, whoever saw
first that the time was over.

Each has `retryable`: whether the same call may succeed later, and has done nothing yet. `False` says that it is not
safe to repeat the call unasked, not that it was carried out.

Arguments that are not JSON are a `TypeError` or `ValueError` before anything is sent, as with `json.dumps`.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sidecar_bridge._client.problem import Problem


class BridgeError(Exception):
    """The base of every error of this package."""

    @property
    def retryable(self) -> bool:
        """Whether the same call may succeed later, and has done nothing yet."""
        return False


class TransportError(BridgeError):
    """No answer came: the host is gone, the connection broke, or another program answered.

    The host may have carried the request out, unless the error is `retryable`: then the host has not read the request.
    """

    def __init__(self, *args: object, is_sent: bool = True) -> None:
        """Tell of a request that was not answered; `is_sent` is whether the host may have read it."""
        super().__init__(*args)
        self._is_sent = is_sent

    @property
    def retryable(self) -> bool:
        """Whether the host has not read the request: it could not be reached, or closed the connection before."""
        return not self._is_sent


class DeadlineExceededError(TransportError, TimeoutError):
    """No answer came within `timeout_s` seconds. The host may have carried the request out."""


class UnexpectedTypeError(TransportError):
    """What came is not of the type that was asked for; what pydantic or msgspec said is the cause.

    A command whose answer is of another type has run.
    """


class EventsLostError(BridgeError):
    """Stands in the place of events that a slow reader missed; the reader can read on behind the gap."""

    def __init__(self, lost: int | None) -> None:
        """Stand for `lost` events; `None` when the host does not know how many."""
        super().__init__(lost)
        self.lost = lost

    def __str__(self) -> str:
        count = "an unknown number of" if self.lost is None else self.lost
        return f"{count} events are missing, since this reader was too slow; read on, and read faster"


class ResourceClosedError(BridgeError):
    """A handle was used after its end: it was closed, or ended with an earlier generation of this sidecar."""

    def __init__(self, what: str, how: str = "has ended; make another one") -> None:
        """Tell of the handle that `what` describes."""
        super().__init__(what, how)
        self._what = what
        self._how = how

    def __str__(self) -> str:
        return f"{self._what} {self._how}"


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


class InvalidArgumentError(ProblemError):
    """`invalid_argument`: the request itself is wrong, such as an argument that the command does not take."""


class UnauthenticatedError(ProblemError):
    """`unauthenticated`: no token, or that of another generation."""


class PermissionDeniedError(ProblemError):
    """`permission_denied`: no capability grants the command, event or window to this sidecar."""


class NotFoundError(ProblemError):
    """`not_found`: no such command, window or route."""


class UnavailableError(ProblemError):
    """`unavailable`: the app ends, or has no window yet."""


class FailedPreconditionError(ProblemError):
    """`failed_precondition`: the app does not do that in its present state; `CommandError` is one kind."""


class ResourceExhaustedError(ProblemError):
    """`resource_exhausted`: over a limit of size or number."""


class CallCancelledError(ProblemError):
    """`cancelled`: the host saw the caller give up. Not the `CancelledError` of asyncio."""


class InternalError(ProblemError):
    """`internal`: a fault of the app or the plugin, whose log says more under `problem.instance`."""


class CommandError(FailedPreconditionError):
    """The app's own command was run and answered with an error: the `Err` of its Rust function. Never `retryable`."""

    @property
    def error(self) -> object:
        """The command's error value, decoded from JSON."""
        return self.problem.data

    @property
    def retryable(self) -> bool:
        """Whether nothing was done: it was, for the command has run."""
        return False


PROBLEMS: dict[str, type[ProblemError]] = {
    "invalid_argument": InvalidArgumentError,
    "unauthenticated": UnauthenticatedError,
    "permission_denied": PermissionDeniedError,
    "not_found": NotFoundError,
    "unavailable": UnavailableError,
    "failed_precondition": FailedPreconditionError,
    "resource_exhausted": ResourceExhaustedError,
    "cancelled": CallCancelledError,
    "internal": InternalError,
}
"""The class of each code; `deadline_exceeded` has one that is no `ProblemError`."""
