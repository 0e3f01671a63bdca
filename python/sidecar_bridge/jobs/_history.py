"""The jobs in SQLite. The database is the truth: each change of a job's state is one statement, or one transaction."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import nullcontext, suppress
from datetime import UTC, datetime
from time import time
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic_core import from_json

from sidecar_bridge.jobs._connection import Use, explained, transaction
from sidecar_bridge.jobs._errors import InvalidArgumentsError
from sidecar_bridge.jobs._records import ENDED, Failure, LogLine, Progress, Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from sidecar_bridge.jobs._records import AnyRecord, State
    from sidecar_bridge.jobs._ways import Message

VERSION = 2
"""The schema's, in `PRAGMA user_version`."""

SCHEMA = """
CREATE TABLE jobs (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
    label TEXT NOT NULL DEFAULT '', queue TEXT NOT NULL, priority INTEGER NOT NULL, key TEXT,
    arguments BLOB NOT NULL, state TEXT NOT NULL DEFAULT 'queued',
    attempt INTEGER NOT NULL DEFAULT 0, checkpoint TEXT, progress TEXT, result BLOB, failure TEXT,
    submitted_at REAL NOT NULL, started_at REAL, ended_at REAL, UNIQUE (name, key));
CREATE INDEX jobs_of_state ON jobs (state, number);
CREATE TABLE logs (
    job TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE, n INTEGER NOT NULL, at REAL NOT NULL, text TEXT NOT NULL,
    "values" TEXT NOT NULL, PRIMARY KEY (job, n)) WITHOUT ROWID;
CREATE TABLE unfinished_files (
    job TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE, path TEXT NOT NULL, PRIMARY KEY (job, path))
    WITHOUT ROWID;
PRAGMA user_version = 2;
"""

_COLUMNS = (
    "id, name, label, queue, priority, state, attempt, progress, submitted_at, started_at, ended_at, result, failure"
)
_ENDS = ", ".join(f"'{state}'" for state in sorted(ENDED))
_ACTIVE = "('running', 'cancelling')"

LOCK_WAIT_S = 10.0
"""How long to wait for a process that has the database open, such as the sidecar's generation before this one."""


class Row(NamedTuple):
    """What it takes to begin a job."""

    number: int
    id: str
    name: str
    queue: str
    priority: int


class History:
    """One database, for one process at a time. Any thread may use it."""

    def __init__(self, path: Path | None, *, lock_wait_s: float = LOCK_WAIT_S) -> None:
        """Open the database at `path`, or one in memory, and make its tables if it has none.

        Raises:
            HistoryError: It cannot be used; the message says why, and what to do.
        """
        self._numbers: dict[str, int] = {}
        """The number of the last line of each job that logs."""
        self._with_files: set[str] = set()
        """The jobs that have told of a file."""
        with explained(path):
            if path is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
                # For nobody else's eyes: it has arguments and tracebacks. The files beside it get its mode from SQLite.
                with suppress(FileExistsError):
                    path.touch(mode=0o600, exist_ok=False)
            self._connection = sqlite3.connect(
                ":memory:" if path is None else path, timeout=lock_wait_s, isolation_level=None, check_same_thread=False
            )
            try:
                self._prepare()
            except BaseException:
                self._connection.close()
                raise
        self._use = Use(self._connection, path)

    def close(self) -> None:
        """Close the database."""
        with self._use as db:
            db.close()

    # --- a job's life

    def add(self, row: AnyRecord, arguments: bytes, key: str | None) -> tuple[str, int | None]:
        """Keep a new job; give its id and number, or the id of the job that has this key already, and no number.

        Raises:
            InvalidArgumentsError: The key is that of a job with other arguments.
        """
        with self._use as db:
            new = db.execute(
                "INSERT INTO jobs (id, name, label, queue, priority, key, arguments, submitted_at) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name, key) DO NOTHING RETURNING number",
                (row.id, row.name, row.label, row.queue, row.priority, key, arguments, row.submitted_at.timestamp()),
            ).fetchone()
            if new:
                return row.id, new[0]
            found = db.execute("SELECT id, arguments FROM jobs WHERE name = ? AND key = ?", (row.name, key)).fetchone()
        if found[1] != arguments:
            msg = f"idempotency key {key!r} is that of job {found[0]}, which has other arguments; use another key"
            raise InvalidArgumentsError(msg)
        return found[0], None

    def begin(self, id: str) -> tuple[int, bytes, str | None] | None:
        """Make a queued job `running`; give its attempt, arguments and checkpoint, or `None` if it is not queued."""
        with self._use as db:
            found: tuple[int, bytes, str | None] | None = db.execute(
                "UPDATE jobs SET state = 'running', attempt = attempt + 1, started_at = ?, progress = NULL "
                "WHERE id = ? AND state = 'queued' RETURNING attempt, arguments, checkpoint",
                (time(), id),
            ).fetchone()
            return found

    def cancelling(self, id: str) -> bool:
        """Make a running job `cancelling`; `False` if it is not running."""
        return self._changed("UPDATE jobs SET state = 'cancelling' WHERE id = ? AND state = 'running'", id)

    def cancel_queued(self, id: str) -> bool:
        """Make a queued job `cancelled`; `False` if it is not queued."""
        sql = "UPDATE jobs SET state = 'cancelled', ended_at = ? WHERE id = ? AND state = 'queued'"
        return self._changed(sql, time(), id)

    def end(
        self,
        id: str,
        attempt: int,
        state: State,
        *,
        progress: Message | None = None,
        logs: Sequence[Message] = (),
        result: bytes | None = None,
        failure: Failure | None = None,
    ) -> bool:
        """End an attempt, or queue its job again; `False` if it has ended before, in which case nothing changes."""
        with self._use as db, transaction(db) if logs or id in self._with_files else nullcontext():
            known = None if failure is None else json.dumps(dict(failure))
            ended_at = time() if state in ENDED else None
            if not db.execute(
                f"UPDATE jobs SET state = ?, progress = ?, result = ?, failure = ?, ended_at = ? "  # noqa: S608 - constants
                f"WHERE id = ? AND attempt = ? AND state IN {_ACTIVE}",
                (state, json.dumps(progress) if progress else None, result, known, ended_at, id, attempt),
            ).rowcount:
                return False
            if logs:
                self._add_logs(db, id, logs)
            if id in self._with_files:
                db.execute("DELETE FROM unfinished_files WHERE job = ?", (id,))
        self._with_files.discard(id)
        if state in ENDED:
            self._numbers.pop(id, None)
        return True

    def queue_again(self, id: str) -> Row | None:
        """Queue a job that has failed, or was cancelled or interrupted; `None` if that is not so."""
        with self._use as db:
            found = db.execute(
                "UPDATE jobs SET state = 'queued', result = NULL, failure = NULL, progress = NULL, started_at = NULL, "
                "ended_at = NULL WHERE id = ? AND state IN ('failed', 'cancelled', 'interrupted') "
                "RETURNING number, id, name, queue, priority",
                (id,),
            ).fetchone()
        return Row(*found) if found else None

    def interrupt(self, resumed: set[str]) -> list[str]:
        """End the attempts of a sidecar that is gone: `interrupted`, or queued again if `resumed` has their name.

        Gives the files that were not finished.
        """
        with self._use as db, transaction(db):
            marks = ", ".join("?" for _ in resumed)
            db.execute(
                f"UPDATE jobs SET state = 'queued', started_at = NULL WHERE state = 'running' AND name IN ({marks})",  # noqa: S608
                tuple(resumed),
            )
            db.execute("UPDATE jobs SET state = 'cancelled', ended_at = ? WHERE state = 'cancelling'", (time(),))
            db.execute("UPDATE jobs SET state = 'interrupted', ended_at = ? WHERE state = 'running'", (time(),))
            files = [os.fsdecode(path) for (path,) in db.execute("SELECT path FROM unfinished_files")]
            db.execute("DELETE FROM unfinished_files")
        return files

    # --- what a running job says

    def keep_logs(self, id: str, logs: list[Message]) -> None:
        """Keep the lines that a job has logged."""
        if logs:
            with self._use as db, transaction(db):
                self._add_logs(db, id, logs)

    def keep_checkpoint(self, id: str, value: Any) -> None:
        """Keep what the next attempt begins with."""
        self._changed("UPDATE jobs SET checkpoint = ? WHERE id = ?", json.dumps(value), id)

    def keep_file(self, id: str, path: str) -> None:
        """Keep the path of a file that is not finished."""
        self._with_files.add(id)
        # As bytes: the name of a file may be no Unicode, which SQLite's text is.
        self._changed("INSERT OR IGNORE INTO unfinished_files VALUES (?, ?)", id, os.fsencode(path))

    def drop_file(self, id: str, path: str) -> None:
        """Forget that path: the file has its place, or is gone."""
        self._changed("DELETE FROM unfinished_files WHERE job = ? AND path = ?", id, os.fsencode(path))

    def files_of(self, id: str) -> list[str]:
        """Give the paths of a job's files that are not finished."""
        with self._use as db:
            found = db.execute("SELECT path FROM unfinished_files WHERE job = ?", (id,))
            return [os.fsdecode(path) for (path,) in found]

    # --- to look at

    def queued(self) -> list[Row]:
        """Give the jobs that wait, in the order in which they came."""
        with self._use as db:
            return [
                Row(*row)
                for row in db.execute(
                    "SELECT number, id, name, queue, priority FROM jobs WHERE state = 'queued' ORDER BY number"
                )
            ]

    def get(self, id: str) -> AnyRecord | None:
        """Give a job."""
        with self._use as db:
            row = db.execute(f"SELECT {_COLUMNS} FROM jobs WHERE id = ?", (id,)).fetchone()  # noqa: S608
        return _record(row) if row else None

    def state_of(self, id: str) -> State | None:
        """Give a job's state alone."""
        with self._use as db:
            found = db.execute("SELECT state FROM jobs WHERE id = ?", (id,)).fetchone()
        return found[0] if found else None

    def newest(self, *, name: str | None, state: State | None, limit: int, before: str | None) -> list[AnyRecord]:
        """Give the newest jobs first; `before` is the id of the one to go on behind."""
        wanted: list[str] = ["1"]
        values: list[Any] = []
        for column, value in (("name", name), ("state", state)):
            if value is not None:
                wanted.append(f"{column} = ?")
                values.append(value)
        if before is not None:
            wanted.append("number < (SELECT number FROM jobs WHERE id = ?)")
            values.append(before)
        sql = f"SELECT {_COLUMNS} FROM jobs WHERE {' AND '.join(wanted)} ORDER BY number DESC LIMIT ?"  # noqa: S608
        with self._use as db:
            rows = db.execute(sql, (*values, limit)).fetchall()
        return [_record(row) for row in rows]

    def logs(self, id: str, after: int, limit: int) -> list[LogLine]:
        """Give the lines of a job behind line `after`."""
        with self._use as db:
            rows = db.execute(
                'SELECT n, at, text, "values" FROM logs WHERE job = ? AND n > ? ORDER BY n LIMIT ?', (id, after, limit)
            ).fetchall()
        return [LogLine(n=n, at=_when(at), text=text, values=json.loads(values)) for n, at, text, values in rows]

    def forget(self, keep: int) -> int:
        """Remove the oldest jobs that have ended, all but `keep`; give how many."""
        with self._use as db:
            return db.execute(
                f"DELETE FROM jobs WHERE number IN (SELECT number FROM jobs WHERE state IN ({_ENDS}) "  # noqa: S608
                "ORDER BY ended_at DESC, number DESC LIMIT -1 OFFSET ?)",
                (keep,),
            ).rowcount

    # --- the connection

    def _add_logs(self, db: sqlite3.Connection, id: str, logs: Iterable[Message]) -> None:
        n = self._numbers.get(id)
        if n is None:
            n = db.execute("SELECT coalesce(max(n), 0) FROM logs WHERE job = ?", (id,)).fetchone()[0]
        rows = []
        for line in logs:
            n += 1
            rows.append((id, n, line["at"], line["text"], json.dumps(line["values"])))
        db.executemany("INSERT INTO logs VALUES (?, ?, ?, ?, ?)", rows)
        self._numbers[id] = n

    def _changed(self, sql: str, *values: Any) -> bool:
        with self._use as db:
            return db.execute(sql, values).rowcount > 0

    def _prepare(self) -> None:
        db = self._connection
        # The database is this process's until it ends, however it ends: two sidecars would run the same jobs.
        db.execute("PRAGMA locking_mode = EXCLUSIVE")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute("PRAGMA foreign_keys = ON")
        version = db.execute("PRAGMA user_version").fetchone()[0]
        if version > VERSION:
            msg = f"it is of a newer version ({version}) than this package knows ({VERSION}); update the package"
            raise sqlite3.DatabaseError(msg)
        with transaction(db):
            if version == 0:
                for statement in SCHEMA.split(";\n"):
                    db.execute(statement)
            elif version == 1:
                db.execute("ALTER TABLE jobs ADD COLUMN label TEXT NOT NULL DEFAULT ''")
                db.execute(f"PRAGMA user_version = {VERSION}")
            else:
                # Takes the lock that this connection keeps.
                db.execute("UPDATE jobs SET state = state WHERE 0")


def _record(row: tuple[Any, ...]) -> AnyRecord:
    id_, name, label, queue, priority, state, attempt, progress, submitted, started, ended, result, failure = row
    return Record(
        id=id_,
        name=name,
        label=label,
        queue=queue,
        priority=priority,
        state=state,
        attempt=attempt,
        progress=Progress(**from_json(progress)) if progress else Progress(),
        submitted_at=_when(submitted),
        started_at=None if started is None else _when(started),
        ended_at=None if ended is None else _when(ended),
        result=None if result is None else from_json(result),
        failure=Failure(**from_json(failure)) if failure else None,
    )


def _when(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
