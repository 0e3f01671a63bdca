"""What the faults cost: each test notes its figures, and the long form keeps them in `docs/reliability.md`."""

from __future__ import annotations

import json
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

_FILE = Path(__file__).parents[2] / ".build" / "faults.jsonl"


class Row(NamedTuple):
    """A fault, what must hold, what was seen, and whether it holds."""

    fault: str
    must: str
    seen: str
    holds: bool


def note(fault: str, must: str, seen: str, *, holds: bool = True) -> None:
    """Print a row, and keep it for the report. A figure of time never fails a test: it would measure the machine."""
    row = Row(fault, must, seen, holds)
    print(f"\n{'held' if holds else 'MISSED'}: {fault}: {seen} (must: {must})")
    _FILE.parent.mkdir(exist_ok=True)
    with _FILE.open("a") as file:
        file.write(json.dumps(row) + "\n")


def p99(values: Sequence[float]) -> float:
    """Give the value that 99 of 100 are not over."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]


def spread(values: Sequence[float], unit: str = "ms") -> str:
    """Say the middle and the end of measurements."""
    return f"p50 {statistics.median(values):.1f}, p99 {p99(values):.1f}, max {max(values):.1f} {unit} of {len(values)}"


def rows() -> list[Row]:
    """Give what was noted since the file was removed."""
    return [Row(*json.loads(line)) for line in _FILE.read_text().splitlines()]
