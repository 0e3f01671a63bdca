"""Real hosts for the tests: `test-host`, the plugin on Tauri's mock runtime."""

from __future__ import annotations

import asyncio
import json
import os
import select
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from types import TracebackType
from typing import Any, Self

import pytest

from sidecar_bridge._serve.hello import Hello

LIMIT_S = 20.0
"""How long anything may take that should take no time; only a fault waits for it."""

MAX_BODY_BYTES = 8 * 1024 * 1024

# Takes the lease, writes its hello into the FIFO that it is given, ends at the host's `stop` or with the host.
HAND_OVER = """
import os, socket, sys
host = socket.socket(socket.AF_UNIX)
host.connect(os.environ["SIDECAR_BRIDGE"].removeprefix("unix:"))
host.sendall(b'{"protocol":2,"role":"serve"}\\n')
words = host.makefile("rb")
with open(sys.argv[1], "wb") as fifo:
    fifo.write(words.readline())
while words.readline() not in (b"", b"stop\\n"):
    pass
"""


def handing_over(fifo: Path) -> list[str]:
    """Give the command of a sidecar that hands its hello over, so that the test is the sidecar."""
    return [sys.executable, "-S", "-c", HAND_OVER, str(fifo)]


class LoopWithoutReaders(asyncio.SelectorEventLoop):
    """As the Proactor of Windows: transports and no `add_reader`."""

    def add_reader(self, fd: Any, callback: Any, *args: Any) -> None:  # type: ignore[override]
        raise NotImplementedError


class HostProcess:
    """A running `test-host`, and what it says about its sidecars."""

    def __init__(
        self, binary: str, config: dict[str, object], env: dict[str, str], descriptors: int | None = None
    ) -> None:
        """Start it, with at most so many open files."""
        limited = [] if descriptors is None else ["sh", "-c", f'ulimit -n {descriptors}; exec "$@"', "sh"]
        self.process = subprocess.Popen(
            [*limited, binary, json.dumps(config)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **env},
        )
        self._statuses: Queue[dict[str, Any] | None] = Queue()
        self._reader = Thread(target=self._read)
        self._reader.start()

    def wait_for(self, phase: str) -> dict[str, Any]:
        """Give the first status with that phase that was not seen yet."""
        seen: list[dict[str, Any]] = []
        while True:
            try:
                status = self._statuses.get(timeout=LIMIT_S)
            except Empty:
                pytest.fail(f"the host did not report {phase!r} within {LIMIT_S} s; it reported {seen}")
            if status is None:
                pytest.fail(f"the host ended before it reported {phase!r}; it reported {seen}")
            seen.append(status)
            state: dict[str, Any] = status["state"]
            if state["phase"] == phase:
                return state

    def stop(self) -> None:
        """Let the app end as it does when its window is closed."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        assert self.process.wait(LIMIT_S) == 0
        self._join()

    def kill(self) -> None:
        """End the host without a chance to tell anyone."""
        self.process.kill()
        self.process.wait(LIMIT_S)
        self._join()

    def _join(self) -> None:
        # A sidecar may have inherited stdout, so the reader ends with the last one that holds it.
        self._reader.join(LIMIT_S)
        assert not self._reader.is_alive()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            pipe.close()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._statuses.put(json.loads(line))
        self._statuses.put(None)


def without_host(**env: str) -> dict[str, str]:
    """Give the environment of a process that no host started, and more variables."""
    found = {"SIDECAR_BRIDGE", "SIDECAR_BRIDGE_APP"}
    return {name: value for name, value in os.environ.items() if name not in found} | env


class Dialled:
    """A host's socket, at which the test answers: each with the line and, if need be, with a socket to serve on."""

    def __init__(self, directory: Path, *, host_path: str | None = None, token: str = "hunter2") -> None:
        self.path = directory / "dial.sock"
        self.address = f"unix:{self.path}"
        self.sidecar_path = directory / "sidecar.sock"
        self.host_path = host_path or str(directory / "host.sock")
        self.token = token
        self.roles: list[str] = []
        """Who asked, in their order."""
        self._socket = _listening(self.path)
        self._sidecar = _listening(self.sidecar_path)

    def accept(self) -> socket.socket:
        """Take the next connection and its question."""
        connection, _ = self._socket.accept()
        connection.settimeout(LIMIT_S)
        question = b""
        while not question.endswith(b"\n"):
            byte = connection.recv(1)
            assert byte, f"the question ended: {question!r}"
            question += byte
        asked = json.loads(question)
        assert asked == {"protocol": 2, "role": asked["role"]}
        self.roles.append(asked["role"])
        return connection

    def hello(self, **members: object) -> bytes:
        """Give the hello that goes with the last question; what is `None` it lacks."""
        hello: dict[str, object] = {
            "protocol": 2,
            "sidecar": "python",
            "generation": 1,
            "identifier": "com.example.test",
            "host": {"unix": self.host_path},
            "directories": {"appData": "/home/ada/.local/share/com.example.test"},
            "listen": None if self.roles[-1:] == ["calls"] else "passed",
            "token": self.token,
            **members,
        }
        return json.dumps({name: value for name, value in hello.items() if value is not None}).encode() + b"\n"

    def give_lease(self, **members: object) -> socket.socket:
        """Take the next connection, and say hello with the socket to serve on."""
        connection = self.accept()
        socket.send_fds(connection, [self.hello(**members)], [self._sidecar.fileno()])
        return connection

    def refuse(self, code: str, detail: str) -> None:
        """Take the next connection, and refuse it."""
        problem = {
            "type": "about:blank",
            "title": code.replace("_", " "),
            "status": 403,
            "detail": detail,
            "instance": "urn:uuid:6c1f",
            "code": code,
            "retryable": False,
        }
        with self.accept() as connection:
            connection.sendall(json.dumps(problem).encode() + b"\n")

    def close(self) -> None:
        with suppress(OSError):
            # Wakes a thread that accepts.
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._sidecar.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def _listening(path: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()
    listener.settimeout(LIMIT_S)
    return listener


Run = Callable[[Callable[[Any], Any]], Any]
"""Runs something with a twin, and gives what that gives."""

Call = Callable[..., Any]
"""Calls with a `Host` or an `AsyncHost` and gives what that gives."""


@dataclass
class Endpoint:
    """A host endpoint, as the sidecar that the tests play knows it."""

    host: HostProcess
    hello: Hello


class Fifo:
    """A named pipe, through which other processes tell the test something."""

    def __init__(self, path: Path) -> None:
        self.path = path
        os.mkfifo(path)
        # Open for writing too, it does not end when a writer leaves.
        self._descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK)
        self._unread = b""

    def read_line(self) -> bytes:
        poll = select.poll()
        poll.register(self._descriptor, select.POLLIN)
        while b"\n" not in self._unread:
            if not poll.poll(LIMIT_S * 1000):
                pytest.fail(f"no line came through {self.path} within {LIMIT_S} s")
            self._unread += os.read(self._descriptor, 65536)
        line, self._unread = self._unread.split(b"\n", 1)
        return line

    def close(self) -> None:
        os.close(self._descriptor)


def wait_until_gone(pid: int) -> None:
    """Wait until a process that is no child of ours has ended."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        ended, _, _ = select.select([descriptor], [], [], LIMIT_S)
    finally:
        os.close(descriptor)
    assert ended, f"process {pid} still runs after {LIMIT_S} s"
