"""A sidecar that does not come up, or hangs: nobody waits for ever."""

from __future__ import annotations

from pathlib import Path

from world import PYTHON, Host, host, windows


def test_a_sidecar_that_ends_at_once_is_given_up(tmp_path: Path) -> None:
    running = Host(tmp_path, 1, {"command": ["cmd", "/c", "exit 3"]})
    try:
        failed = running.wait_for("failed")
    finally:
        running.close()
    assert failed["state"]["exit"]["code"] == 3
    assert "given up after 5 crashes" in failed["state"]["details"]


def test_a_sidecar_that_is_never_ready_times_out(tmp_path: Path) -> None:
    sleeps = [windows(PYTHON), "-c", "import time; time.sleep(600)"]
    running = Host(tmp_path, 1, {"command": sleeps, "readyTimeoutMs": 500})
    try:
        failed = running.wait_for("failed")
    finally:
        running.close()
    assert failed["state"]["problem"]["code"] == "deadline_exceeded"


def test_a_hanging_event_loop_is_noticed(tmp_path: Path) -> None:
    with host(tmp_path) as running:
        running.tell({"burst": {"calls": 1, "method": "POST", "path": "/sleep"}})
        running.wait_for("unresponsive")
