"""The native core: an HTTP/1.1 client codec, a blocking connection over it, and the lease.

Everything but `NoLeaseError`, `NotSentError`, `Connection`, `Lease` and `Pings` exists on Windows too.
"""

from collections.abc import Callable
from typing import Literal, final

VERSION: str
"""The package's version."""

class ProtocolError(Exception):
    """The host sent something else than the HTTP that was asked for, or more of it than the limit."""

class NotSentError(ConnectionError):
    """The request did not leave, since the host had closed the connection: it can be sent again on another one."""

class NoLeaseError(Exception):
    """There is no lease; the message says why."""

def encode_head(
    method: str,
    target: str,
    token: str,
    window: str | None = None,
    content_type: str | None = None,
    content_length: int = 0,
    channels: str | None = None,
) -> bytes:
    """Give the request line and the header; `ValueError` for a character that HTTP cannot carry there."""

@final
class ResponseDecoder:
    """Reads one response from bytes, however they are cut.

    Every method that takes input in raises `ProtocolError` for what is not a response within the limits.
    """

    def __new__(cls, max_body_bytes: int) -> ResponseDecoder: ...
    def receive(self, data: bytes, /) -> None:
        """Take in the next bytes."""
    def end_of_input(self) -> None:
        """Say that the connection ended."""
    def head(self) -> tuple[int, str] | None:
        """Give the status and the media type in lower case (empty: none), once the header came whole."""
    def waiting_bytes(self) -> int:
        """Give the size of what `take_body` would give."""
    def take_body(self) -> bytes:
        """Give the body that came since the last call."""
    def is_complete(self) -> bool:
        """Tell whether the response came whole."""
    def is_reusable(self) -> bool:
        """Tell whether it came whole and the connection stays open after it."""

@final
class EventParser:
    """Reads Server-Sent Events from bytes, however they are cut."""

    def __new__(cls, max_event_bytes: int) -> EventParser: ...
    def receive(self, data: bytes, /) -> list[tuple[Literal["comment", "event"], str, str]]:
        """Give what the next bytes complete, with the event's name (empty: none) and its text.

        `ProtocolError` for what is not a stream of events.
        """

@final
class Connection:
    """A blocking connection to the host endpoint. The GIL is released while it waits.

    One request at a time; only `close` may be called while another thread waits. Errors: `TimeoutError` when
    `timeout_s` (seconds from 0 up, `None`: no limit) passes, `ProtocolError` for a malformed response, `OSError` for
    what the system says. After an error it cannot be used again, except that `read` goes on after a `TimeoutError`.
    """

    def __new__(cls, path: str) -> Connection: ...
    def start(self, head: bytes, body: bytes, max_body_bytes: int, timeout_s: float | None) -> tuple[int, str]:
        """Send a request and give the response's status and media type in lower case (empty: none).

        `NotSentError` when the host had closed the connection before.
        """
    def read(self, timeout_s: float | None) -> bytes:
        """Give the next bytes of the body; none at its end."""
    def read_all(self, timeout_s: float | None) -> bytes:
        """Give the rest of the body."""
    def is_reusable(self) -> bool:
        """Tell whether the last response came whole, and the host has not closed the connection since."""
    def close(self) -> None:
        """Close it; a thread that waits on it sees the end of the input."""

@final
class Lease:
    """Standard input, once taken over from the process."""

    @staticmethod
    def take(timeout_s: float) -> tuple[Lease, bytes]:
        """Take standard input over, and give its first line; `/dev/null` is standard input afterwards.

        `NoLeaseError` when no line comes within `timeout_s` seconds, or it cannot be the host's.
        """
    @staticmethod
    def join(path: str, timeout_s: float) -> tuple[Lease, bytes, int]:
        """Ask the host at that Unix socket for a lease: give it, its hello, and the descriptor to serve on.

        `NoLeaseError` when nobody listens there, or no hello comes within `timeout_s` seconds.
        """
    def watch(self, on_stop: Callable[[], object], process_group: int | None = None) -> Pulse:
        """Watch the lease from a thread that needs no GIL, and give what the event loop has to say on it.

        The host's `stop` calls `on_stop` once, on a thread of its own. The end of the lease ends at once what is in
        `process_group`, the group that the host made for this process; without one, this process alone.
        """

@final
class Pulse:
    """What the event loop says to the host."""

    def beat(self) -> None:
        """Tell the host that the event loop turns; never waits."""
