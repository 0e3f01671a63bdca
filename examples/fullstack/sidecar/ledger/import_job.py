"""Importing a CSV file of orders: a job, which runs in a process of its own.

Each worker imports this module, so it is light. Whatever happens to an import, it leaves all of its orders or none.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from sidecar_bridge.jobs import Desktop, Job, JobRecord, Jobs

from ledger.connection import connect, turn_to_write
from ledger.faults import fault_of
from ledger.order_csv import CsvError, OrderFile, open_orders
from ledger.settings import Settings

_BATCH_ROWS = 2000
_STEPS_BETWEEN_LOOKS = 100_000
"""Instructions of SQLite between two looks whether the import was cancelled: about a millisecond."""

# A temporary table is a file of its own: the database is not locked while the orders are read, and what never becomes
# orders never touches it.
_STAGE = "CREATE TEMP TABLE stage (ordered_on, customer, product, quantity INTEGER, unit_price_cents INTEGER)"
_STAGED = "INSERT INTO temp.stage VALUES (?, ?, ?, ?, ?)"
_EMPTY_LOG = "PRAGMA wal_checkpoint(TRUNCATE)"
_IMPORT = "INSERT INTO imports (job, file_name, rows) VALUES (?, ?, ?) RETURNING id"
_ORDERS = (
    "INSERT INTO orders (import_id, ordered_on, customer, product, quantity, unit_price_cents) "
    "SELECT ?, ordered_on, customer, product, quantity, unit_price_cents FROM temp.stage"
)


class Imported(BaseModel):
    """What an import has brought."""

    rows: int


class ImportFailedError(Exception):
    """Nothing was imported; the message is for the person who chose the file."""


@dataclass
class _Opened:
    """Where the app keeps its data, once it has started."""

    settings: Settings | None = None

    def path(self) -> Path:
        assert self.settings is not None  # noqa: S101 - `open_at` comes first
        return self.settings.data_dir / "jobs.db"


def _told(job: JobRecord[Any]) -> tuple[str, str]:
    """Give the title and the body of a notification."""
    if job.failure is not None:
        return "Import failed", f"{job.label}: {job.failure.detail}"
    return "Import done", f"{job.label}: {Imported.model_validate(job.result).rows} orders imported"


_opened = _Opened()
jobs = Jobs(_opened.path, concurrency=1, desktop=Desktop(notify_after_s=0, text=_told))


def open_at(settings: Settings) -> None:
    """Keep the history of imports in that data directory."""
    _opened.settings = settings


@jobs.job(route=False)
def import_orders(job: Job, settings: Settings, path: Path) -> Imported:
    """Import a CSV file of orders."""
    try:
        with closing(connect(settings)) as database:
            done = database.execute("SELECT rows FROM imports WHERE job = ?", (job.id,)).fetchone()
            if done is not None:
                return Imported(rows=done[0])
            with open_orders(path, settings.max_import_bytes) as file:
                return _read_and_save(job, settings, file, database)
    except CsvError as error:
        msg = f"{error}; nothing was imported"
        raise ImportFailedError(msg) from error
    except Exception as error:
        # SQLite was interrupted if it was.
        job.check()
        fault = fault_of(error)
        msg = fault.detail if fault else "an error of the app, see its log; nothing was imported"
        raise ImportFailedError(msg) from error


def _read_and_save(job: Job, settings: Settings, file: OrderFile, database: sqlite3.Connection) -> Imported:
    database.execute(_STAGE)
    rows = 0
    with job.stage("reading", share=0.9):
        orders = file.orders()
        while batch := list(islice(orders, _BATCH_ROWS)):
            database.execute("BEGIN")
            database.executemany(_STAGED, batch)
            database.execute("COMMIT")
            rows += len(batch)
            job.progress(file.bytes_done, file.bytes_total)
    with job.stage("saving"), _transaction(job, settings, database):
        (number,) = database.execute(_IMPORT, (job.id, file.name, rows)).fetchone()
        database.execute(_ORDERS, (number,))
    return Imported(rows=rows)


@contextmanager
def _transaction(job: Job, settings: Settings, database: sqlite3.Connection) -> Iterator[None]:
    """Save all that the block writes, or nothing, also if the job is cancelled meanwhile."""
    with turn_to_write(settings):
        # With nothing else in the log, it needs no room to be emptied once a transaction has found the disk full.
        database.execute(_EMPTY_LOG).fetchall()
        try:
            database.execute("BEGIN IMMEDIATE")
            database.set_progress_handler(job.check, _STEPS_BETWEEN_LOOKS)
            yield
            database.execute("COMMIT")
        finally:
            database.set_progress_handler(None, 0)
            # A full disk may have ended the transaction already: https://sqlite.org/lang_transaction.html
            if database.in_transaction:
                database.execute("ROLLBACK")
            # The disk gets back what a large transaction has left there.
            with suppress(sqlite3.Error):
                database.execute(_EMPTY_LOG).fetchall()
