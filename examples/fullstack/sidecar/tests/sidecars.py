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


class Sidecar:
    """`main.py` over a data directory; killed at the end, if it still runs."""

    def __init__(self, fake_host: FakeHost, data_dir: Path, run_dir: Path) -> None:
        """Start it; requests wait in the backlog until it serves."""
        path = run_dir / "sidecar.sock"
        path.unlink(missing_ok=True)
        self.lease, lease_end = socket.socketpair()
        with lease_end, socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(path))
            listener.listen()
            self.process = subprocess.Popen(
                [sys.executable, str(ROOT / "main.py")],
                stdin=lease_end.fileno(),
                pass_fds=[listener.fileno()],
                env={**os.environ, "LEDGER_DATA_DIR": str(data_dir)},
                start_new_session=True,
            )
            hello = {
                "protocol": 1,
                "sidecar": "python",
                "generation": 1,
                "identifier": "com.example.ledger",
                "host": {"unix": fake_host.path},
                "listen": {"fd": listener.fileno()},
                "token": fake_host.token,
            }
            self.lease.sendall(json.dumps(hello).encode() + b"\n")
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
