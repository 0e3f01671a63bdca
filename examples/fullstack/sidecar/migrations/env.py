"""How Alembic reaches the database: over the app's connection, or for its command line that of LEDGER_DATA_DIR."""

import asyncio

from alembic import context
from sqlalchemy import Connection
from sqlmodel import SQLModel

from ledger import models  # noqa: F401 - fills the metadata
from ledger.database import Database
from ledger.desktop import load_settings


def run(connection: Connection) -> None:
    # SQLite can alter little in place; a batch makes a new table and copies.
    context.configure(connection=connection, target_metadata=SQLModel.metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    settings = asyncio.run(load_settings())
    with Database(settings).engine.begin() as own:
        run(own)
