"""Workers of `multiprocessing` in a frozen program, such as one of PyInstaller, which is its own Python."""

from __future__ import annotations

import os
import sys

TRIES = "SIDECAR_BRIDGE_TRIES_WORKERS"
"""The variable with which `python -m sidecar_bridge bundle` lets a program try its workers: a folder for them."""

DOES_NOT_BEGIN = "a worker of `multiprocessing` does not begin"


def is_frozen() -> bool:
    """Tell whether this is a frozen program."""
    return bool(getattr(sys, "frozen", False))


def begin_worker() -> None:
    """Be the worker, if `multiprocessing` started this frozen program as one, and then exit.

    `multiprocessing` starts the program itself, with arguments of its own. Without this the worker would serve.
    """
    if not is_frozen():
        return
    import multiprocessing  # noqa: PLC0415 - most sidecars need none

    from sidecar_bridge._serve.collecting import release  # noqa: PLC0415 - as above

    # `bundle --optimize` holds the collector for the start of the sidecar; a worker is none.
    release()
    multiprocessing.freeze_support()
    if folder := os.environ.get(TRIES):
        _try_workers(folder)


def _try_workers(folder: str) -> None:
    """Start a worker in each way that starts this program, and exit with 1 when one does not begin."""
    import multiprocessing  # noqa: PLC0415 - see above
    import tempfile  # noqa: PLC0415 - see above

    # The folder in which the program was built may be too deep for a socket.
    tempfile.tempdir = folder
    for how in multiprocessing.get_all_start_methods():
        if how == "fork":
            continue
        worker = multiprocessing.get_context(how).Process(target=int)  # type: ignore[attr-defined] # each has one
        worker.start()
        worker.join()
        if worker.exitcode != 0:
            sys.stderr.write(f"{DOES_NOT_BEGIN} ({how}: exit code {worker.exitcode})\n")
            sys.exit(1)
