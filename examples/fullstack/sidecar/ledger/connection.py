"""Connections to the SQLite file, also for processes that import."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

from ledger.settings import Settings

_PAGE_BYTES = 4096
_TURN_S = 600
"""How long the turn of another process of this app may take: that of the largest import."""


def connect(settings: Settings, timeout_s: float | None = None) -> sqlite3.Connection:
    """Open the database as it is; it waits so long for a lock of another program."""
    wait_s = settings.busy_timeout_ms / 1000 if timeout_s is None else timeout_s
    # Without an isolation level sqlite3 leaves transactions alone, also those around CREATE TABLE.
    connection = sqlite3.connect(settings.database_path, timeout=wait_s, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA foreign_keys = ON")
    # In WAL mode this loses no consistency, and only a power cut can lose the last commits.
    connection.execute("PRAGMA synchronous = NORMAL")
    if settings.max_database_bytes is not None:
        connection.execute(f"PRAGMA max_page_count = {settings.max_database_bytes // _PAGE_BYTES}")
    return connection


class TurnTakenError(Exception):
    """Another process of this app writes."""


@contextmanager
def turn_to_write(settings: Settings, timeout_s: float = _TURN_S) -> Iterator[None]:
    """Wait until no other process of this app writes, so that "locked" always means another program.

    A lock on a file that stays empty: the system opens it again when its holder is killed.

    Raises:
        TurnTakenError: Another process has written for all that time.
    """
    with closing(sqlite3.connect(settings.lock_path, timeout=timeout_s, isolation_level=None)) as lock:
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
            raise TurnTakenError from error
        yield
