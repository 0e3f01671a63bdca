"""During development the page may run in a plain browser: Vite passes its requests on to the app's sidecar."""

from __future__ import annotations

import json
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop import Desktop, desktop, running, started, until

QUICKSTART = Path(__file__).parents[2] / "examples/quickstart"


@pytest.fixture(scope="module")
def screen() -> Iterator[Desktop]:
    with desktop() as screen:
        yield screen


@pytest.fixture(scope="module")
def vite(screen: Desktop) -> Iterator[str]:
    """The development server's address; it sees the app's connection file, as they share a desktop."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["node", "node_modules/vite/bin/vite.js", f"--port={port}", "--strictPort", "--host=127.0.0.1"]
    with running(["env", "-C", str(QUICKSTART), *command], screen.env, screen.directory / "vite.log") as process:

        def listens() -> bool:
            assert process.poll() is None, (screen.directory / "vite.log").read_text()
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0

        until("Vite", listens, 30)
        yield f"http://127.0.0.1:{port}"


def test_requests_reach_the_sidecar_of_the_app_that_runs_and_only_then(screen: Desktop, vite: str) -> None:
    health = f"{vite}/@sidecar-bridge/-/health"
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(health, timeout=10)
    problem = json.load(refused.value)
    assert (problem["status"], problem["code"]) == (503, "unavailable")
    assert "no app `io.github.tauri-plugin-sidecar-bridge.quickstart` runs" in problem["detail"]
    with started(screen) as app:
        screen.sidecar()
        with urllib.request.urlopen(health, timeout=10) as answer:
            assert json.load(answer) == "healthy"
        with urllib.request.urlopen(f"{vite}/", timeout=10) as page:
            assert "Sidecar Bridge Quickstart" in page.read().decode()
        screen.close_window()
        assert app.wait(10) == 0
