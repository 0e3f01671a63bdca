"""Run an ASGI app as the sidecar of a Tauri host."""

from __future__ import annotations

import logging
import os
import socket
import sys
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, NoReturn

from sidecar_bridge._client.errors import BridgeError, ProblemError
from sidecar_bridge._serve.apps import STARTUP_FAILED, check_app
from sidecar_bridge._serve.current import Hosts, set_hosts
from sidecar_bridge._serve.dial import IMPORTS, NO_HOST, STANDBY, VARIABLE, address, is_spare, variable
from sidecar_bridge._serve.forks import hold_alone
from sidecar_bridge._serve.lease import Introduced, join, take_lease
from sidecar_bridge._serve.loads import load_if_asked
from sidecar_bridge._serve.options import check_choices, check_options
from sidecar_bridge._serve.output import print_by_lines
from sidecar_bridge._serve.workers import begin_worker, is_frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any, Unpack

    from sidecar_bridge._client.host import Host
    from sidecar_bridge._serve.config import Config
    from sidecar_bridge._serve.options import ServeOptions
    from sidecar_bridge._serve.server import Server

_EX_USAGE = 64
"""Wrong usage, see sysexits(3)."""

_OWN = {"log_level", "access_log", "loop"}
"""Options of uvicorn that are arguments of their own."""

_GUARD = 'call it under `if __name__ == "__main__"`, for this file is imported as well'

_logger = logging.getLogger("sidecar_bridge")

_has_served = False
"""Whether this process, or the process that it was forked from, has a lease."""


def serve(
    app: Callable[..., Any] | str,
    *,
    log_level: str | int = "info",
    access_log: bool = False,
    identifier: str | None = None,
    sidecar: str = "python",
    loop: str = "auto",
    **options: Unpack[ServeOptions],
) -> None:
    """Serve an ASGI app for the Tauri host that started this process, until the host asks it to stop.

    `serve` tells the host that the sidecar is ready once the app's lifespan startup is complete. Until then
    `Host.report_startup` tells the host what the sidecar does; for an app given as a string, `serve` reports
    `importing`. After the host's `stop`, pages' streams end, then requests and background tasks, then the lifespan is
    shut down and `serve` returns; the host gives all that `stopTimeoutMs` of its configuration. When the host is gone,
    this process and its process group end at once, whatever Python is doing.

    An app that raises at the scope `lifespan` before it has received anything is served without lifespan. One that
    raises later has not started.

    In a spare, a process that stands ready as the next generation, it loads the app, then waits until the host calls.

    A process serves once. Processes that the sidecar starts find the host with `get_host` and `get_async_host`. In a
    frozen program, such as one of PyInstaller, workers of `multiprocessing` begin in `serve`.

    A process that somebody starts by hand, in a terminal or a debugger, joins the app with that identifier if the app
    runs under `tauri dev`. It takes the place of the sidecar that the app had started, which comes back when this
    process ends. When the app ends, this process ends too, without its process group. The host does not watch its
    event loop.

    Args:
        app: The app, where it is (`"module:attribute"`), or a function that gives it.
        log_level: uvicorn's log level, such as `"warning"`.
        access_log: Whether uvicorn logs each request.
        identifier: The identifier of the Tauri app to join when no host started this process, such as
            `"com.example.app"`. Such a process has no variable `SIDECAR_BRIDGE`. Default: the value of the environment
            variable `SIDECAR_BRIDGE_APP`.
        sidecar: The name under which this process joins the app.
        loop: The event loop, as uvicorn has it: `"auto"` is uvloop where that is installed, `"asyncio"` is not.
        **options: More options of uvicorn, see `ServeOptions`.

    Raises:
        TypeError: The app is no ASGI app, or an option is not in `ServeOptions`.
        ValueError: An option has another word than it may have, such as `log_level="warn"`.
        RuntimeError: An event loop runs already: `serve_async` serves in it.
        SystemExit: With 64 when there is no host or the host gives no lease, with another code when the app does not
            start.
    """
    uvicorns = {"log_level": log_level, "access_log": access_log, "loop": loop, **options}
    begin_worker()
    # A second `serve` in the app of the first has another fault, which is said below.
    if not _has_served and "asyncio" in sys.modules and sys.modules["asyncio"]._get_running_loop() is not None:
        raise RuntimeError("an event loop runs already, and `serve` starts its own; use `await serve_async(app)`")
    with _served(app, uvicorns, identifier, sidecar) as (server, listeners):
        server.run(sockets=listeners)


async def serve_async(
    app: Callable[..., Any] | str,
    *,
    log_level: str | int = "info",
    access_log: bool = False,
    identifier: str | None = None,
    sidecar: str = "python",
    **options: Unpack[ServeOptions],
) -> None:
    """Serve as `serve` does, in the event loop that runs already.

    The first step blocks the event loop until the host has answered, usually for less than 1 ms. Cancelled, it stops as
    after the host's `stop`, and then raises `CancelledError`.

    Args:
        app: As in `serve`.
        log_level: As in `serve`.
        access_log: As in `serve`.
        identifier: As in `serve`.
        sidecar: As in `serve`.
        **options: As in `serve`.

    Raises:
        TypeError: As in `serve`.
        ValueError: As in `serve`.
        BridgeError: On Windows, the running loop has no pipes; `asyncio.ProactorEventLoop` has.
        SystemExit: As in `serve`.
    """
    import asyncio  # noqa: PLC0415 - it runs, so that it is imported

    if is_frozen():
        loop = asyncio.get_running_loop()
        # A worker of `multiprocessing` begins here, and knows nothing of this loop.
        asyncio._set_running_loop(None)
        try:
            begin_worker()
        finally:
            asyncio._set_running_loop(loop)
    if sys.platform == "win32":
        from sidecar_bridge._client.pipes import check_loop  # noqa: PLC0415 - only there

        check_loop(asyncio.get_running_loop())
    uvicorns = {"log_level": log_level, "access_log": access_log, **options}
    with _served(app, uvicorns, identifier, sidecar) as (server, listeners):
        await server.serve(sockets=listeners)


@contextmanager
def _served(
    app: Callable[..., Any] | str, options: Mapping[str, Any], identifier: str | None, sidecar: str
) -> Iterator[tuple[Server, list[socket.socket]]]:
    """Give a server with its lease, and the sockets to serve on; exit if the server has not started."""
    global _has_served  # noqa: PLW0603 - a process has one lease
    print_by_lines()
    if _has_served:
        _refuse(f"`serve` was called before; {_GUARD}")
    if _is_imported_by_a_worker():
        _refuse(f"a worker of `multiprocessing` calls `serve`; {_GUARD}")
    check_options({name: value for name, value in options.items() if name not in _OWN})
    check_choices(options)
    if not (isinstance(app, str) or options.get("factory")):
        check_app(app)
    load_if_asked(app, options)
    config = _loaded_ahead(app, options) if is_spare() else None
    try:
        hello, lease, listen_fd, dialled = _introduced(identifier or os.environ.get("SIDECAR_BRIDGE_APP"), sidecar)
        listeners = [] if listen_fd is None else [_listener(listen_fd)]
    except ProblemError as error:
        _refuse(f"the host gives this process no lease ({error})")
    except BridgeError as error:
        _refuse(f"there is no host ({error}); start the Tauri app, or run the ASGI app alone with `uvicorn module:app`")
    _has_served = True
    hold_alone(*(listener.getsockname() for listener in listeners), dialled, hello.host_path)
    # The children of a sidecar that was started by hand have to find the app too.
    os.environ[VARIABLE] = variable(dialled)
    # Imported late: somebody who runs the sidecar by hand without an app gets the refusal at once.
    from sidecar_bridge._serve.config import Config  # noqa: PLC0415
    from sidecar_bridge._serve.server import Heart, Server  # noqa: PLC0415

    hosts = Hosts(hello)
    set_hosts(hosts)
    server = Server(config or Config(app, options), hosts, hello)
    pulse = lease.watch(server.stop, hello.process_group)
    if hello.beat_ms is not None:
        server.heart = Heart(pulse, hello.beat_ms / 1000)
    with ExitStack() as stack:
        stack.enter_context(hosts.blocking)
        for listener in listeners:
            stack.enter_context(listener)
        if isinstance(app, str) and config is None:
            _report_import(hosts.blocking)
        yield server, listeners
    if not server.started:
        # Newer uvicorns exit with this code themselves.
        sys.exit(STARTUP_FAILED)
    if server.announce_failed:
        sys.exit(1)


def _loaded_ahead(app: Callable[..., Any] | str, options: Mapping[str, Any]) -> Config:
    """Load all that a sidecar needs but its host, then wait until the host calls."""
    import sidecar_bridge._serve.server  # noqa: F401, PLC0415 - only loaded
    from sidecar_bridge._serve.config import Config  # noqa: PLC0415 - as above
    from sidecar_bridge._serve.spare import the_spare  # noqa: PLC0415 - most processes are none

    try:
        spare = the_spare()
    except BridgeError as error:
        _refuse(f"no host takes it as a spare ({error}); only a host sets {STANDBY}, so remove it from the environment")
    if os.environ[STANDBY] == IMPORTS:
        # The program has begun: a launcher did not pass on what was to come before it.
        what = "what the host put before the program, `-m sidecar_bridge._serve.ahead`, was not run"
        spare.refuse(f"{what}; set `standby` to `app` or `off`")
    config = Config(app, options)
    config.load()
    # Imports the event loop of uvicorn's choice. Older uvicorns do so when they serve.
    if hasattr(config, "get_loop_factory"):
        config.get_loop_factory()
    # What the server and the routes import only when they are asked.
    spare.import_ahead()
    spare.wait()
    return config


def _is_imported_by_a_worker() -> bool:
    """Tell whether `multiprocessing` imports the program's file just now, to begin a worker that is not forked."""
    imported = sys.modules.get("__mp_main__")
    # In other processes `__mp_main__` is missing or another name of the main module, also in a worker that has begun.
    return imported not in {None, sys.modules["__main__"]} and imported.__name__ == "__mp_main__"


def _introduced(identifier: str | None, sidecar: str) -> Introduced:
    path = address()
    if path is not None:
        # No `join` when this fails: a child that calls `serve` as well would take the place of its own parent.
        return take_lease(path)
    if identifier is None:
        msg = f"{NO_HOST}; to join an app that runs under `tauri dev`, set SIDECAR_BRIDGE_APP to its identifier"
        raise BridgeError(msg)
    return join(identifier, sidecar)


def _report_import(host: Host) -> None:
    try:
        host.report_startup("importing")
    except BridgeError as error:
        # The lease notices a host that is gone.
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
