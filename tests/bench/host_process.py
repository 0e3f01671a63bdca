"""A host to call: the release build of `test-host`, the plugin on Tauri's mock runtime with a real ACL.

This process plays its sidecar: another one takes the lease and hands its hello over.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import IO, NamedTuple

MAX_BODY_BYTES = 64 * 1024 * 1024

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


class Endpoint(NamedTuple):
    """Where the host takes calls, and what they need."""

    path: str
    token: str
    pid: int
    words: IO[bytes]
    """The host's standard input, see `tests/host/src/main.rs`."""

    def tell(self, word: object) -> None:
        """Let the host do what a word says."""
        self.words.write(json.dumps(word).encode() + b"\n")
        self.words.flush()

    def post(self, command: str, body: bytes, *more: str, media_type: str = "application/json") -> bytes:
        """Every byte of a call of a command, as somebody would write it by hand."""
        lines = [
            f"POST /v1/invoke/{command} HTTP/1.1",
            "Host: localhost",
            f"Authorization: Bearer {self.token}",
            f"Content-Type: {media_type}",
            f"Content-Length: {len(body)}",
            *more,
        ]
        return "\r\n".join([*lines, "", ""]).encode() + body

    def connect(self) -> socket.socket:
        """A connection of its own."""
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.connect(self.path)
        return connection


def program(variable: str) -> str:
    """The program that an environment variable names."""
    path = os.environ.get(variable, "")
    if not os.access(path, os.X_OK):
        msg = f"{variable}={path!r} is no program; run scripts/bench, which builds it"
        raise SystemExit(msg)
    return path


@contextmanager
def endpoint() -> Iterator[Endpoint]:
    """A running host whose sidecar is ready, for a block."""
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        fifo = Path(directory) / "hello"
        os.mkfifo(fifo)
        spawn = {"command": [sys.executable, "-S", "-c", HAND_OVER, str(fifo)], "cwd": directory}
        config = {"sidecars": {"python": {"spawn": spawn}}, "maxBodyBytes": MAX_BODY_BYTES}
        process = subprocess.Popen(
            [program("SIDECAR_BRIDGE_TEST_HOST"), json.dumps(config)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            env={**os.environ, "XDG_RUNTIME_DIR": directory},
        )
        assert process.stdin is not None
        try:
            hello = json.loads(fifo.read_text())
            found = Endpoint(hello["host"]["unix"], hello["token"], process.pid, process.stdin)
            _announce(found)
            yield found
        finally:
            process.stdin.close()
            process.wait(20)


def _announce(found: Endpoint) -> None:
    connection = http.client.HTTPConnection("localhost")
    connection.sock = found.connect()
    announcement = {"pid": os.getpid(), "version": version("tauri-sidecar-bridge")}
    headers = {"Authorization": f"Bearer {found.token}"}
    connection.request("POST", "/v1/ready", json.dumps(announcement), headers)
    status = connection.getresponse().status
    if status != http.client.NO_CONTENT:
        msg = f"the host answers {status} to the announcement"
        raise RuntimeError(msg)
    connection.close()
