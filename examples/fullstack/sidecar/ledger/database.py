"""The SQLite database: opened, brought up to date, read and written."""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from shutil import disk_usage
from threading import Event, Lock

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool
from sqlmodel import Session

from ledger.connection import TurnTakenError, connect, turn_to_write
from ledger.faults import Condition, DatabaseUnusableError, fault_of, fault_of_folder
from ledger.schema import migrate
from ledger.settings import Settings

_logger = logging.getLogger(__name__)

_IMMEDIATE = {"begin": "IMMEDIATE"}
"""For transactions that write: they wait for the lock at their start, where waiting is safe, not half way through."""

_MIN_FREE_BYTES = 256 * 1024
"""What even a small change needs: the log, and what SQLite moves from it into the file."""


class Database:
    """The database of one data directory; safe to use from many threads.

    It may be locked, damaged or out of space at any time, also when the app starts. Every use then raises
    `DatabaseUnusableError`, and the first use after the cause is gone works.
    """

    def __init__(self, settings: Settings) -> None:
        """Open nothing yet."""
        self._settings = settings
        self._preparing = Lock()
        # Its own threads wait here for each other, so that "locked" always means another program.
        self._writing = Lock()
        self._ready = Event()
        self._condition: Condition = "ok"
        self.engine = _engine(settings)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a session that sees one state of the database."""
        with self._noticing_faults():
            self.prepare()
            with Session(self.engine) as session:
                yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Give a session that is committed at the end of the block, and rolled back if the block raises."""
        with self._noticing_faults():
            self.prepare()
            with (
                self._writing,
                turn_to_write(self._settings),
                Session(self.engine.execution_options(**_IMMEDIATE), expire_on_commit=False) as session,
            ):
                yield session
                session.commit()

    def prepare(self) -> None:
        """Create the file or bring its tables up to date, all of it or nothing; quick once that is done."""
        if self._ready.is_set():
            return
        with self._preparing:
            # Another thread may have been faster.
            if not self._ready.is_set():
                self._bring_up_to_date()
                self._ready.set()

    def _bring_up_to_date(self) -> None:
        try:
            self._settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            # For nobody else's eyes, in whatever folder; the files beside it get the same mode from SQLite.
            self._settings.database_path.touch(mode=0o600)
            self._settings.lock_path.touch(mode=0o600)
        except OSError as error:
            raise DatabaseUnusableError(fault_of_folder(error)) from error
        with closing(connect(self._settings)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
        with self.engine.execution_options(**_IMMEDIATE).begin() as connected:
            migrate(connected)

    def condition(self) -> Condition:
        """Try whether the database can be written; once it is up to date, without waiting for another program."""
        if not self._writing.acquire(blocking=False):
            return self._condition
        try:
            with self._noticing_faults():
                self.prepare()
                with closing(connect(self._settings, timeout_s=0)) as connection:
                    connection.execute("SELECT count(*) FROM users").fetchone()
                    with turn_to_write(self._settings, timeout_s=0):
                        connection.execute("BEGIN IMMEDIATE")
                        connection.execute("ROLLBACK")
            if disk_usage(self._settings.data_dir).free < _MIN_FREE_BYTES:
                return "full"
        except TurnTakenError:
            _logger.debug("an import is being saved")
        except DatabaseUnusableError as error:
            _logger.debug("the database is %s", error.fault.condition)
        finally:
            self._writing.release()
        return self._condition

    def close(self) -> None:
        """Close the idle connections."""
        self.engine.dispose()

    @contextmanager
    def _noticing_faults(self) -> Iterator[None]:
        try:
            yield
        except DatabaseUnusableError as error:
            self._condition = error.fault.condition
            raise
        except (DBAPIError, sqlite3.Error) as error:
            fault = fault_of(error)
            if fault is None:
                raise
            self._condition = fault.condition
            if fault.condition in {"corrupt", "unreadable"}:
                # Another file may take its place: open that one, and look whether its tables are up to date.
                self._ready.clear()
                self.engine.dispose()
            raise DatabaseUnusableError(fault) from error
        self._condition = "ok"


def _engine(settings: Settings) -> Engine:
    engine = create_engine("sqlite://", creator=lambda: connect(settings), poolclass=QueuePool, max_overflow=40)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        mode = connection.get_execution_options().get("begin", "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {mode}")

    return engine
