"""Imports in the database: what is known of them, and the one transaction that makes one `done`."""

import sqlite3
from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict
from sqlmodel import Session, col, select

from ledger.database import Database
from ledger.models import ImportRow, ImportState, UtcDateTime, now

_NEWEST = 100
_LARGEST_ID = 2**63 - 1

INTERRUPTED = "the app ended during the import, and it was rolled back; import the file again"


class Import(BaseModel):
    """An import of a CSV file. Only a `done` one has left orders behind."""

    model_config = ConfigDict(from_attributes=True, frozen=True)

    id: int
    file_name: str
    state: ImportState
    rows: int
    bytes_done: int
    bytes_total: int
    message: str
    started_at: datetime
    finished_at: datetime | None

    def ended(self, state: ImportState, message: str) -> "Import":
        """Give this import as it is after its end."""
        return self.model_copy(update={"state": state, "message": message, "finished_at": now()})

    @property
    def fraction(self) -> float:
        """How much of the file is read, from 0 to 1."""
        return self.bytes_done / self.bytes_total if self.bytes_total else 0.0


def interrupt_running(session: Session) -> None:
    """Say of imports that no process works on any more that they were interrupted; their orders were never there."""
    for row in session.exec(select(ImportRow).where(col(ImportRow.state) == ImportState.RUNNING)):
        row.state, row.message, row.finished_at = ImportState.INTERRUPTED, INTERRUPTED, now()
        session.add(row)


def begin(database: Database, file_name: str, bytes_total: int) -> Import:
    """Note that an import runs."""
    with database.writing() as session:
        row = ImportRow(file_name=file_name, bytes_total=bytes_total)
        session.add(row)
        session.flush()
        return Import.model_validate(row)


def newest(database: Database) -> list[Import]:
    """Give the last imports, newest first."""
    with database.reading() as session:
        rows = session.exec(select(ImportRow).order_by(col(ImportRow.id).desc()).limit(_NEWEST))
        return [Import.model_validate(row) for row in rows]


def find(database: Database, import_id: int) -> Import | None:
    """Give one import."""
    if not 0 < import_id <= _LARGEST_ID:
        return None
    with database.reading() as session:
        row = session.get(ImportRow, import_id)
        return None if row is None else Import.model_validate(row)


def note_end(database: Database, ended: Import) -> None:
    """Note how an import ended that has left nothing."""
    with database.writing() as session:
        row = session.get_one(ImportRow, ended.id)
        row.sqlmodel_update(ended.model_dump(exclude={"id"}))
        session.add(row)


def create_stage(connection: sqlite3.Connection) -> None:
    """Make room for rows that are read and checked, but not imported yet: in a temporary file of this connection.

    So the database is not locked for as long as the file is read, and rows that never become orders never touch it.
    """
    connection.execute(
        "CREATE TEMP TABLE stage "
        "(ordered_on TEXT, customer TEXT, product TEXT, quantity INTEGER, unit_price_cents INTEGER)"
    )


def stage(connection: sqlite3.Connection, orders: Sequence[tuple[str, str, str, int, int]]) -> None:
    """Add rows to the stage."""
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO temp.stage VALUES (?, ?, ?, ?, ?)", orders)
    connection.execute("COMMIT")


def commit_stage(connection: sqlite3.Connection, ended: Import) -> bool:
    """Make orders of all staged rows and the import `done`, in the transaction that the connection is in.

    False if the import does not run any more: a second copy of the app has called it interrupted.
    """
    finished_at = UtcDateTime().process_bind_param(ended.finished_at)
    updated = connection.execute(
        "UPDATE imports SET state = ?, rows = ?, bytes_done = ?, message = ?, finished_at = ? "
        "WHERE id = ? AND state = 'running'",
        (ended.state.value, ended.rows, ended.bytes_done, ended.message, str(finished_at), ended.id),
    )
    connection.execute(
        "INSERT INTO orders (import_id, ordered_on, customer, product, quantity, unit_price_cents) "
        "SELECT ?, ordered_on, customer, product, quantity, unit_price_cents FROM temp.stage",
        (ended.id,),
    )
    return updated.rowcount == 1
