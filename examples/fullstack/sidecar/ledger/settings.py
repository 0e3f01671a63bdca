"""What can be set, and where the app keeps what it stores."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that tests or a deployment may want to be different."""

    data_dir: Path
    busy_timeout_ms: int = 3000
    """How long to wait for another program that has locked the database."""
    session_life: timedelta = timedelta(hours=8)
    max_import_bytes: int = 256 * 1024 * 1024
    max_database_bytes: int | None = None
    """How large the database may become; as large as the disk has room for, unless given."""

    @property
    def database_path(self) -> Path:
        """The SQLite file."""
        return self.data_dir / "ledger.db"

    @property
    def lock_path(self) -> Path:
        """The file that a process locks which writes to the database."""
        return self.data_dir / "writer.lock"
