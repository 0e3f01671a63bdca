"""The way from a worker to the sidecar, on which progress and logs go, and on which a job hears that it is to stop.

The messages are JSON, for what a worker says is never unpickled.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from contextlib import suppress
from importlib import import_module
from multiprocessing import current_process
from multiprocessing.connection import Client
from time import monotonic
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from sidecar_bridge.jobs._errors import NotOpenError

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

Message: TypeAlias = dict[str, Any]
Address: TypeAlias = tuple[str, Any]
"""The kind of way, and what leads to the sidecar there."""

POLL_S = 0.2
"""How often a job on Dask asks its scheduler whether it is to stop."""


class Way(Protocol):
    """The way of one attempt."""

    def send(self, message: Message) -> None:
        """Send a message; they come in their order."""

    def is_cancelled(self) -> bool:
        """Tell whether the job is to stop. Quick, for it is asked at each step."""

    def claim(self) -> bool:
        """Take the attempt; `False` when an executor runs it once more by itself."""

    def close(self) -> None:
        """Let it go."""


class Nowhere:
    """No way: the function was called directly, as in a test of it."""

    def send(self, message: Message) -> None:
        """Drop it."""

    def is_cancelled(self) -> bool:
        """Nobody can cancel it."""
        return False

    def claim(self) -> bool:
        """It is there once."""
        return True

    def close(self) -> None:
        """There is nothing to let go."""


class Direct(Nowhere):
    """The way of a thread of the sidecar."""

    def __init__(self, deliver: Callable[[Message], None], cancelled: threading.Event) -> None:
        """Deliver messages by a call."""
        self._deliver, self._cancelled = deliver, cancelled

    def send(self, message: Message) -> None:
        """Deliver it."""
        self._deliver(message)

    def is_cancelled(self) -> bool:
        """Look at the event."""
        return self._cancelled.is_set()


class Socket:
    """The way of a process on this machine: one connection for all of its jobs.

    The sidecar sees by its end that the process has died.
    """

    def __init__(self, address: str, key: bytes) -> None:
        """Dial the sidecar."""
        self._connection: Connection[Any, Any] = Client(address, authkey=key)
        self._sending = threading.Lock()
        self._cancelled: dict[str, threading.Event] = {}
        self.is_open = True
        threading.Thread(target=self._listen, name="sidecar-bridge-job-line", daemon=True).start()

    def begin(self, token: str) -> threading.Event:
        """Give what tells that an attempt is to stop."""
        return self._cancelled.setdefault(token, threading.Event())

    def end(self, token: str) -> None:
        """Forget an attempt."""
        self._cancelled.pop(token, None)

    def send(self, message: Message) -> None:
        """Send a message. A sidecar that is gone needs none."""
        with self._sending, suppress(OSError):
            self._connection.send_bytes(json.dumps(message).encode())

    def leave(self) -> None:
        """Close this process's end, of a fork: while it is open, the sidecar does not see that the worker has died."""
        self.is_open = False
        self._connection.close()

    def _listen(self) -> None:
        with suppress(EOFError, OSError):
            while True:
                token = self._connection.recv_bytes().decode()
                self.begin(token).set()
        # The sidecar is gone, so nobody waits for these.
        self.is_open = False
        for event in list(self._cancelled.values()):
            event.set()


_sockets: dict[str, Socket] = {}
_dialling = threading.Lock()


def refuse_worker() -> None:
    """Refuse to open jobs in a worker, in a fork of one, or in one that still imports the app's main module.

    They would be jobs of its own, whose workers do the same when they import the module, and so on.

    Raises:
        NotOpenError: This process is a worker.
    """
    if _sockets or getattr(current_process(), "_inheriting", False):
        msg = (
            "a worker has no jobs of its own; submit them in the sidecar, from a job in a queue of threads, or "
            'below `if __name__ == "__main__":`'
        )
        raise NotOpenError(msg)


def _leave_all() -> None:
    for found in _sockets.values():
        found.leave()


if sys.platform != "win32":
    os.register_at_fork(after_in_child=_leave_all)


def socket_to(address: str, key: bytes) -> Socket:
    """Give this process's connection to a sidecar."""
    with _dialling:
        found = _sockets.get(address)
        if found is None or not found.is_open:
            found = _sockets[address] = Socket(address, key)
        return found


class OfSocket:
    """The way of one attempt in a process on this machine."""

    def __init__(self, socket: Socket, token: str) -> None:
        """Use the process's connection."""
        self._socket, self._token, self._cancelled = socket, token, socket.begin(token)

    def send(self, message: Message) -> None:
        """Send it."""
        self._socket.send({**message, "token": self._token})

    def is_cancelled(self) -> bool:
        """Look at the event."""
        return self._cancelled.is_set()

    def claim(self) -> bool:
        """No executor of this machine runs an attempt twice."""
        return True

    def close(self) -> None:
        """Forget the attempt."""
        self._socket.end(self._token)


class OfDask:
    """The way of one attempt on a Dask worker: events of the scheduler, in both directions."""

    def __init__(self, topic: str, token: str) -> None:
        """Use the worker that this thread is of."""
        # There on a Dask worker, and nowhere else for sure.
        distributed: Any = import_module("distributed")
        self._worker, self._topic, self._token = distributed.get_worker(), topic, token
        self._begun = distributed.Event(f"{topic}-{token}-begun")
        self._cancel = distributed.Event(f"{topic}-{token}-cancel")
        self._asked = monotonic()
        self._is_cancelled = False

    def send(self, message: Message) -> None:
        """Log an event of the topic that the sidecar listens to."""
        if message["kind"] == "started":
            message = {**message, "worker": self._worker.address}
        self._worker.log_event(self._topic, json.dumps({**message, "token": self._token}))

    def is_cancelled(self) -> bool:
        """Ask the scheduler, now and then."""
        if not self._is_cancelled and monotonic() - self._asked >= POLL_S:
            self._is_cancelled = bool(self._cancel.is_set())
            self._asked = monotonic()
        return self._is_cancelled

    def claim(self) -> bool:
        """Dask runs a task again whose worker has died, without a word."""
        if self._begun.is_set():
            return False
        self._begun.set()
        return True

    def close(self) -> None:
        """The sidecar clears the events."""


def way_to(address: Address, token: str) -> Way:
    """Give an attempt's way to the sidecar.

    Raises:
        OSError: The sidecar cannot be reached from here, such as from another machine.
    """
    kind, where = address
    if kind == "direct":
        direct: Direct = where
        return direct
    if kind == "dask":
        return OfDask(where, token)
    return OfSocket(socket_to(*where), token)
