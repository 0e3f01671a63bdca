"""How a process finds its host: it dials the socket that the environment names, and the host answers with a hello."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, NamedTuple

from sidecar_bridge._client.errors import BridgeError
from sidecar_bridge._native import Lease, NoAnswerError
from sidecar_bridge._serve.hello import KIND, Hello, parse_hello

if TYPE_CHECKING:
    from typing import Literal

VARIABLE = "SIDECAR_BRIDGE"
"""The variable that the host sets for the sidecar, and that the sidecar's children inherit. Its value is no secret."""

STANDBY = "SIDECAR_BRIDGE_STANDBY"
"""The variable that the host sets for a spare. A spare that is called removes it, and is a sidecar like any other."""

IMPORTS = "imports"
"""The value of that variable for a spare that has imported, and has not begun the program, when it is called."""

NO_HOST = f"no host started this process, or what started it did not pass its environment on: {VARIABLE} is not set"

_SCHEME = f"{KIND}:"

_ANSWER_TIMEOUT_S = 5.0


class Answer(NamedTuple):
    """A hello, the connection on which it came, and the descriptor of the socket to serve on."""

    hello: Hello
    lease: Lease
    listen_fd: int | None


def address() -> str | None:
    """Give the path of the host's socket or the name of its pipe, `None` when no host started this process.

    Raises:
        BridgeError: The variable has no address that this package knows.
    """
    value = os.environ.get(VARIABLE)
    if not value:
        return None
    scheme, colon, path = value.partition(":")
    if scheme + colon != _SCHEME:
        msg = (
            f"{VARIABLE} is `{value}`, and this package knows addresses that begin with `{_SCHEME}` only; install "
            "versions of the plugin and the package that belong together"
        )
        raise BridgeError(msg)
    # Of a pipe's name the native core looks at more.
    if sys.platform != "win32" and not os.path.isabs(path):  # noqa: PTH117 - what `pathlib` costs at the start, a worker pays too
        msg = f"{VARIABLE} is `{value}`, and what follows `{_SCHEME}` is no absolute path; leave it as the host set it"
        raise BridgeError(msg)
    return path


def is_spare() -> bool:
    """Tell whether the host started this process as a spare, and has not called it yet."""
    return STANDBY in os.environ and bool(os.environ.get(VARIABLE))


def variable(path: str) -> str:
    """Give the variable's value for the host at that socket or pipe."""
    return f"{_SCHEME}{path}"


def dial(path: str, role: Literal["serve", "join", "calls"]) -> Answer:
    """Ask the host at the socket or pipe `path` for a hello.

    Raises:
        ProblemError: The host refuses.
        BridgeError: No hello comes within 5 s.
    """
    try:
        lease, line, listen_fd = Lease.dial(path, role, _ANSWER_TIMEOUT_S)
    except NoAnswerError as error:
        raise BridgeError(str(error)) from error
    try:
        return Answer(parse_hello(line), lease, listen_fd)
    except BridgeError:
        if listen_fd is not None:
            os.close(listen_fd)
        raise
