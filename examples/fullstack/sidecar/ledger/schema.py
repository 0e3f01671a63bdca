"""Bringing the tables up to date with Alembic."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

MIGRATIONS = Path(__file__).parent.parent / "migrations"
"""Beside this package: also in a bundle of PyInstaller, where the folder is added as data."""


def migrate(connection: Connection) -> None:
    """Bring the tables up to date in the transaction that the connection is in."""
    config = Config()
    # ConfigParser reads `%` as the start of a variable.
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
