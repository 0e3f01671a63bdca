"""The sidecar is killed in the middle of an import: all of it is there or nothing, and the next start says so."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from time import monotonic

import pytest
from imports import follow, start, total_orders, write_orders
from sidecar_bridge.testing import FakeHost
from sidecars import LIMIT_S, Sidecar

ROWS = 300_000


def rows_are_read(fake_host: FakeHost, _data_dir: Path) -> None:
    fake_host.wait_until(lambda: any(each["rows"] > 0 for each in fake_host.payloads_of("import-progress")), LIMIT_S)


def orders_are_written(_fake_host: FakeHost, data_dir: Path) -> None:
    """Wait until the last transaction has outgrown SQLite's cache, so that a part of it is in the file."""
    log = data_dir / "ledger.db-wal"
    end = monotonic() + LIMIT_S
    while log.stat().st_size < 2_000_000:
        assert monotonic() < end, "nothing was written"
        os.sched_yield()


@pytest.mark.parametrize("moment", [rows_are_read, orders_are_written])
def test_killed_in_the_middle(fake_host: FakeHost, tmp_path: Path, moment: Callable[[FakeHost, Path], None]) -> None:
    fake_host.answers("plugin:window|set_progress_bar")
    fake_host.answers("plugin:notification|notify")
    data_dir, path = tmp_path / "data", write_orders(tmp_path / "orders.csv", ROWS)
    with Sidecar(fake_host, data_dir, tmp_path) as sidecar:
        sidecar.log_in()
        start(sidecar.client, fake_host, path)
        moment(fake_host, data_dir)
        sidecar.kill()
        assert not fake_host.args_of("plugin:notification|notify")
    with Sidecar(fake_host, data_dir, tmp_path) as sidecar:
        sidecar.log_in()
        (found,) = sidecar.client.get("/api/v1/imports/").json()
        assert found["state"] == "interrupted"
        assert found["message"] == "the app ended during the import, and it was rolled back; import the file again"
        assert total_orders(sidecar.client) == 0
        again = start(sidecar.client, fake_host, path)
        assert follow(sidecar.client, again["id"])[-1]["state"] == "done"
        assert total_orders(sidecar.client) == ROWS


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
