"""What a check says."""

from __future__ import annotations

from typing import Literal, NamedTuple

_DOCS = "https://github.com/tauri-plugin-sidecar-bridge/tauri-plugin-sidecar-bridge/blob/main/docs/doctor.md"

Level = Literal["error", "warning", "note"]
"""An error keeps the app from working, a warning may, a note is good to know."""


class Finding(NamedTuple):
    """One thing that was found."""

    level: Level
    check: str
    """Which check found it; its name is that of a section of the documentation."""
    message: str
    """What it is, with the value."""
    remedy: str

    @property
    def link(self) -> str:
        """Where the documentation says more."""
        return f"{_DOCS}#{self.check}"

    @property
    def line(self) -> str:
        """All of it in one line."""
        return f"{self.level:7}  {self.check}: {self.message}; {self.remedy} ({self.link})"
