"""What can be set, and where the app keeps what it stores."""

import os
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sidecar_bridge.fastapi import get_host

from ledger.bindings import AsyncCommands

_HOST_TIMEOUT_S = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that tests or a deployment may want to be different."""

    data_dir: Path
    busy_timeout_ms: int = 3000
    """How long to wait for another program that has locked the database."""
    session_life: timedelta = timedelta(hours=8)
    max_import_bytes: int = 256 * 1024 * 1024

    @property
    def database_path(self) -> Path:
        """The SQLite file."""
        return self.data_dir / "ledger.db"


async def load_settings() -> Settings:
    """Give the settings; the data directory is that of `LEDGER_DATA_DIR`, else the one that the Tauri app names."""
    chosen = os.environ.get("LEDGER_DATA_DIR")
    if not chosen:
        chosen = await AsyncCommands(await get_host(), timeout_s=_HOST_TIMEOUT_S).data_dir()
    return Settings(data_dir=Path(chosen))
