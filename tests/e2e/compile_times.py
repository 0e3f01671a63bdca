"""How long cargo compiled what, as `cargo build --timings` says."""

import itertools
import json
import re
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple


class Unit(NamedTuple):
    """One run of the compiler, or of a build script."""

    crate: str
    """Its name and its version, with a blank between them."""
    start_s: float
    end_s: float


def read(report: Path) -> list[Unit]:
    """The units of a report of cargo's."""
    listed = re.search(r"^const UNIT_DATA = (\[.*?^\]);$", report.read_text(), re.MULTILINE | re.DOTALL)
    if listed is None:
        raise ValueError(f"{report} has no `UNIT_DATA`; see what this cargo writes instead")
    return [
        Unit(f"{unit['name']} {unit['version']}", unit["start"], unit["start"] + unit["duration"])
        for unit in json.loads(listed[1])
    ]


def needed_by_tauri(manifest: Path) -> set[str]:
    """The crates that any Tauri app compiles, of those of an app: Tauri, its build script, and all that they need."""
    tree = ["cargo", "tree", "--offline", "--manifest-path", str(manifest), "--prefix=none", "--edges=normal,build"]
    roots = ["--package=tauri", "--package=tauri-build"]
    listed = subprocess.run([*tree, *roots, "--format={p}"], check=True, capture_output=True, text=True, timeout=120)
    crates = {" ".join(line.split()[:2]).replace(" v", " ") for line in listed.stdout.splitlines() if line}
    # Bindings want these; Tauri has them behind a feature.
    return {crate for crate in crates if not crate.startswith("specta")}


def share_s(units: Iterable[Unit], counts: Callable[[Unit], bool]) -> float:
    """How long those that count took, where each moment is shared by all that run in it."""
    units = list(units)
    moments = sorted({moment for unit in units for moment in (unit.start_s, unit.end_s)})
    total_s = 0.0
    for start_s, end_s in itertools.pairwise(moments):
        running = [unit for unit in units if unit.start_s <= start_s and unit.end_s >= end_s]
        if running:
            total_s += (end_s - start_s) * sum(map(counts, running)) / len(running)
    return total_s
