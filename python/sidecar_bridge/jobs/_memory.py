"""How much memory a job may have, where the system keeps to a limit."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

CAN_LIMIT = sys.platform == "linux"
"""Whether the system keeps to a limit. macOS takes one and does not keep to it; Windows has none of this kind."""


@contextmanager
def limited(most: int | None) -> Iterator[None]:
    """Let this process have so many bytes of data at most, with what it has already; more is a `MemoryError`."""
    if most is None or sys.platform != "linux":
        yield
        return
    import resource  # noqa: PLC0415 - Unix has it

    # Not the address space: libraries reserve much of it that they never use.
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (most if hard < 0 else min(most, hard), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))
