"""A host in a Python for Windows that opens a WebSocket to the sidecar, as a page does through the real one."""

# ruff: noqa: E402 - mypy skips what follows the assertion, on other systems than Windows
from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from typing import Any

assert sys.platform == "win32"

from sidecar_bridge._testing.pipes import PipeEnd, PipeListener
from sidecar_bridge.testing import FakeHost
from websockets.client import ClientProtocol
from websockets.frames import Opcode
from websockets.uri import parse_uri

LIMIT_S = 60.0
LARGE = 1024 * 1024


def name(what: str) -> str:
    return rf"\\.\pipe\sidecar-bridge-test-{secrets.token_hex(16)}-{what}"


class WebSocket:
    """One connection, on which the sidecar has said its token."""

    def __init__(self, pipe: PipeEnd) -> None:
        self._pipe = pipe
        self._protocol = ClientProtocol(parse_uri("ws://localhost/"))
        self._protocol.send_request(self._protocol.connect())
        self._exchange_until(1)

    def ask(self, text: str) -> str:
        self._protocol.send_text(text.encode())
        frames = self._exchange_until(1)
        while not frames[-1].fin:
            frames += self._exchange_until(1)
        return b"".join(frame.data for frame in frames).decode()

    def close(self) -> None:
        self._protocol.send_close()
        (frame,) = self._exchange_until(1)
        assert frame.opcode is Opcode.CLOSE, frame

    def _exchange_until(self, count: int) -> list[Any]:
        events = []
        while True:
            for data in self._protocol.data_to_send():
                if data:
                    self._pipe.sendall(data)
            events += self._protocol.events_received()
            if len(events) >= count:
                return events
            buffer = bytearray(65536)
            size = self._pipe.readinto(memoryview(buffer))
            self._protocol.receive_data(bytes(buffer[:size]))


def main(sidecar: str) -> None:
    lease, dialled = PipeListener(name("lease"), LIMIT_S), PipeListener(name("sidecar"), LIMIT_S)
    with FakeHost() as fake:
        environment = {**os.environ, "SIDECAR_BRIDGE": f"pipe:{lease._name}", "SAID": os.devnull}
        process = subprocess.Popen([sys.executable, sidecar], env=environment, stdin=subprocess.DEVNULL)
        line, _ = lease.accept()
        words = line.makefile("rb")
        assert json.loads(words.readline()) == {"protocol": 2, "role": "serve"}
        hello = {
            "protocol": 2,
            "sidecar": "python",
            "generation": 1,
            "identifier": "com.example.test",
            "host": {"pipe": fake.path},
            "hostPid": os.getpid(),
            "listen": {"dial": {"pipe": dialled._name}},
            "token": fake.token,
        }
        line.sendall(json.dumps(hello).encode() + b"\n")
        assert words.readline() == b"alive\n"
        pipes = [dialled.accept()[0] for _ in range(4)]
        for pipe in pipes:
            first = bytearray(len(fake.token) + 1)
            assert pipe.readinto(memoryview(first)) == len(first)
            assert first == f"{fake.token}\n".encode()
        websocket = WebSocket(pipes[0])
        assert websocket.ask("over a pipe") == "OVER A PIPE"
        assert websocket.ask("x" * LARGE) == "X" * LARGE
        websocket.close()
        line.sendall(b"probe\nstop\n")
        assert words.readline() == b"alive\n"
        assert process.wait(LIMIT_S) == 0
    print("all of it")


main(sys.argv[1])
