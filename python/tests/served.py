"""A script that serves, with the test as its host: a lease, a fake host behind it, and requests on its socket."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from hosts import LIMIT_S, Dialled, Fifo, without_host

from sidecar_bridge.testing import FakeHost

NO_UVLOOP = pytest.param({}, id="asyncio")
UVLOOP = pytest.param({"PYTHONPATH": os.environ.get("SIDECAR_BRIDGE_UVLOOP", "")}, id="uvloop")
"""The variables of a script whose event loop is uvicorn's choice, without and with uvloop."""

FIFO = """
import os
def say(line):
    with open(os.environ["SAID"], "w") as fifo:
        fifo.write(f"{line}\\n")
"""
"""What a script begins with: `say` tells the test one line."""


def ask(connection: http.client.HTTPConnection, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
    """Ask on that connection, and give the status and the body."""
    connection.request(method, path, body)
    answer = connection.getresponse()
    return answer.status, answer.read()


class Served:
    """A process that serves; what it prints goes into a file."""

    def __init__(self, directory: Path, script: str, env: Mapping[str, str] | None = None, **members: object) -> None:
        """Start the script as the host does; `members` are more of the hello, those that are `None` it lacks."""
        if env == {"PYTHONPATH": ""}:
            pytest.fail("SIDECAR_BRIDGE_UVLOOP names no folder; run `scripts/test`, which installs uvloop there")
        self.fake = FakeHost()
        self._fifo = Fifo(directory / "said")
        self._log = directory / "log"
        file = directory / "main.py"
        file.write_text(FIFO + script)
        # As on a machine of a user, who has set none of them.
        own = {name: value for name, value in without_host().items() if not name.startswith("PYTHON")}
        with Dialled(directory, host_path=self.fake.path, token=self.fake.token) as host, self._log.open("wb") as log:
            self.path = str(host.sidecar_path)
            self.process = subprocess.Popen(
                [sys.executable, str(file)],
                cwd=directory,
                env={**own, **(env or {}), "SIDECAR_BRIDGE": host.address, "SAID": str(self._fifo.path)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            self.lease = host.give_lease(**{"processGroup": self.process.pid, **members})

    def heard(self) -> str:
        """Give the next line that the script says."""
        return self._fifo.read_line().decode()

    def socket(self) -> socket.socket:
        """Connect as the host's pool does."""
        client = socket.socket(socket.AF_UNIX)
        client.settimeout(LIMIT_S)
        client.connect(self.path)
        return client

    @contextmanager
    def connection(self) -> Iterator[http.client.HTTPConnection]:
        """Give a connection that requests use one after the other, and that never connects anew by itself."""
        connection = http.client.HTTPConnection("localhost", timeout=LIMIT_S)
        connection.auto_open = 0
        connection.sock = self.socket()
        try:
            yield connection
        finally:
            connection.close()

    def get(self, path: str) -> tuple[int, bytes]:
        """Ask once, on a connection of its own."""
        with self.connection() as connection:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()

    def say(self, word: str) -> None:
        """Say a word on the lease."""
        self.lease.sendall(word.encode() + b"\n")

    def ended(self) -> int:
        """Wait for its end, and give the exit code."""
        return self.process.wait(LIMIT_S)

    def printed(self) -> str:
        """Give what it has printed until now."""
        return self._log.read_bytes().decode(errors="replace")

    def close(self) -> None:
        """End it, with its children."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(LIMIT_S)
        self.lease.close()
        self._fifo.close()
        self.fake.close()


class Serving:
    """Starts scripts; the fixture `serving` ends them."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._started: list[Served] = []

    def __call__(self, script: str, env: Mapping[str, str] | None = None, **members: object) -> Served:
        directory = self._directory / f"served-{len(self._started)}"
        directory.mkdir()
        self._started.append(Served(directory, script, env, **members))
        return self._started[-1]

    def close(self) -> None:
        for served in self._started:
            served.close()


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Serving]:
    serving = Serving(tmp_path)
    yield serving
    serving.close()
