"""What can be wrong with the database, in words for the person in front of it."""

import sqlite3
from dataclasses import dataclass, replace
from errno import ENOSPC
from typing import Literal

Condition = Literal["ok", "locked", "corrupt", "full", "unreadable"]
"""How the database is."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A failure of the database that is not the program's own: how to report it over HTTP."""

    condition: Condition
    status: int
    detail: str


_LOCKED = Fault("locked", 503, "the database is locked by another program; close it and try again")
_CORRUPT = Fault("corrupt", 503, "the database `ledger.db` is damaged; nothing was changed; restore a copy")
_FULL = Fault("full", 507, "the disk is full; free space and try again; nothing was saved")
_UNREADABLE = Fault(
    "unreadable",
    503,
    "the database `ledger.db` cannot be read or written ({}); check the disk and its permissions; nothing was saved",
)

# The primary result codes of https://sqlite.org/rescode.html; what is not here is a mistake in the program.
_FAULTS = {
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_CORRUPT: _CORRUPT,
    sqlite3.SQLITE_NOTADB: _CORRUPT,
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_CANTOPEN: _UNREADABLE,
    sqlite3.SQLITE_IOERR: _UNREADABLE,
    sqlite3.SQLITE_READONLY: _UNREADABLE,
    sqlite3.SQLITE_PERM: _UNREADABLE,
}


class DatabaseUnusableError(Exception):
    """The database cannot be used now, for a reason outside of the program; nothing was changed."""

    def __init__(self, fault: Fault) -> None:
        """Fail for that reason."""
        super().__init__(fault.detail)
        self.fault = fault


def fault_of(error: Exception) -> Fault | None:
    """Give the fault behind an error of SQLAlchemy or sqlite3; `None` when it is a mistake of the program."""
    # SQLAlchemy's errors are around those of sqlite3. Workers import this, and no SQLAlchemy.
    cause: object = getattr(error, "orig", error)
    fault = _FAULTS.get(getattr(cause, "sqlite_errorcode", 0) & 0xFF)
    return _unreadable(str(cause)) if fault is _UNREADABLE else fault


def fault_of_folder(error: OSError) -> Fault:
    """Give the fault behind a data directory that cannot be made."""
    return _FULL if error.errno == ENOSPC else _unreadable(str(error.strerror))


def _unreadable(reason: str) -> Fault:
    return replace(_UNREADABLE, detail=_UNREADABLE.detail.format(reason))
