"""What the twins say alike when no answer comes."""

from __future__ import annotations

import errno
import sys
from time import monotonic

from sidecar_bridge._client.errors import BridgeError, DeadlineExceededError, TransportError, UnexpectedTypeError
from sidecar_bridge._native import NotSentError

_NO_DESCRIPTOR = (errno.EMFILE, errno.ENFILE)
"""What socket(2) says, and no call that sends or receives."""


class _Loading:
    """A block that imports what few calls need."""

    def __enter__(self) -> None:
        return

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: object) -> None:
        if isinstance(error, OSError):
            msg = f"a module that the call needs was not loaded, and nothing was sent: {error}; is `ulimit -n` too low?"
            raise TransportError(msg, is_sent=False) from error


loading = _Loading()
"""A module that cannot be read, as at the limit of open files, is a `TransportError`, and the call may be repeated."""


def seconds_left(deadline: float | None) -> float | None:
    """Give the seconds until `deadline`, a time of the monotonic clock; none are left after it."""
    return None if deadline is None else max(0.0, deadline - monotonic())


def no_answer(path: str, error: Exception) -> TransportError:
    """Tell that an exchange with the host broke off."""
    if isinstance(error, TimeoutError):
        return DeadlineExceededError(f"no answer from the host at {path} in time; raise `timeout_s` or see its log")
    if isinstance(error, OSError) and error.errno in _NO_DESCRIPTOR:
        msg = f"no descriptor is left for another connection to the host at {path}: {error}; is `ulimit -n` too low?"
        return TransportError(msg, is_sent=False)
    # The last two come of connect(2) alone, see unix(7).
    is_sent = not isinstance(error, NotSentError | FileNotFoundError | ConnectionRefusedError)
    return TransportError(f"no answer from the host at {path}: {error}; it may have exited", is_sent=is_sent)


def is_gone(error: TransportError) -> bool:
    """Tell whether a call failed since nobody is there any more to answer: what the host had went with it."""
    return isinstance(error.__cause__, ConnectionError | FileNotFoundError)


def beside(error: BaseException | None, what: object, failed: BridgeError) -> None:
    """Let the error of a block go on when the end of the block fails as well, which becomes a note of it."""
    if error is None:
        raise failed
    error.add_note(f"{what!r} could not be closed either: {failed}")


def no_answer_of_tauri(what: str, why: object) -> UnexpectedTypeError:
    """Tell that an answer is none that this package knows of Tauri."""
    # A fake host loads that, and no app.
    is_test = "sidecar_bridge._testing.tauri" in sys.modules
    asks = "does the test answer as Tauri does?" if is_test else "is the app's Tauri newer than this package?"
    return UnexpectedTypeError(f"{what} {why}; {asks} `invoke` takes every answer")


def stream_ended(path: str) -> TransportError:
    """Tell that the host ended a stream, and let nobody resume it."""
    return TransportError(f"the host at {path} ended the stream of events; it may have exited")


def closed(what: object) -> BridgeError:
    """Tell that something is used after `close`."""
    return BridgeError(f"{what!r} is closed; make another one")


def stopping(what: object) -> BridgeError:
    """Tell that a sidecar which stops makes no more subscriptions."""
    return BridgeError(f"{what!r} listens to nothing any more, since the sidecar stops; let the thread or task end")
