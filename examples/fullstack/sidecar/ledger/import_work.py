"""The work of one import, in a thread: read, check, stage, commit."""

import logging
import sqlite3
from collections.abc import Callable
from itertools import islice
from time import monotonic

from ledger import import_store
from ledger.database import Database
from ledger.faults import DatabaseUnusableError
from ledger.import_store import Import
from ledger.models import ImportState
from ledger.order_csv import CsvError, OrderFile

_BATCH_ROWS = 2000
_REPORT_EVERY_S = 0.1
_STEPS_BETWEEN_LOOKS = 100_000
"""Instructions of SQLite between two looks whether the import was cancelled: about a millisecond."""

_logger = logging.getLogger(__name__)


_STOPPED = {
    ImportState.CANCELLED: "cancelled; nothing was imported",
    ImportState.INTERRUPTED: import_store.INTERRUPTED,
}


class _StoppedError(Exception):
    """The import is to stop, and then in that state."""

    def __init__(self, state: ImportState) -> None:
        super().__init__(state)
        self.state = state


class ImportWork:
    """One import. Whatever happens to it, it leaves all of its orders or none."""

    def __init__(self, database: Database, file: OrderFile, begun: Import, report: Callable[[Import], None]) -> None:
        """Import `file` as `begun`; `report` gets what changes, at most ten times a second, and always the end."""
        self._database = database
        self._file = file
        self._import = begun
        self._report = report
        self._stop_as: ImportState | None = None
        self._reported_at = monotonic()

    def stop(self, state: ImportState) -> None:
        """Stop soon in that state, `cancelled` or `interrupted`, and leave nothing."""
        self._stop_as = state

    def run(self) -> None:
        """Do all of it, in this thread; what goes wrong is in the report of the end."""
        try:
            ended = self._read_and_commit()
        except _StoppedError as stopped:
            ended = self._note(stopped.state, _STOPPED[stopped.state])
        except CsvError as error:
            ended = self._note(ImportState.FAILED, f"{error}; nothing was imported")
        except DatabaseUnusableError as error:
            ended = self._note(ImportState.FAILED, str(error))
        except Exception:
            _logger.exception("import %s failed", self._import.id)
            ended = self._note(ImportState.FAILED, "an error of the app, see its log; nothing was imported")
        self._report(ended)

    def _read_and_commit(self) -> Import:
        with self._database.bulk() as connection:
            import_store.create_stage(connection)
            orders = self._file.orders()
            while batch := list(islice(orders, _BATCH_ROWS)):
                import_store.stage(connection, batch)
                self._advance(len(batch))
            self._advance(0)
            return self._commit(connection)

    def _advance(self, rows: int) -> None:
        self._check()
        rows += self._import.rows
        self._import = self._import.model_copy(update={"rows": rows, "bytes_done": self._file.bytes_done})
        if monotonic() - self._reported_at >= _REPORT_EVERY_S:
            self._reported_at = monotonic()
            self._report(self._import)

    def _commit(self, connection: sqlite3.Connection) -> Import:
        ended = self._import.ended(ImportState.DONE, f"{self._import.rows} orders imported")
        connection.set_progress_handler(lambda: self._stop_as is not None, _STEPS_BETWEEN_LOOKS)
        try:
            with self._database.committing(connection):
                self._check()
                if not import_store.commit_stage(connection, ended):
                    raise _StoppedError(ImportState.INTERRUPTED)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
                self._check()
            raise
        return ended

    def _check(self) -> None:
        if self._stop_as is not None:
            raise _StoppedError(self._stop_as)

    def _note(self, state: ImportState, message: str) -> Import:
        ended = self._import.ended(state, message)
        try:
            import_store.note_end(self._database, ended)
        except DatabaseUnusableError as error:
            # It stays `running` in the database, which the next start will call interrupted.
            _logger.warning("the end of import %s was not saved: %s", ended.id, error)
        return ended
