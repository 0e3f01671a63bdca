"""The native core: an HTTP/1.1 client codec, connections and a pool over it, JSON, and the lease.

A `path` is that of a Unix socket, or the name of a pipe. If another process than `process` is behind the pipe, the pipe
is refused.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from typing import Any, Literal, Self, final

VERSION: str
"""The package's version."""

PROTOCOL: int
"""The version of what is said before and on the lease, see `docs/wire.md`."""

if sys.platform != "win32":
    FULL_AT_MOST_S: float
    """For how many seconds `ConnectionRefusedError` may mean that the host's backlog is full: 0 on Linux."""

class ProtocolError(Exception):
    """The host sent something else than the HTTP that was asked for, or more of it than the limit."""

class NotSentError(ConnectionError):
    """The request did not leave, since the host had closed the connection: it can be sent again on another one."""

class NoAnswerError(Exception):
    """The host gave no answer; the message says why."""

def quote(text: str) -> str:
    """Percent-encode all but what RFC 3986 leaves as it is, and the colon."""

def encode_json(value: object, what: str) -> bytes:
    """Give the value as JSON; pydantic models as `model_dump(mode="json", by_alias=True)` has them.

    `Host.invoke` says what else there may be.

    `TypeError` or `ValueError` for what JSON has no form for or the host would refuse: "`what` cannot be sent as JSON",
    with the path of the value and the remedy.
    """

def decode_json(text: bytes | str) -> Any:
    """Read a JSON value; `ValueError` if it is none."""

@final
class Request:
    """One request to the host, but for the token. The body is not copied: leave it as it is until the call ends."""

    def __new__(
        cls,
        method: str,
        target: str,
        content_type: str | None = None,
        body: bytes | bytearray | memoryview | None = None,
        window: str | None = None,
        channels: str | None = None,
        last_event_id: str | None = None,
        headers: Sequence[tuple[str, str]] = (),
        undo: str | None = None,
    ) -> Request: ...
    @staticmethod
    def invoke(
        command: str,
        arguments: dict[str, object],
        window: str | None,
        channels: str | None,
        headers: Sequence[tuple[str, str]] = (),
        undo: str | None = None,
    ) -> Request:
        """Run a command with these arguments: `encode_json`, `quote` and a request in one step."""
    @property
    def body(self) -> bytes:
        """A copy of the body."""
    @property
    def channels(self) -> list[str]:
        """The names of the arguments that are channels."""
    @property
    def is_idempotent(self) -> bool:
        """Whether it may be sent again when nobody knows what became of it."""
    def head(self, token: str, timeout_s: float | None) -> bytes:
        """Give the request line and the header; `ValueError` for a character that HTTP cannot carry there."""

@final
class Reply:
    """One whole answer of the host."""

    def __new__(cls, status: int, content_type: str, body: bytes, undo: str | None = None) -> Reply: ...
    @property
    def status(self) -> int: ...
    @property
    def content_type(self) -> str:
        """The media type in lower case; empty: none."""
    @property
    def body(self) -> bytes: ...
    @property
    def undo(self) -> str | None:
        """Under which number, and in which window, the host undoes what the call made."""

@final
class ResponseDecoder:
    """Reads one response from bytes, however they are cut.

    Every method that takes input in raises `ProtocolError` for what is not a response within the limits, and
    `ConnectionAbortedError` when it ends too early.
    """

    def __new__(cls, max_body_bytes: int) -> ResponseDecoder: ...
    def receive(self, data: bytes, /) -> None:
        """Take in the next bytes."""
    def end_of_input(self) -> None:
        """Say that the connection ended."""
    def head(self) -> tuple[int, str] | None:
        """Give the status and the media type in lower case (empty: none), once the header came whole."""
    def undo(self) -> str | None:
        """Give what `Reply.undo` says, once the header came whole."""
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
    @property
    def last_id(self) -> str:
        """The id of the last event that came whole; empty before the first."""

class Pool:
    """The blocking connections of one `Host`, for all threads. The GIL is released while one waits.

    At most 64 calls are under way at once; more wait in their order. A thread that waits calls `look` at least once a
    second, and ends its call with what `look` raises. A child process begins with no connections.
    """

    def __new__(
        cls,
        path: str,
        token: str,
        max_body_bytes: int,
        look: Callable[[], object] | None = None,
        process: int | None = None,
    ) -> Self: ...
    warns: bool
    """Whether the log hears of a call that holds up an event loop; it does once."""

    def invoke(
        self,
        command: str,
        args: Mapping[str, object] | bytes | bytearray | memoryview | None,
        window: str | None,
        timeout_s: float | None,
    ) -> Any:
        """Run a command and give its result, in one step where the arguments are a dict or none.

        Else, once it is closed, and where it would hold up an event loop, this calls `_invoke_slowly` of the subclass.
        What `wire.decode` and `failure.no_answer` say of the reply, or of its absence, is the result.
        """
    def exchange(self, request: Request, timeout_s: float | None) -> Reply:
        """Send a request and give the whole reply.

        `TimeoutError` when `timeout_s` (seconds from 0 up, `None`: no limit) passes, `ProtocolError` for a malformed
        reply, `OSError` for what the system says.
        """
    def take_turn(self, timeout_s: float | None) -> Turn:
        """Wait until one more call may be under way, which then has a connection of its own.

        `TimeoutError` when `timeout_s` (seconds from 0 up, `None`: no limit) passes.
        """
    def close(self) -> None:
        """Close the idle connections, and the others when their calls end."""
    def end(self) -> None:
        """Close all connections; the calls that wait on them get an `OSError`, and so do later calls."""

if sys.platform != "win32":
    @final
    class Calls:
        """The calls of one event loop over one connection, see `docs/wire.md`. For the loop's thread alone.

        A call that has to take a connection of its own is `None`: while the host has not agreed, when 64 calls are
        under way, for a long request, for one whose answer was long before, and for a `timeout_s` that is no number
        above 0.
        """

        @staticmethod
        def open(
            path: str,
            token: str,
            max_body_bytes: int,
            loop: asyncio.AbstractEventLoop,
            on_end: Callable[[], object],
        ) -> Calls:
            """Connect, and ask the host to carry calls; the loop tells when it agrees.

            `on_end` is called for each call that ends while `others_wait`. `OSError` for what connect(2) says,
            `NotImplementedError` if the loop watches no descriptors.
            """
        others_wait: bool
        """Whether the end of a call is to be told."""

        @property
        def is_open(self) -> bool:
            """Whether the host has agreed."""
        @property
        def is_closed(self) -> bool:
            """Whether the connection has ended."""
        @property
        def is_refused(self) -> bool:
            """Whether it has ended before the host agreed."""
        @property
        def count(self) -> int:
            """How many calls are under way."""
        @property
        def width(self) -> int:
            """The most calls that were under way at once, less one for each four that have ended since."""
        def invoke(
            self,
            command: str,
            args: Mapping[str, object] | bytes | bytearray | memoryview | None,
            window: str | None,
            timeout_s: float | None,
        ) -> Call | None:
            """Begin a call of a command whose arguments are a dict or none."""
        def ask(self, request: Request, timeout_s: float | None) -> Call | None:
            """Begin a call that gives the content of the reply."""
        def exchange(self, request: Request, timeout_s: float | None) -> Call | None:
            """Begin a call that gives the whole reply."""
        def close(self) -> None:
            """Close the connection when its last call ends."""

    @final
    class Call(Awaitable[Any]):
        """One call that has begun, for the one task that awaits it. To cancel the task gives the call up."""

        def __await__(self) -> Generator[Any, None, Any]: ...

@final
class Turn:
    """The right of one call to be under way."""

    def end(self) -> None:
        """Give the right to another call; a second time does nothing."""

@final
class Connection:
    """A connection to the host endpoint, blocking or not; one request at a time.

    Only `close` may be called while another thread waits. Errors: `TimeoutError` when `timeout_s` (seconds from 0 up,
    `None`: no limit) passes, `ProtocolError` for a malformed response, `OSError` for what the system says. After an
    error it cannot be used again, except that `read` goes on after a `TimeoutError`.
    """

    @staticmethod
    def open(
        path: str, timeout_s: float | None, look: Callable[[], object] | None = None, process: int | None = None
    ) -> Connection:
        """Connect; the GIL is released while this and the next three wait.

        Each calls `look` at least once a second while it waits, and ends with what `look` raises.
        """
    def start(self, request: Request, token: str, max_body_bytes: int, timeout_s: float | None) -> tuple[int, str]:
        """Send a request and give the response's status and media type in lower case (empty: none).

        `NotSentError` when the host closed the connection before it had read the request.
        """
    def read(self, timeout_s: float | None) -> bytes:
        """Give the next bytes of the body; none at its end."""
    def read_all(self, timeout_s: float | None) -> bytes:
        """Give the rest of the body."""
    def head(self) -> tuple[int, str]:
        """Give the status and the media type in lower case (empty: none)."""
    def close(self) -> None:
        """Close it; a thread that waits on it sees the end of the input."""
    if sys.platform != "win32":
        @staticmethod
        def open_nonblocking(path: str) -> Connection:
            """Connect without waiting, for the methods that follow.

            `BlockingIOError` when the host's backlog is full; on macOS `ConnectionRefusedError`.
            """
        def begin(self, max_body_bytes: int) -> None:
            """Forget the last response, and expect one."""
        def try_send(self, head: bytes, request: Request) -> bool:
            """Send what the socket takes of the request, and tell whether that was all that was left."""
        def try_read_head(self) -> bool:
            """Read what is there, and tell whether the head came whole."""
        def try_read(self) -> bool:
            """Read what is there, and tell whether there is any body, or its end."""
        def try_reply(self) -> Reply | None:
            """Read what is there, and give the reply if it came whole."""
        def take_bytes(self) -> bytes:
            """Give the body that came since the last call."""
        def has_begun(self) -> bool:
            """Tell whether anything of the response came."""
        def is_reusable(self) -> bool:
            """Tell whether the last response came whole, and the host said that it keeps the connection open."""
        def is_quiet(self) -> bool:
            """Tell whether the host has neither closed it nor sent anything since."""
        def fileno(self) -> int:
            """The socket's number."""

@final
class Lease:
    """The connection to the host on which a hello came."""

    @staticmethod
    def dial(path: str, role: Literal["serve", "join", "calls"], timeout_s: float) -> tuple[Lease, bytes, int | None]:
        """Ask the host there: give the connection, the line that it answered, and the socket with it.

        The line is a hello or a refusal, without its end. The socket is a descriptor that no child inherits; whoever
        calls this closes it. No socket comes through a pipe. `NoAnswerError` when nobody is there, or all of it takes
        longer than `timeout_s` seconds.
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

if sys.platform == "win32":
    def check_pipe(handle: int, name: str, process: int) -> None:
        """Refuse a pipe behind which another process is than `process`: `PermissionError`."""

    def is_quiet_pipe(handle: int) -> bool:
        """Tell whether there is nothing to read, and no end of it either."""

    def is_own_file(handle: int) -> bool:
        """Tell whether this process's user owns the open file."""
