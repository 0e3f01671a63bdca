"""Named pipes for asyncio on Windows."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, TypeVar, cast

from sidecar_bridge._client.errors import BridgeError

if TYPE_CHECKING:
    from collections.abc import Callable

assert sys.platform == "win32"  # noqa: S101 - other systems have no such loop, and mypy skips what follows

from sidecar_bridge._native import check_pipe, is_quiet_pipe  # noqa: E402 - see above

_P = TypeVar("_P", bound=asyncio.BaseProtocol)


def check_loop(loop: asyncio.AbstractEventLoop) -> None:
    """Refuse a loop that has no pipes: `BridgeError`."""
    if not hasattr(loop, "create_pipe_connection"):
        msg = (
            f"{type(loop).__name__} has no named pipes, by which the host is reached on Windows; run the code in an "
            "`asyncio.ProactorEventLoop`, which is what `asyncio.run` takes unless a policy says otherwise"
        )
        raise BridgeError(msg)


async def open_pipe(make: Callable[[], _P], name: str, process: int | None) -> _P:
    """Connect to the pipe of the host, and give what `make` gives once it has its transport.

    This waits, with no limit of its own, for as long as all instances of the pipe are busy.

    Raises:
        BridgeError: The running loop has no pipes.
        OSError: There is no such pipe, or another process than `process` is behind it.
    """
    loop = asyncio.get_running_loop()
    check_loop(loop)
    transport, protocol = await cast("asyncio.ProactorEventLoop", loop).create_pipe_connection(make, name)
    try:
        if process is not None:
            check_pipe(_handle(transport), name, process)
        # asyncio comes back before it has called `connection_made`.
        await asyncio.sleep(0)
    except BaseException:
        transport.abort()
        raise
    return cast("_P", protocol)


def is_quiet(transport: asyncio.BaseTransport) -> bool:
    """Tell whether there is nothing to read, and the host has not closed the pipe."""
    return not transport.is_closing() and is_quiet_pipe(_handle(transport))


def _handle(transport: asyncio.BaseTransport) -> int:
    return cast("int", transport.get_extra_info("pipe").handle)
