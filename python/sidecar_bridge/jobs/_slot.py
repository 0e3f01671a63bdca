"""A process of the sidecar's own, for one job at a time."""

from __future__ import annotations

import os
import sys
import threading
from collections import deque
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import suppress
from multiprocessing import get_context
from time import monotonic
from typing import TYPE_CHECKING, Any

from sidecar_bridge.jobs import _worker

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

    from sidecar_bridge.jobs._listener import Listener
    from sidecar_bridge.jobs._worker import Order, Outcome

LAST_WORDS_BYTES = 8192
"""How much of what a worker writes to its standard error is kept."""

EXIT_S = 3.0
"""How long processes that have nothing to do may take to exit; one with a thread that a job has left never would."""


class Slot:
    """One worker process, a pool of its own: it may be killed, or die, without harm to another job."""

    def __init__(self, listener: Listener) -> None:
        """Begin with no process; the first attempt starts it."""
        context = get_context("spawn")
        reader, writer = context.Pipe(duplex=False)
        with_errors = sys.platform != "win32"
        self._writer: Connection[Any, Any] | None = writer
        self.words: deque[bytes] = deque()
        self.pool = ProcessPoolExecutor(
            1, context, _worker.begin_process, (*listener.dialled_at, writer if with_errors else None)
        )
        if with_errors:
            threading.Thread(target=self._listen, args=(reader,), name="sidecar-bridge-job-stderr", daemon=True).start()
        else:
            reader.close()

    def submit(self, order: Order) -> Future[Outcome]:
        """Run an attempt in the process."""
        self.words.clear()
        future = self.pool.submit(_worker.run, order)
        if self._writer is not None:
            # The worker has its own by now. With this one open, the reader would never see the end.
            self._writer.close()
            self._writer = None
        return future

    def kill(self) -> None:
        """End the process, whether it has begun the attempt or still imports the app's main module."""
        for process in list((self.pool._processes or {}).values()):
            process.kill()

    def abandon(self) -> None:
        """End a process that has died, or is to: it may live where the job has closed its way to the sidecar."""
        self.kill()
        if not self.pool._broken:
            # A child that the job has forked keeps open what tells the pool of the end. The pool would wait for it,
            # and with it the end of the sidecar, unless nothing is left that it waits for.
            self.pool._pending_work_items.clear()
        self.shut()

    def shut(self) -> Callable[[float], None]:
        """Let the idle process exit; give what waits for that until a time, and then kills it."""
        thread: Any = self.pool._executor_manager_thread
        processes = list((self.pool._processes or {}).values())
        self.pool.shutdown(wait=False)
        if self._writer is not None:
            self._writer.close()

        def wait(until: float) -> None:
            if thread is not None:
                thread.join(max(0.0, until - monotonic()))
                if thread.is_alive():
                    for process in processes:
                        process.kill()
                    thread.join(EXIT_S)

        return wait

    def _listen(self, reader: Connection[Any, Any]) -> None:
        with reader:
            while chunk := os.read(reader.fileno(), 4096):
                self.words.append(chunk)
                while len(self.words) > 1 and sum(map(len, self.words)) > LAST_WORDS_BYTES:
                    self.words.popleft()
                # Where the sidecar's own goes: the host reads it.
                with suppress(OSError):
                    os.write(2, chunk)
