"""Figures in documents: what they were measured on, and the place that a script writes them to."""

from __future__ import annotations

import datetime
import os
import platform
import re
import subprocess
from importlib.metadata import version
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def machine(build: str, *packages: str) -> str:
    """What the figures were measured on, and with which versions; `build` says how the Rust code was built."""
    processor = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    versions = ", ".join(f"{name} {version(name)}" for name in ("tauri-sidecar-bridge", "uvicorn", *packages))
    rust = _output("rustc", "--version").split()[1]
    return (
        f"{datetime.datetime.now(tz=datetime.UTC).date()}, commit {_output('git', 'rev-parse', '--short', 'HEAD')}, "
        f"{os.cpu_count()} cores of {processor[1] if processor else platform.machine()}, Linux {platform.release()}, "
        f"{build} build of Rust {rust}, Python {platform.python_version()}, {versions}"
    )


def write(document: str, script: str, text: str) -> None:
    """Puts a text where the document has place for the figures of that script."""
    begin, end = f"<!-- figures: {script} -->\n", "<!-- end -->"
    path = DOCS / document
    before, found, rest = path.read_text().partition(begin)
    if not found:
        msg = f"{path} has no place for figures; add `{begin.strip()}` and `{end}` to it"
        raise ValueError(msg)
    path.write_text(f"{before}{begin}{text}{end}{rest.partition(end)[2]}")


def _output(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
