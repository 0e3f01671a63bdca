"""Closes what nobody holds any more, for blocking code; `async_collected` is the same for asyncio."""

from __future__ import annotations

import os
from functools import partial
from queue import SimpleQueue
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any
from weakref import finalize

from sidecar_bridge._client import wire
from sidecar_bridge._client.errors import BridgeError, NotFoundError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sidecar_bridge._client.link import Link

_CLOSED_WITHIN_S = 10.0


class _Closer:
    """The thread of this process that closes: whoever collects may hold locks, and must not wait."""

    def __init__(self) -> None:
        self._collected: SimpleQueue[Callable[[], object]] = SimpleQueue()
        self._process = 0
        self._lock = Lock()

    def start(self) -> None:
        """Start it, unless it runs."""
        with self._lock:
            if self._process != os.getpid():
                # What a parent has collected is the parent's to close.
                self._process, self._collected = os.getpid(), SimpleQueue()
                Thread(target=self._run, args=[self._collected], name="closes-collected", daemon=True).start()

    def close(self, close: Callable[[], object], process: int) -> None:
        """Close it soon, if this process has made it; never waits."""
        if process == os.getpid():
            self._collected.put(close)

    def _run(self, collected: SimpleQueue[Callable[[], object]]) -> None:
        while True:
            close = collected.get()
            try:
                close()
            except (NotFoundError, UnavailableError):
                # The app has closed it, or ends, and closes all itself.
                pass
            except BridgeError as error:
                import logging  # noqa: PLC0415 - nearly never needed

                logging.getLogger("sidecar_bridge").warning("what nobody holds any more was not closed: %s", error)
            # Not until the next one comes.
            del close


_closer = _Closer()


def may_end(_what: object, _link: Link, process: int) -> bool:
    """Tell whether this process made it: what a forked child ends of its parent's is left as it is."""
    return process == os.getpid()


def when_collected(resource: object, link: Link, number: str) -> finalize[Any, Any]:
    """Undo what has that number once the resource is collected, in whatever thread."""
    return then(resource, partial(_undo, link, number))


def _undo(link: Link, number: str) -> None:
    try:
        link.check()
    except BridgeError:
        # What a host leaves behind that is closed, the end of the generation undoes.
        return
    link.ask(wire.undo(number), _CLOSED_WITHIN_S)


def then(owner: object, close: Callable[[], object]) -> finalize[Any, Any]:
    """Call a function, in the thread that closes, once its owner is collected, in whatever thread."""
    _closer.start()
    finalizer = finalize(owner, _closer.close, close, os.getpid())
    # The end of the process ends all.
    finalizer.atexit = False
    return finalizer
