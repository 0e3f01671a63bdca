"""What the database does in bad times."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from job_work import LIMIT_S, add_to

from sidecar_bridge.jobs import HistoryError, JobFunction, Jobs
from sidecar_bridge.jobs import _history as history
from sidecar_bridge.jobs._history import History

pytest_plugins = ["job_fixtures"]


def make(path: Path) -> Jobs:
    return add_to(Jobs(path, executor=lambda: ThreadPoolExecutor(2)))


def test_it_is_kept(tmp_path: Path) -> None:
    with make(tmp_path / "jobs.db") as jobs:
        job = jobs._functions["double"].submit(4)
        job.result(LIMIT_S)
    with make(tmp_path / "jobs.db") as jobs:
        (found,) = jobs.list()
        assert (found.id, found.state, found.result) == (job.id, "done", 8)


def test_one_process_has_it(tmp_path: Path) -> None:
    """Two sidecars on one database would run the same jobs."""
    path = tmp_path / "jobs.db"
    code = """import pathlib, sys, sidecar_bridge.jobs._history as history
db = history.History(pathlib.Path(sys.argv[1])); print(flush=True); input()"""
    with subprocess.Popen([sys.executable, "-c", code, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline()
        with pytest.raises(HistoryError, match="another process has it open") as error:
            History(path, lock_wait_s=0.05)
        assert error.value.code == "unavailable"
        other.kill()
        other.wait()
        History(path, lock_wait_s=LIMIT_S).close()


@pytest.mark.parametrize("content", [b"this is no database" * 100, b"SQLite format 3\0" + b"\xff" * 4096])
def test_a_damaged_one_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "jobs.db"
    path.write_bytes(content)
    with pytest.raises(HistoryError, match="move the file away"):
        History(path)
    assert path.read_bytes() == content


def test_a_newer_one_is_let_be(tmp_path: Path) -> None:
    path = tmp_path / "jobs.db"
    History(path).close()
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(HistoryError, match=r"newer version \(99\) than this package knows \(2\)"):
        History(path)


@pytest.mark.skipif(sys.platform == "win32", reason="modes of files")
def test_nobody_else_reads_it(tmp_path: Path) -> None:
    with make(tmp_path / "jobs.db") as jobs:
        jobs._functions["double"].submit(1).result(LIMIT_S)
        assert {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {
            "jobs.db": 0o600, "jobs.db-wal": 0o600,
        }  # fmt: skip


def test_one_of_the_version_before_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "jobs.db"
    with make(path) as jobs:
        job = jobs._functions["double"].submit(1)
        assert job.result(LIMIT_S) == 2
    with closing(sqlite3.connect(path)) as db:
        db.execute("ALTER TABLE jobs DROP COLUMN label")
        db.execute("PRAGMA user_version = 1")
    for _ in range(2):
        with make(path) as jobs:
            assert [(found.id, found.label, found.result) for found in jobs.list()] == [(job.id, "", 2)]


@pytest.mark.skipif(os.geteuid() == 0 if hasattr(os, "geteuid") else True, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    with pytest.raises(HistoryError, match="cannot use the database"):
        History(tmp_path / "jobs.db")


def test_a_path_that_is_no_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match="unable to open database file"):
        History(tmp_path)


def fill(jobs: Jobs) -> None:
    """Let the database have no room for anything more, as on a full disk."""
    jobs._core.history._connection.execute("PRAGMA max_page_count = 1")


def make_room(jobs: Jobs) -> None:
    jobs._core.history._connection.execute("PRAGMA max_page_count = 1000000")


def submit_many(function: JobFunction[Any, Any, Any], *args: str) -> None:
    for _ in range(1000):
        function.submit(*args)


def test_no_job_is_accepted_on_a_full_disk(tmp_path: Path) -> None:
    with make(tmp_path / "jobs.db") as jobs:
        fill(jobs)
        append = jobs._functions["append"]
        with pytest.raises(HistoryError, match="database or disk is full; free some space"):
            submit_many(append, str(tmp_path / "log"), "x" * 4000)
        make_room(jobs)
        assert jobs._functions["double"].submit(1).result(LIMIT_S) == 2


def test_an_end_that_the_database_does_not_take_is_not_lost(
    tmp_path: Path, begun: str, monkeypatch: pytest.MonkeyPatch, wait_until: Any
) -> None:
    refused: list[str] = []
    monkeypatch.setattr("sidecar_bridge.jobs._ends.RETRY_S", 0.02)
    real = History.end

    def end(self: History, id: str, *args: Any, **kwargs: Any) -> bool:  # noqa: A002
        if len(refused) < 3:
            refused.append(id)
            msg = "database or disk is full"
            raise HistoryError(msg)
        return real(self, id, *args, **kwargs)

    monkeypatch.setattr(history.History, "end", end)
    with make(tmp_path / "jobs.db") as jobs:
        job = jobs._functions["double"].submit(1)
        assert job.result(LIMIT_S) == 2
        assert refused == [job.id] * 3
