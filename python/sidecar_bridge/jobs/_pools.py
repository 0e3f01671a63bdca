"""The executors that jobs run on. What each can do differs, and `docs/jobs.md` says how."""

from __future__ import annotations

import json
import os
import secrets
import threading
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from contextlib import suppress
from importlib import import_module
from time import monotonic
from typing import TYPE_CHECKING, Any, Protocol

from sidecar_bridge.jobs import _worker
from sidecar_bridge.jobs._errors import NotImportableError
from sidecar_bridge.jobs._memory import CAN_LIMIT
from sidecar_bridge.jobs._slot import EXIT_S, LAST_WORDS_BYTES, Slot
from sidecar_bridge.jobs._ways import Direct

if TYPE_CHECKING:
    from collections.abc import Callable

    from sidecar_bridge.jobs._listener import Listener
    from sidecar_bridge.jobs._shape import Shape
    from sidecar_bridge.jobs._ways import Address, Message
    from sidecar_bridge.jobs._worker import Order, Outcome

COUNT_S = 1.0
"""How often the threads of a cluster are counted."""


class Pool(Protocol):
    """An executor, and what is known of its kind."""

    @property
    def capacity(self) -> int:
        """How many jobs it takes at a time."""

    breaks_as_one: bool
    """Whether it takes no more once one worker has died."""
    limits_memory: bool
    """Whether an attempt may have so much memory and no more."""

    def address(self, token: str) -> Address:
        """Give the way that an attempt takes to the sidecar."""

    def submit(self, order: Order, shape: Shape) -> Future[Outcome]:
        """Begin an attempt. Whatever it raises, nothing was begun."""

    def cancel(self, token: str) -> None:
        """Tell an attempt to stop."""

    def kill(self, token: str) -> bool:
        """End the process of an attempt that does not listen; `False` where it cannot be done."""

    def last_words(self, token: str) -> str | None:
        """Give the end of what the attempt's worker wrote to its standard error, where that is known."""

    def let_go(self, token: str, *, has_died: bool) -> None:
        """Forget an attempt that has ended, and its worker if that has died."""

    def close(self) -> None:
        """End the workers that are its own, once nothing runs on them."""


class Processes:
    """Processes of the sidecar's own, which start as they are needed: the default."""

    breaks_as_one = False
    limits_memory = CAN_LIMIT

    def __init__(self, listener: Listener, capacity: int) -> None:
        """Take as many processes as `capacity` at most."""
        self.capacity = capacity
        self._listener = listener
        self._idle: list[Slot] = []
        self._busy: dict[str, Slot] = {}
        self._lock = threading.Lock()

    def address(self, token: str) -> Address:
        """Give the socket."""
        return "socket", self._listener.dialled_at

    def submit(self, order: Order, shape: Shape) -> Future[Outcome]:
        """Run an attempt on an idle process, or on a new one."""
        with self._lock:
            while self._idle:
                slot = self._idle.pop()
                try:
                    future = slot.submit(order)
                except (BrokenExecutor, RuntimeError):
                    # It died while it was idle.
                    slot.abandon()
                else:
                    break
            else:
                slot = Slot(self._listener)
                future = slot.submit(order)
            self._busy[order.token] = slot
        return future

    def cancel(self, token: str) -> None:
        """Tell it over the socket."""
        self._listener.cancel(token)

    def kill(self, token: str) -> bool:
        """End the process; no other job is in it."""
        slot = self._busy.get(token)
        if slot is None:
            return False
        slot.kill()
        return True

    def last_words(self, token: str) -> str | None:
        """Give what came through the pipe."""
        slot = self._busy.get(token)
        if slot is None or not slot.words:
            return None
        return b"".join(slot.words)[-LAST_WORDS_BYTES:].decode(errors="replace")

    def let_go(self, token: str, *, has_died: bool) -> None:
        """Take the process back, unless it has died."""
        self._listener.let_go(token)
        with self._lock:
            slot = self._busy.pop(token, None)
            if slot is not None and not has_died:
                self._idle.append(slot)
                return
        if slot is not None:
            slot.abandon()

    def close(self) -> None:
        """End the processes."""
        waits = [slot.shut() for slot in [*self._idle, *self._busy.values()]]
        until = monotonic() + EXIT_S
        for wait in waits:
            wait(until)


class Given:
    """An executor of the app's: threads, a process pool, loky, mpi4py."""

    breaks_as_one = True
    limits_memory = False

    def __init__(
        self, listener: Listener, executor: Executor, deliver: Callable[[str, Message], None], capacity: int | None
    ) -> None:
        """Use the executor; `capacity` unless it says itself how many workers it has."""
        self._executor, self._listener, self._deliver = executor, listener, deliver
        self._is_threads = isinstance(executor, ThreadPoolExecutor)
        self.capacity = capacity or getattr(executor, "_max_workers", None) or os.cpu_count() or 1
        self._cancels: dict[str, threading.Event] = {}
        self._is_abandoned = False

    def address(self, token: str) -> Address:
        """Give the socket, or for threads a call."""
        if not self._is_threads:
            return "socket", self._listener.dialled_at
        event = self._cancels[token] = threading.Event()
        return "direct", Direct(lambda message: self._deliver(token, message), event)

    def submit(self, order: Order, shape: Shape) -> Future[Outcome]:
        """Submit it; keywords would be the executor's on some."""
        if self._is_threads:
            return self._executor.submit(_worker.run, order, shape)
        return self._executor.submit(_worker.run, order)

    def cancel(self, token: str) -> None:
        """Tell it."""
        if event := self._cancels.get(token):
            event.set()
        elif not self._is_threads:
            self._listener.cancel(token)

    def kill(self, token: str) -> bool:
        """Nothing ends a thread, and the end of one worker breaks a pool with all that runs in it."""
        return False

    def last_words(self, token: str) -> str | None:
        """Workers of a pool that the app has made write where the app has led them."""
        return None

    def let_go(self, token: str, *, has_died: bool) -> None:
        """Forget it."""
        self._is_abandoned = self._is_abandoned or has_died
        self._listener.let_go(token)
        self._cancels.pop(token, None)

    def close(self) -> None:
        """End it. Nothing is queued in there, but a job that does not listen may still run."""
        self._executor.shutdown(wait=not self._is_abandoned)


class Dask:
    """A Dask cluster. Progress goes through the scheduler's events."""

    breaks_as_one = False
    limits_memory = False

    def __init__(
        self,
        client: Any,
        deliver: Callable[[str, Message], None],
        lost: Callable[[str], None],
        capacity: int | None,
    ) -> None:
        """Use a `distributed.Client`; `capacity` unless as many jobs are to run as there are threads."""
        self._distributed: Any = import_module("distributed")
        self._client = client
        self._deliver, self._lost = deliver, lost
        self._places: dict[str, str] = {}
        self._cancelled: set[str] = set()
        self._topic = f"sidecar-bridge-jobs-{secrets.token_hex(8)}"
        # `pure=False`: two calls with equal arguments are two runs.
        self._executor = client.get_executor(pure=False)
        # Whatever waits for the scheduler's answer, which may never come.
        self._errands = ThreadPoolExecutor(1, "sidecar-bridge-dask")
        self._is_closed = threading.Event()
        client.subscribe_topic(self._topic, self._hear)
        client.subscribe_topic("all", self._hear_of_workers)
        self._capacity, self._threads = capacity, 1
        if not capacity:
            self._threads = self._counted()
            threading.Thread(target=self._count, name="sidecar-bridge-dask-threads", daemon=True).start()

    @property
    def capacity(self) -> int:
        """As many as there are threads: a job that Dask has, and has not begun, is no longer cancelled at once."""
        return self._capacity or self._threads

    def address(self, token: str) -> Address:
        """Give the topic."""
        return "dask", self._topic

    def submit(self, order: Order, shape: Shape) -> Future[Outcome]:
        """Submit it. A function that no worker can import goes along by its value."""
        if shape.module == "__main__" or "<locals>" in shape.qualname:
            order = order._replace(by_value=_by_value(shape, order.arguments))
        future: Future[Outcome] = self._executor.submit(_worker.run, order)
        return future

    def cancel(self, token: str) -> None:
        """Set the event that the job looks at."""
        self._cancelled.add(token)
        self._errands.submit(lambda: self._event(token, "cancel").set())

    def kill(self, token: str) -> bool:
        """Dask ends no running task; its slot stays taken."""
        return False

    def last_words(self, token: str) -> str | None:
        """They are in the worker's own log."""
        return None

    def let_go(self, token: str, *, has_died: bool) -> None:
        """Clear its events, which the scheduler keeps otherwise."""
        self._places.pop(token, None)
        was_cancelled = token in self._cancelled
        self._cancelled.discard(token)
        if has_died:
            # Dask may run the task again, which has to find that it was begun.
            return
        # Each is a message that the scheduler has to answer.
        for what in ("begun", "cancel") if was_cancelled else ("begun",):
            self._errands.submit(lambda what=what: self._event(token, what).clear())  # type: ignore[misc]

    def close(self) -> None:
        """Leave the cluster, which is somebody else's."""
        self._is_closed.set()
        self._errands.shutdown(wait=False, cancel_futures=True)
        with suppress(Exception):
            self._client.unsubscribe_topic(self._topic)
            self._client.unsubscribe_topic("all")
        self._client.close()

    def _event(self, token: str, what: str) -> Any:
        return self._distributed.Event(f"{self._topic}-{token}-{what}", client=self._client)

    def _hear(self, event: tuple[float, Any]) -> None:
        message = event[1]
        decoded: Message = json.loads(message["msg"] if isinstance(message, dict) else message)
        token = decoded.pop("token")
        if decoded["kind"] == "started":
            self._places[token] = decoded["worker"]
        self._deliver(token, decoded)

    def _hear_of_workers(self, event: tuple[float, Any]) -> None:
        """Hear that a worker has died. Dask itself says nothing, and runs what was there once more when it can."""
        message = event[1]
        if isinstance(message, dict) and message.get("action") == "remove-worker":
            for token in [token for token, place in list(self._places.items()) if place == message["worker"]]:
                self._lost(token)

    def _counted(self) -> int:
        workers = self._client.scheduler_info(n_workers=-1)["workers"]
        # While there is none, one job waits there for the first.
        return max(1, sum(int(worker["nthreads"]) for worker in workers.values()))

    def _count(self) -> None:
        """Look how many threads there are, for workers come and go."""
        while not self._is_closed.wait(COUNT_S):
            with suppress(Exception):
                self._threads = self._counted()


def _by_value(shape: Shape, arguments: bytes) -> bytes:
    # Dask brings it.
    cloudpickle: Any = import_module("cloudpickle")
    try:
        made: bytes = cloudpickle.dumps((shape.function, shape.values(arguments)))
    except Exception as error:
        msg = f"job `{shape.name}` cannot go to a worker by its value: {error}; define it in a module that workers find"
        raise NotImportableError(msg) from error
    return made


def pool_of(
    executor: object,
    listener: Listener,
    deliver: Callable[[str, Message], None],
    lost: Callable[[str], None],
    capacity: int | None,
) -> Pool:
    """Give what knows the kind of an executor: a `concurrent.futures.Executor`, or a Dask client or executor."""
    if executor is None:
        return Processes(listener, capacity or os.cpu_count() or 1)
    if type(executor).__module__.startswith("distributed."):
        return Dask(getattr(executor, "_client", executor), deliver, lost, capacity)
    if isinstance(executor, Executor):
        return Given(listener, executor, deliver, capacity)
    msg = f"{type(executor).__name__} is no executor; give a `concurrent.futures.Executor` or a Dask client"
    raise TypeError(msg)
