"""Writes the figures of the long form into `docs/reliability.md`; exit code 1 when one misses what must hold."""

import datetime
import os
import platform
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from figures import rows

DOCUMENT = Path(__file__).parents[2] / "docs" / "reliability.md"
BEGIN, END = "<!-- figures: scripts/soak -->\n", "<!-- end -->"


def machine() -> str:
    """Say what the figures were measured on, and with which versions."""
    processor = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    rust = subprocess.run(["rustc", "--version"], check=True, capture_output=True, text=True).stdout.split()[1]
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], check=True, capture_output=True, text=True).stdout
    packages = ", ".join(f"{name} {version(name)}" for name in ("tauri-sidecar-bridge", "uvicorn", "pyinstaller"))
    return (
        f"{datetime.datetime.now(tz=datetime.UTC).date()}, commit {commit.strip()}, {os.cpu_count()} cores of "
        f"{processor[1] if processor else platform.machine()}, Linux {platform.release()}, debug build of Rust {rust}, "
        f"Python {platform.python_version()}, {packages}"
    )


def main() -> int:
    """Give the exit status."""
    seen = rows()
    lines = [f"| {row.fault} | {row.must} | {'' if row.holds else '**missed:** '}{row.seen} |\n" for row in seen]
    table = f"Measured: {machine()}.\n\n| fault | must hold | seen |\n|---|---|---|\n{''.join(lines)}"
    before, _, rest = DOCUMENT.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    DOCUMENT.write_text(f"{before}{BEGIN}{table}{END}{after}")
    missed = [row.fault for row in seen if not row.holds]
    print(f"{len(seen)} rows in {DOCUMENT}; missed: {', '.join(missed) or 'none'}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
