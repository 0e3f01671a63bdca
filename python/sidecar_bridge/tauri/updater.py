"""Types of Tauri's plugin updater: newer versions of the app."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """How much of an update was downloaded.

    Attributes:
        downloaded: The bytes so far.
        total: The bytes of the whole; `None` if the server does not say it.
    """

    downloaded: int
    total: int | None
