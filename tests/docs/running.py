"""An app of a document that runs, with the test host around its sidecar."""

from __future__ import annotations

import http.client
import json
import os
import select
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

PATIENCE_S = 20


@contextmanager
def running(app: Path, spawn: Any) -> Iterator[Iterator[Any]]:
    """Run the app in that folder, as `tauri dev` does, and give its sidecar's states as they come."""
    host = os.environ.get("SIDECAR_BRIDGE_TEST_HOST") or pytest.fail(
        "set SIDECAR_BRIDGE_TEST_HOST, or run scripts/test"
    )
    spawn["cwd"] = spawn["cwd"].replace("$RESOURCE", str(app))
    command = [host, json.dumps({"sidecars": {"python": {"spawn": spawn}}})]
    environment = os.environ | {
        "XDG_RUNTIME_DIR": str(app / "run"),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    # Without a buffer of Python's, `select` sees every line that is not read yet.
    with subprocess.Popen(
        command, bufsize=0, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, cwd=app / "src-tauri"
    ) as process:
        assert process.stdin is not None
        try:
            yield _states(process)
        finally:
            process.stdin.close()
            assert process.wait(PATIENCE_S) == 0
    left = list((app / "run").iterdir())
    assert left == [], left


def make_folders(app: Path) -> None:
    """Make the folders that an app has under `tauri dev`, and its run directory."""
    for folder in ("src-tauri", "sidecar", "run"):
        (app / folder).mkdir(mode=0o700)


def until_ready(states: Iterator[Any]) -> list[Any]:
    """Wait until the sidecar serves; give all states on the way."""
    seen = []
    for state in states:
        seen.append(state)
        if state["phase"] == "ready":
            break
    return seen


def ask(app: Path, path: str, method: str = "GET", parse: Callable[[str], object] = json.loads) -> object:
    """Ask the sidecar of the app that runs in that folder."""
    (endpoint,) = app.glob("run/sidecar-bridge-*/sidecar.sock")
    connection = http.client.HTTPConnection("localhost", timeout=PATIENCE_S)
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect(str(endpoint))
    connection.request(method, path)
    body = connection.getresponse().read().decode()
    connection.close()
    return parse(body)


def _states(process: subprocess.Popen[bytes]) -> Iterator[Any]:
    assert process.stdout is not None
    while True:
        readable, _, _ = select.select([process.stdout], [], [], PATIENCE_S)
        assert readable, "no status in time"
        state = json.loads(process.stdout.readline())["state"]
        assert state["phase"] in {"starting", "ready", "restarting"}, state
        yield state
