"""The sidecar is killed in the middle of an import: all of it is there or nothing, and the next start says so."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from time import monotonic

import pytest
from httpx2 import Client
from imports import JOBS, end_of, outcome, run, start, total_orders, until_read, write_orders
from sidecar_bridge.testing import FakeHost
from sidecars import LIMIT_S, Sidecar

ROWS = 300_000


def rows_are_read(client: Client, import_id: str, _data_dir: Path) -> None:
    until_read(client, import_id)


def orders_are_written(_client: Client, _import_id: str, data_dir: Path) -> None:
    """Wait until the last transaction has outgrown SQLite's cache, so that a part of it is in the file."""
    log = data_dir / "ledger.db-wal"
    end = monotonic() + LIMIT_S
    while log.stat().st_size < 2_000_000:
        assert monotonic() < end, "nothing was written"
        os.sched_yield()


def workers_of(pid: int) -> list[int]:
    """The processes that a sidecar has started."""
    children = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for each in children for child in each.read_text().split()]


def until_gone(pids: list[int]) -> None:
    """Wait until these processes have ended."""
    end = monotonic() + LIMIT_S
    while any(Path(f"/proc/{pid}").exists() for pid in pids):
        assert monotonic() < end, f"one of {pids} goes on"
        os.sched_yield()


@pytest.mark.parametrize("moment", [rows_are_read, orders_are_written])
def test_killed_in_the_middle(fake_host: FakeHost, tmp_path: Path, moment: Callable[[Client, str, Path], None]) -> None:
    data_dir, path = tmp_path / "data", write_orders(tmp_path / "orders.csv", ROWS)
    with Sidecar(fake_host, data_dir, tmp_path) as sidecar:
        sidecar.log_in()
        moment(sidecar.client, start(sidecar.client, fake_host, path), data_dir)
        workers = workers_of(sidecar.process.pid)
        assert workers
        sidecar.kill()
        until_gone(workers)
        assert not fake_host.args_of("plugin:notification|notify")
    with Sidecar(fake_host, data_dir, tmp_path) as sidecar:
        sidecar.log_in()
        (found,) = sidecar.client.get(JOBS).json()
        assert (found["label"], found["state"]) == ("orders.csv", "interrupted")
        assert total_orders(sidecar.client) == 0
        assert outcome(run(sidecar.client, fake_host, path)) == ("done", ROWS)
        assert total_orders(sidecar.client) == ROWS


@pytest.mark.parametrize("moment", [rows_are_read, orders_are_written])
def test_a_killed_worker_takes_nothing_along(
    fake_host: FakeHost, tmp_path: Path, moment: Callable[[Client, str, Path], None]
) -> None:
    data_dir, path = tmp_path / "data", write_orders(tmp_path / "orders.csv", ROWS)
    with Sidecar(fake_host, data_dir, tmp_path) as sidecar:
        sidecar.log_in()
        import_id = start(sidecar.client, fake_host, path)
        moment(sidecar.client, import_id, data_dir)
        for pid in workers_of(sidecar.process.pid):
            os.kill(pid, signal.SIGKILL)
        ended = end_of(sidecar.client, import_id)
        assert (ended["state"], ended["failure"]["code"]) == ("failed", "worker_lost")
        assert total_orders(sidecar.client) == 0
        assert outcome(run(sidecar.client, fake_host, path)) == ("done", ROWS)
        assert total_orders(sidecar.client) == ROWS


def test_a_second_copy_imports_nothing(fake_host: FakeHost, tmp_path: Path) -> None:
    """Two would do the same work twice: the history of imports belongs to one process."""
    data_dir, path = tmp_path / "data", write_orders(tmp_path / "orders.csv", 100)
    (tmp_path / "second").mkdir()
    with Sidecar(fake_host, data_dir, tmp_path) as sidecar:
        sidecar.log_in()
        with Sidecar(fake_host, data_dir, tmp_path / "second") as second:
            second.log_in()
            fake_host.answers("plugin:dialog|open", str(path))
            refused = second.client.post("/api/v1/imports/choose")
            assert refused.status_code == 503
            assert "another process has it open" in refused.json()["detail"]
        assert outcome(run(sidecar.client, fake_host, path)) == ("done", 100)


def test_a_crash_on_purpose(fake_host: FakeHost, tmp_path: Path) -> None:
    with Sidecar(fake_host, tmp_path / "data", tmp_path) as sidecar:
        sidecar.log_in()
        assert sidecar.client.post("/api/v1/diagnostics/crash").status_code == 202
        assert sidecar.process.wait(LIMIT_S) == -signal.SIGABRT


def test_it_says_when_it_is_ready_and_stops_when_told(fake_host: FakeHost, tmp_path: Path) -> None:
    with Sidecar(fake_host, tmp_path / "data", tmp_path) as sidecar:
        assert sidecar.client.get("/health").json() == {"status": "healthy", "database": "ok"}
        sidecar.lease.sendall(b"stop\n")
        assert sidecar.process.wait(LIMIT_S) == 0
