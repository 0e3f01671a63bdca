"""A database that is locked, damaged, or out of space: clear messages, nothing half written, and it recovers."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from conftest import ACCOUNT
from fastapi import FastAPI
from fastapi.testclient import TestClient
from imports import JOBS, end_of, outcome, run, start, total_orders, write_orders
from sidecar_bridge.testing import FakeHost

from ledger import database
from ledger.app import create_app
from ledger.faults import DatabaseUnusableError
from ledger.settings import Settings

LOCKED = "the database is locked by another program; close it and try again"
CORRUPT = "the database `ledger.db` is damaged; nothing was changed; restore a copy"
FULL = "the disk is full; free space and try again; nothing was saved"
NEW = {"name": "Bob", "email": "bob@example.com", "password": "battery staple"}


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the database's write lock, as another program."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


def condition(client: TestClient) -> str:
    health = client.get("/health")
    assert health.status_code == 200
    assert health.json()["status"] == "healthy"
    return str(health.json()["database"])


def test_locked_while_it_runs(client: TestClient, settings: Settings) -> None:
    with locked(settings.database_path):
        refused = client.post("/api/v1/users/", json=NEW)
        assert (refused.status_code, refused.json()) == (503, {"detail": LOCKED})
        assert condition(client) == "locked"
        assert client.get("/api/v1/users/").json()["total"] == 1
    assert condition(client) == "ok"
    assert client.post("/api/v1/users/", json=NEW).status_code == 201


def test_locked_when_it_starts(app: FastAPI, settings: Settings) -> None:
    settings.data_dir.mkdir()
    with locked(settings.database_path), TestClient(app) as client:
        assert condition(client) == "locked"
        refused = client.get("/api/v1/auth/state")
        assert (refused.status_code, refused.json()) == (503, {"detail": LOCKED})
    with TestClient(app) as client:
        assert client.post("/api/v1/auth/setup", json=ACCOUNT).status_code == 200


def test_locked_at_the_end_of_an_import(
    client: TestClient, fake_host: FakeHost, settings: Settings, tmp_path: Path
) -> None:
    import_id = start(client, fake_host, write_orders(tmp_path / "orders.csv", 100_000))
    with locked(settings.database_path):
        ended = end_of(client, import_id)
        assert outcome(ended) == ("failed", LOCKED)
    assert client.get(JOBS).json() == [ended]
    assert total_orders(client) == 0
    assert run(client, fake_host, tmp_path / "orders.csv")["state"] == "done"


def test_no_database_at_all(app: FastAPI, settings: Settings) -> None:
    settings.data_dir.mkdir()
    settings.database_path.write_bytes(b"This is a letter, not a database. " * 1000)
    before = settings.database_path.read_bytes()
    with TestClient(app) as client:
        assert condition(client) == "corrupt"
        refused = client.post("/api/v1/auth/setup", json=ACCOUNT)
        assert (refused.status_code, refused.json()) == (503, {"detail": CORRUPT})
        assert settings.database_path.read_bytes() == before
        settings.database_path.unlink()
        assert client.post("/api/v1/auth/setup", json=ACCOUNT).status_code == 200
        assert condition(client) == "ok"


def test_damaged_while_it_runs(app: FastAPI, settings: Settings, tmp_path: Path) -> None:
    with TestClient(app) as client:
        client.post("/api/v1/auth/setup", json=ACCOUNT)
    good = tmp_path / "copy.db"
    shutil.copy(settings.database_path, good)
    with settings.database_path.open("r+b") as file:
        file.seek(4096)  # behind the first page
        file.write(os.urandom(settings.database_path.stat().st_size - 4096))
    with TestClient(app) as client:
        refused = client.post("/api/v1/auth/login", json=ACCOUNT)
        assert (refused.status_code, refused.json()) == (503, {"detail": CORRUPT})
        assert condition(client) == "corrupt"
        good.replace(settings.database_path)
        assert client.post("/api/v1/auth/login", json=ACCOUNT).status_code == 200
        assert condition(client) == "ok"


def test_a_full_database(app: FastAPI, settings: Settings, fake_host: FakeHost, tmp_path: Path) -> None:
    most_pages = 60
    small = replace(settings, max_database_bytes=most_pages * 4096)
    path = write_orders(tmp_path / "orders.csv", 100_000)
    with TestClient(create_app(small)) as client:
        login = client.post("/api/v1/auth/setup", json=ACCOUNT)
        client.headers["Authorization"] = f"Bearer {login.json()['token']}"
        assert outcome(run(client, fake_host, path)) == ("failed", FULL)
        assert total_orders(client) == 0
        users = fill(settings.database_path, most_pages)
        refused = client.post("/api/v1/users/", json=NEW)
        assert (refused.status_code, refused.json()) == (507, {"detail": FULL})
        assert client.get("/api/v1/users/").json()["total"] == users
    with TestClient(app, headers=dict(client.headers)) as client:
        assert run(client, fake_host, path)["state"] == "done"
        assert condition(client) == "ok"


def fill(path: Path, most_pages: int) -> int:
    """Use all pages, and leave none of them any room for another user; give how many users there are then."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA max_page_count = {most_pages}")
        for size in (3000, 300, 30, 0):
            with suppress(sqlite3.OperationalError):
                for number in count():
                    connection.execute(
                        "INSERT INTO users (email, name, role, active, password_hash, created_at) "
                        "VALUES (?, ?, 'member', false, '', '2026-01-01 00:00:00.000000')",
                        (f"{size}-{number}@example.com", "x" * size),
                    )
        return int(connection.execute("SELECT count(*) FROM users").fetchone()[0])


def test_an_import_outlives_the_faults_of_others(
    app: FastAPI, client: TestClient, fake_host: FakeHost, tmp_path: Path
) -> None:
    import_id = start(client, fake_host, write_orders(tmp_path / "orders.csv", 200_000))
    used = app.state.ledger.database
    with pytest.raises(DatabaseUnusableError, match=FULL):
        write_too_much(used)
    used.engine.dispose()  # the connection keeps its limit
    assert client.post("/api/v1/users/", json=NEW).status_code == 201
    assert end_of(client, import_id)["state"] == "done"


def write_too_much(used: database.Database) -> None:
    with used.writing() as session:
        connection = session.connection()
        connection.exec_driver_sql("PRAGMA max_page_count = 1")  # as many as there are
        connection.exec_driver_sql("UPDATE users SET name = zeroblob(1000000)")


def test_a_full_disk(tmp_path: Path) -> None:
    """A real one: a file system of 24 MB in memory, in a namespace of its own."""
    mount = 'mount -t tmpfs -o size=24m none "$0" && exec "$@"'
    disk = tmp_path / "disk"
    disk.mkdir()
    apart = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mount, str(disk)]
    if subprocess.run([*apart, "true"], capture_output=True, timeout=30, check=False).returncode:
        pytest.skip("this system lets nobody make a namespace")
    write_orders(tmp_path / "orders.csv", 100_000)
    assert import_twice(apart, disk, tmp_path, 21 * 1024 * 1024) == [
        f"failed: {FULL}", "ok", "0 orders", "full", "done: 100000", "ok", "100000 orders",
    ]  # fmt: skip


def test_a_file_size_limit(tmp_path: Path) -> None:
    """What a quota looks like: EFBIG, which SQLite does not take for a full disk."""
    disk = tmp_path / "disk"
    disk.mkdir()
    write_orders(tmp_path / "orders.csv", 100_000)
    limited = ["sh", "-c", 'trap "" XFSZ; ulimit -S -f 2000; exec "$@"', "sh"]
    failed = (
        "failed: the database `ledger.db` cannot be read or written (disk I/O error); "
        "check the disk and its permissions; nothing was saved"
    )
    told = [failed, "ok", "0 orders"]
    assert import_twice(limited, disk, tmp_path, 0) == [*told, "ok", *told]


def import_twice(command: list[str], disk: Path, elsewhere: Path, ballast_bytes: int) -> list[str]:
    script = str(Path(__file__).parent / "small_disk.py")
    arguments = [*command, sys.executable, script, str(disk), str(elsewhere), str(ballast_bytes)]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_a_folder_that_cannot_be_made(app: FastAPI, settings: Settings) -> None:
    settings.data_dir.write_text("a file")
    with TestClient(app) as client:
        assert condition(client) == "unreadable"
        refused = client.get("/api/v1/auth/state")
        assert refused.status_code == 503
        assert refused.json()["detail"].startswith("the database `ledger.db` cannot be read or written (")
        settings.data_dir.unlink()
        assert client.get("/api/v1/auth/state").json() == {"needs_setup": True}
