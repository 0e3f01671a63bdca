"""The connection to SQLite, and what is said of its errors."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING

from sidecar_bridge.jobs._errors import HistoryError, InvalidArgumentsError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Use:
    """The connection for one thread at a time, with its errors explained. No generator: each statement enters it."""

    def __init__(self, db: sqlite3.Connection, path: Path | None) -> None:
        """Use it alone."""
        self._db, self._path, self._lock = db, path, Lock()

    def __enter__(self) -> sqlite3.Connection:
        """Have it."""
        self._lock.acquire()
        return self._db

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Give it back, and say what was wrong with the database."""
        self._lock.release()
        if isinstance(error, UnicodeError | OverflowError):
            msg = f"SQLite does not know that value: {error}; give Unicode, and integers of 64 bits"
            raise InvalidArgumentsError(msg) from error
        if isinstance(error, sqlite3.Error | OSError):
            raise _explanation(error, self._path) from error


@contextmanager
def explained(path: Path | None) -> Iterator[None]:
    """Say what is wrong with the database, and what to do."""
    try:
        yield
    except (sqlite3.Error, OSError, ValueError) as error:
        raise _explanation(error, path) from error


def _explanation(error: Exception, path: Path | None) -> HistoryError:
    text = str(error)
    remedy = next((remedy for part, remedy in _REMEDIES.items() if part in text), "")
    if not remedy and not isinstance(error, sqlite3.Error):
        remedy = _REMEDIES["unable to open"]
    return HistoryError(f"cannot use the database of jobs, {path or 'in memory'}: {text}{remedy}")


_REMEDIES = {
    "unable to open": "; give the path of a file, in a folder that the user of this process may write",
    "locked": "; another process has it open: end that one, or use another file",
    "malformed": "; it is damaged: move the file away, and jobs begins a new one",
    "not a database": "; move the file away, and jobs begins a new one",
    "readonly": "; let the user of this process write the file and its folder",
    "full": "; free some space: jobs that were accepted are kept",
}


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """Write all of the block, or nothing."""
    # One that reads first and writes later would not wait for a lock, but fail.
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")
