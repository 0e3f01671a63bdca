"""A database that is damaged, locked or gone: the app says so, changes nothing, and goes on when it is whole again."""

import shutil
import sqlite3
from contextlib import closing

from ledger import LEDGER, fresh, home, opened


def test_a_damaged_database_is_told_left_alone_and_can_be_replaced() -> None:
    with home() as at:
        with opened(at) as ledger:
            ledger.set_up()
        at.screen.expect_nothing_left()
        copy = at.directory / "copy.db"
        shutil.copy(at.database, copy)
        damaged = b"This is no database. " * 1000
        at.database.write_bytes(damaged)
        with opened(at) as ledger:
            ledger.says("The database `ledger.db` is damaged; nothing was changed; restore a copy.")
            assert at.database.read_bytes() == damaged
            shutil.copy(copy, at.database)
            ledger.press("Try again")
            ledger.log_in()
            ledger.see("heading", "Dashboard")


def test_a_locked_database_is_told_and_the_form_keeps_what_was_typed() -> None:
    with fresh() as ledger:
        ledger.set_up()
        ledger.log_out()
        with closing(sqlite3.connect(ledger.home.database, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            ledger.log_in()
            ledger.says("The database is locked by another program; close it and try again.")
            other.execute("ROLLBACK")
        ledger.log_in()
        ledger.see("heading", "Dashboard")


def test_a_server_that_does_not_start_is_told_and_can_be_started_again() -> None:
    program = LEDGER.binary().parents[1] / "lib/ledger/sidecar/python/python"
    aside = program.rename(program.with_name("aside"))
    try:
        with fresh() as ledger:
            ledger.says("The server does not start: ")
            aside.rename(program)
            ledger.press("Start it again")
            ledger.see("heading", "Welcome")
    finally:
        if aside.exists():
            aside.rename(program)
