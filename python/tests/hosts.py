"""Real hosts for the tests: `test-host`, the plugin on Tauri's mock runtime."""

from __future__ import annotations

import json
import os
import select
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import Any

import pytest

from sidecar_bridge._serve.hello import Hello

LIMIT_S = 20.0
"""How long anything may take that should take no time; only a fault waits for it."""

MAX_BODY_BYTES = 8 * 1024 * 1024

# Writes its hello into the FIFO named by $0, ends at the host's `stop` or with the host.
HELLO_SHELL = 'IFS= read -r hello; printf "%s\\n" "$hello" > "$0"; read -r stop'


class HostProcess:
    """A running `test-host`, and what it says about its sidecars."""

    def __init__(self, binary: str, config: dict[str, object], env: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [binary, json.dumps(config)],
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
