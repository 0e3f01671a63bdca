"""What the twins say alike when no answer comes."""

from __future__ import annotations

from time import monotonic

from sidecar_bridge._client.errors import BridgeError, DeadlineExceededError, TransportError
from sidecar_bridge._native import NotSentError


def seconds_left(deadline: float | None) -> float | None:
    """Give the seconds until `deadline`, a time of the monotonic clock; none are left after it."""
    return None if deadline is None else max(0.0, deadline - monotonic())


def no_answer(path: str, error: Exception) -> TransportError:
    """Tell that an exchange with the host broke off."""
    if isinstance(error, TimeoutError):
        return DeadlineExceededError(f"no answer from the host at {path} in time; raise `timeout_s` or see its log")
    # The last two come of connect(2) alone, see unix(7).
    is_sent = not isinstance(error, NotSentError | FileNotFoundError | ConnectionRefusedError)
    return TransportError(f"no answer from the host at {path}: {error}; it may have exited", is_sent=is_sent)


def stream_ended(path: str) -> TransportError:
    """Tell that the host ended a stream, and let nobody resume it."""
    return TransportError(f"the host at {path} ended the stream of events; it may have exited")


def closed(what: object) -> BridgeError:
    """Tell that something is used after `close`."""
    return BridgeError(f"{what!r} is closed; make another one")


def stopping(what: object) -> BridgeError:
    """Tell that a sidecar which stops makes no more subscriptions."""
    return BridgeError(f"{what!r} listens to nothing any more, since the sidecar stops; let the thread or task end")
