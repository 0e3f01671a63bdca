"""What the process prints and logs, which the host reads."""

from __future__ import annotations

import io
import logging
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def print_by_lines() -> None:
    """Let each line that is printed reach the host at once: a pipe gets blocks of 8 KiB otherwise, and perhaps none.

    On Windows a pipe gets the code page of the system otherwise, in which `print("✓")` is an error.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # ValueError: somebody has closed it.
            with suppress(ValueError, OSError):
                if sys.platform == "win32":
                    stream.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)
                else:
                    stream.reconfigure(line_buffering=True)


def flush() -> None:
    """Let all that was printed and logged until now reach the host."""
    for handler in _handlers():
        with suppress(ValueError, OSError):
            handler.flush()
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            with suppress(ValueError, OSError):
                stream.flush()


@contextmanager
def handlers_stay_open() -> Iterator[None]:
    """Let nothing that configures logging in here close the handlers that there are.

    `logging.config` closes all handlers of the process, also those that it leaves in place: the app's.
    """
    there: list[object] = getattr(logging, "_handlerList", [])
    named: dict[str, object] = dict(getattr(logging, "_handlers", {}))
    kept = there[:]
    del there[:]
    try:
        yield
    finally:
        there[:0] = kept
        for name, handler in named.items():
            getattr(logging, "_handlers", {}).setdefault(name, handler)


def _handlers() -> list[logging.Handler]:
    references = getattr(logging, "_handlerList", [])
    return [handler for reference in references if (handler := reference()) is not None]
