"""Closes what nobody holds any more, for asyncio; `collected` is the same for blocking code, written by hand too."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from weakref import finalize

from sidecar_bridge._client import wire
from sidecar_bridge._client.errors import BridgeError, NotFoundError, UnavailableError

if TYPE_CHECKING:
    from sidecar_bridge._client.async_link import AsyncLink

_CLOSED_WITHIN_S = 10.0

_closing: set[asyncio.Task[None]] = set()
"""The loop itself has weak references to its tasks."""


def may_end(what: object, link: AsyncLink, process: int) -> bool:
    """Tell whether this process made it: what a forked child ends of its parent's is left as it is.

    Raises:
        BridgeError: It belongs to another event loop, where it ends.
    """
    if process != os.getpid():
        return False
    link.check_loop(what)
    return True


def when_collected(resource: object, link: AsyncLink, number: str) -> finalize[Any, Any]:
    """Undo what has that number once the resource is collected, in whatever thread; in the loop that runs now."""
    finalizer = finalize(resource, _close_soon, asyncio.get_running_loop(), link, number, os.getpid())
    # The end of the process undoes all.
    finalizer.atexit = False
    return finalizer


def _close_soon(loop: asyncio.AbstractEventLoop, link: AsyncLink, number: str, process: int) -> None:
    # What a forked child collects belongs to its parent. A loop that is closed closes nothing more.
    if process == os.getpid():
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(_begin, loop, link, number)


def _begin(loop: asyncio.AbstractEventLoop, link: AsyncLink, number: str) -> None:
    task = loop.create_task(_close(link, number))
    _closing.add(task)
    task.add_done_callback(_closing.discard)


async def _close(link: AsyncLink, number: str) -> None:
    try:
        link.check()
    except BridgeError:
        # What a host leaves behind that is closed, the end of the generation undoes.
        return
    try:
        await link.ask(wire.undo(number), _CLOSED_WITHIN_S)
    except (NotFoundError, UnavailableError):
        # The app has closed it, or ends, and closes all itself.
        return
    except BridgeError as error:
        import logging  # noqa: PLC0415 - nearly never needed

        logging.getLogger("sidecar_bridge").warning("what nobody holds any more was not closed: %s", error)
