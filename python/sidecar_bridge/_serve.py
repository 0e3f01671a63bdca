"""Run an ASGI app as the sidecar of a Tauri host."""

from __future__ import annotations

import logging
import os
import socket
import sys
from typing import TYPE_CHECKING, NoReturn

from sidecar_bridge._current import Hosts, set_hosts
from sidecar_bridge._dial import NO_HOST, VARIABLE, address
from sidecar_bridge._errors import BridgeError, ProblemError
from sidecar_bridge._lease import Introduced, join, take_lease

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sidecar_bridge._host import Host

_EX_USAGE = 64
"""Wrong usage, see sysexits(3)."""

_STARTUP_FAILED = 3

_GUARD = 'call it under `if __name__ == "__main__"`, for this file is imported as well'

_logger = logging.getLogger("sidecar_bridge")

_has_served = False
"""Whether this process has a lease, or the one that it was forked from."""


def serve(
    app: Callable[..., Awaitable[None]] | str,
    *,
    log_level: str | int = "info",
    access_log: bool = False,
    identifier: str | None = None,
    sidecar: str = "python",
) -> None:
    """Serve an ASGI app for the Tauri host that started this process, until the host asks it to stop.

    The host learns that the sidecar is ready once the app's lifespan startup is complete; until then
    `Host.report_startup` tells it what goes on, and `importing` is reported for an app given as a string. After the
    host's `stop` the requests in flight get 1 s to end, then the lifespan is shut down and this function returns. When
    the host is gone, this process and its process group end at once, whatever Python is doing.

    A process serves once. Processes that the app starts find the host with `get_host` and `get_async_host`.

    Started by hand, in a terminal or a debugger, it joins the app with that identifier if one runs under `tauri dev`,
    in place of the sidecar that the app had started; that one comes back when this process ends. Then this process
    ends alone when the app does, and nobody watches whether its event loop turns.

    Args:
        app: The app, or where it is: `"module:attribute"`.
        log_level: uvicorn's log level, such as `"warning"`.
        access_log: Whether uvicorn logs each request.
        identifier: The Tauri app's identifier, such as `"com.example.app"`, to join it when no host started this
            process, which then has no variable `SIDECAR_BRIDGE`. Default: that of the environment variable
            `SIDECAR_BRIDGE_APP`.
        sidecar: The name of the sidecar to be when it joins.

    Raises:
        SystemExit: With 64 when there is no host or it gives no lease, with another code when the app does not start.
    """
    global _has_served  # noqa: PLW0603 - a process has one lease
    if _has_served:
        _refuse(f"`serve` was called before; {_GUARD}")
    if _is_imported_by_a_worker():
        _refuse(f"a worker of `multiprocessing` calls `serve`; {_GUARD}")
    try:
        hello, lease, listen_fd, dialled = _introduced(identifier or os.environ.get("SIDECAR_BRIDGE_APP"), sidecar)
        listener = _listener(listen_fd)
    except ProblemError as error:
        _refuse(f"the host gives this process no lease ({error})")
    except BridgeError as error:
        _refuse(f"there is no host ({error}); start the Tauri app, or run the ASGI app alone with `uvicorn module:app`")
    _has_served = True
    # For the children of a sidecar that was started by hand, which have to find the app too.
    os.environ[VARIABLE] = f"unix:{dialled}"
    # Imported late: who runs the sidecar by hand gets an answer at once.
    from sidecar_bridge._server import Heart, Server  # noqa: PLC0415

    hosts = Hosts(hello.host_path, hello.token)
    set_hosts(hosts)
    server = Server(app, hosts, log_level=log_level, access_log=access_log)
    pulse = lease.watch(server.stop, hello.process_group)
    if hello.beat_ms is not None:
        server.heart = Heart(pulse, hello.beat_ms / 1000)
    with listener, hosts.blocking:
        if isinstance(app, str):
            _report_import(hosts.blocking)
        server.run(sockets=[listener])
    if not server.started:
        # Newer uvicorns exit with this code themselves.
        sys.exit(_STARTUP_FAILED)
    if server.announce_failed:
        sys.exit(1)


def _is_imported_by_a_worker() -> bool:
    """Tell whether `multiprocessing` imports the program's file just now, to begin a worker that is not forked."""
    imported = sys.modules.get("__mp_main__")
    # Elsewhere that is another name of the main module, and in a worker that has begun as well.
    return imported not in {None, sys.modules["__main__"]} and imported.__name__ == "__mp_main__"


def _introduced(identifier: str | None, sidecar: str) -> Introduced:
    path = address()
    if path is not None:
        # Not another way when this one fails: a child that calls `serve` as well would put its own parent out.
        return take_lease(path)
    if identifier is None:
        msg = f"{NO_HOST}; to join an app that runs under `tauri dev`, set SIDECAR_BRIDGE_APP to its identifier"
        raise BridgeError(msg)
    return join(identifier, sidecar)


def _report_import(host: Host) -> None:
    try:
        host.report_startup("importing")
    except BridgeError as error:
        # A host that is gone is the lease's affair.
        _logger.debug("the host was not told of the import: %s", error)


def _listener(descriptor: int) -> socket.socket:
    try:
        listener = socket.socket(fileno=descriptor)
        is_listening = listener.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    except OSError as error:
        msg = f"what came with the host's hello is no socket: {error}"
        raise BridgeError(msg) from error
    if not is_listening:
        msg = "what came with the host's hello is no listening socket"
        raise BridgeError(msg)
    return listener


def _refuse(reason: str) -> NoReturn:
    program = os.path.basename(sys.argv[0]) or "python"  # noqa: PTH119 - a name to show, perhaps no path
    sys.stderr.write(f"{program}: this is the sidecar of a Tauri app, and {reason}\n")
    sys.exit(_EX_USAGE)
