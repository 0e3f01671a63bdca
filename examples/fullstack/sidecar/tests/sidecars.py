"""The sidecar's real process, with a lease as the host gives it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx2
from conftest import ACCOUNT
from sidecar_bridge.testing import FakeHost

ROOT = Path(__file__).parent.parent
LIMIT_S = 30.0


def listening(path: Path) -> socket.socket:
    """Bind a socket that takes connections, in place of one that is left of an earlier start."""
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()
    listener.settimeout(LIMIT_S)
    return listener


class Sidecar:
    """`main.py` over a data directory; killed at the end, if it still runs."""

    def __init__(self, fake_host: FakeHost, data_dir: Path, run_dir: Path) -> None:
        """Start it; requests wait in the backlog until it serves."""
        path = run_dir / "sidecar.sock"
        with listening(run_dir / "dial.sock") as dialled, listening(path) as listener:
            address = f"unix:{run_dir / 'dial.sock'}"
            self.process = subprocess.Popen(
                [sys.executable, str(ROOT / "main.py")],
                stdin=subprocess.DEVNULL,
                env={**os.environ, "SIDECAR_BRIDGE": address, "LEDGER_DATA_DIR": str(data_dir)},
                start_new_session=True,
            )
            hello = {
                "protocol": 2,
                "sidecar": "python",
                "generation": 1,
                "identifier": "com.example.ledger",
                "host": {"unix": fake_host.path},
                "listen": "passed",
                "token": fake_host.token,
            }
            self.lease, _ = dialled.accept()
            socket.send_fds(self.lease, [json.dumps(hello).encode() + b"\n"], [listener.fileno()])
        self.client = httpx2.Client(
            transport=httpx2.HTTPTransport(uds=str(path)), base_url="http://localhost", timeout=LIMIT_S
        )

    def log_in(self) -> None:
        """Log in as the first account, which is created if need be."""
        step = "setup" if self.client.get("/api/v1/auth/state").json()["needs_setup"] else "login"
        login = self.client.post(f"/api/v1/auth/{step}", json=ACCOUNT)
        self.client.headers["Authorization"] = f"Bearer {login.json()['token']}"

    def kill(self) -> None:
        """End it without a chance to do anything."""
        self.process.kill()
        self.process.wait(LIMIT_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.client.close()
        self.kill()
        self.lease.close()
