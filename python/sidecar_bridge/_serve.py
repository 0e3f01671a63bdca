"""Run an ASGI app as the sidecar of a Tauri host."""

from __future__ import annotations

import os
import socket
import sys
from typing import TYPE_CHECKING, NoReturn

from sidecar_bridge._async_host import AsyncHost
from sidecar_bridge._current import Hosts, set_hosts
from sidecar_bridge._errors import BridgeError
from sidecar_bridge._failure import require_unix
from sidecar_bridge._hello import Hello, parse_hello
from sidecar_bridge._host import Host

if sys.platform != "win32":
    from sidecar_bridge._native import Lease, NoLeaseError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_HELLO_TIMEOUT_S = 5.0
_EX_USAGE = 64
"""Wrong usage, see sysexits(3)."""

_STARTUP_FAILED = 3


def serve(
    app: Callable[..., Awaitable[None]] | str, *, log_level: str | int = "info", access_log: bool = False
) -> None:
    """Serve an ASGI app for the Tauri host that started this process, until the host asks it to stop.

    The host learns that the sidecar is ready once the app's lifespan startup is complete. After the host's `stop` the
    requests in flight get 2 s to end, then the lifespan is shut down and this function returns. When the host is gone,
    this process and its process group end at once, whatever Python is doing.

    Standard input belongs to the host: it reads as empty from here on.

    Args:
        app: The app, or where it is: `"module:attribute"`.
        log_level: uvicorn's log level, such as `"warning"`.
        access_log: Whether uvicorn logs each request.

    Raises:
        SystemExit: With 64 when no host started this process, with another code when the app does not start.
    """
    try:
        hello, lease = _take_lease()
        listener = _listener(hello.listen_fd)
    except BridgeError as error:
        _refuse(error)
    # Imported late: who runs the sidecar by hand gets an answer at once.
    from sidecar_bridge._server import Server  # noqa: PLC0415

    hosts = Hosts(AsyncHost(hello.host_path, hello.token), Host(hello.host_path, hello.token))
    set_hosts(hosts)
    server = Server(app, hosts.for_asyncio, log_level=log_level, access_log=access_log)
    lease.watch(server.stop)
    with listener, hosts.blocking:
        server.run(sockets=[listener])
    if not server.started:
        # Newer uvicorns exit with this code themselves.
        sys.exit(_STARTUP_FAILED)
    if server.announce_failed:
        sys.exit(1)


def _take_lease() -> tuple[Hello, Lease]:
    require_unix()
    try:
        lease, line = Lease.take(_HELLO_TIMEOUT_S)
    except NoLeaseError as error:
        raise BridgeError(str(error)) from error
    return parse_hello(line), lease


def _listener(descriptor: int) -> socket.socket:
    try:
        listener = socket.socket(fileno=descriptor)
        # The children of the sidecar have no business with it.
        listener.set_inheritable(False)
        is_listening = listener.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    except OSError as error:
        msg = f"descriptor {descriptor}, which the host's hello names, is no socket: {error}"
        raise BridgeError(msg) from error
    if not is_listening:
        msg = f"descriptor {descriptor}, which the host's hello names, is no listening socket"
        raise BridgeError(msg)
    return listener


def _refuse(error: BridgeError) -> NoReturn:
    program = os.path.basename(sys.argv[0]) or "python"  # noqa: PTH119 - a name to show, perhaps no path
    sys.stderr.write(
        f"{program}: this is the sidecar of a Tauri app and no host started it ({error}); start the Tauri app, or run "
        "the ASGI app alone with `uvicorn module:app`\n"
    )
    sys.exit(_EX_USAGE)
