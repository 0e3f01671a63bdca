"""Compares this build with another one, such as the build before a change: both in turn, on the same machine.

`python tests/bench/before.py OTHER SUBJECT… --turns 5` runs the benchmark of each subject in the checkout OTHER and in
this one, turn by turn, and compares the medians of each row's own figure. Both have to be built as `scripts/bench`
builds them.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

HERE = Path(__file__).parents[2]

LEAST = 0.97
"""How fast this build has to be at least, as a part of the other one's speed."""

LENGTHS = {
    "calls": [],
    "client": ["--rounds", "3", "--calls", "1000"],
    "bodies": ["--rounds", "3"],
    "events": ["--rounds", "1"],
    "sidecar": ["--rounds", "4", "--calls", "800"],
    "window": ["--rounds", "3"],
    "guest": ["--rounds", "8", "--file-mib", "256"],
    "startup": ["--rounds", "4"],
}

_ROW = re.compile(r"^(?:ok|MISSED)?\s+(?P<what>\S.*?)\s{2,}.*\((?P<ours>[\d,.]+)[^()]*?(?P<unit>µs|ms|s|per s|MiB)\)$")

_RATE = re.compile(r"^(?:ok|MISSED)?\s+(?P<what>\S.*?)\s{2,}.*?(?P<ours>[\d,.]+) (?P<unit>per s) came")
"""The rows of `events`, which have no peer."""


def measure(checkout: Path, target: Path, subject: str) -> dict[str, tuple[float, str]]:
    """Run one benchmark once, and give our own figure of each row with its unit."""
    release = target / "release"
    env = {
        **os.environ,
        "PATH": f"{checkout / '.venv/bin'}:{os.environ['PATH']}",
        "PYTHONPATH": str(HERE / ".build/bench-packages") if subject in {"client", "bodies"} else "",
        "SIDECAR_BRIDGE_TEST_HOST": str(release / "test-host"),
        "SIDECAR_BRIDGE_WEBVIEW_TEST": str(release / "webview-test"),
        "SIDECAR_BRIDGE_BENCH_ECHO": str(release / "echo"),
        "SIDECAR_BRIDGE_BENCH_FLOOR": str(release / "floor"),
        "SIDECAR_BRIDGE_BENCH_ASK_SIDECAR": str(release / "ask_sidecar"),
    }
    # A commit from before `calls` has none; all other subjects are measured as each knew it.
    script = (HERE if subject == "calls" else checkout) / f"tests/bench/{subject}.py"
    command = [str(checkout / ".venv/bin/python"), str(script), *LENGTHS[subject]]
    # A benchmark writes its figures there; those of a comparison are too short for that.
    document = checkout / "docs/benchmarks.md"
    kept = document.read_text()
    try:
        done = subprocess.run(command, check=False, env=env, cwd=checkout, capture_output=True, text=True, timeout=900)
    finally:
        document.write_text(kept)
    found = {}
    for line in done.stdout.splitlines():
        if row := _ROW.match(line) or _RATE.match(line):
            found[row["what"]] = (float(row["ours"].replace(",", "")), row["unit"])
    if not found:
        sys.exit(f"{subject} in {checkout} has no rows:\n{done.stdout}{done.stderr}")
    return found


def speeds(other: Path, target: Path, subject: str, turns: int) -> list[tuple[str, float, float, float, str]]:
    """Each row's median there and here, and the speed here as a part of the speed there."""
    seen: dict[str, tuple[list[float], list[float], str]] = defaultdict(lambda: ([], [], ""))
    for turn in range(turns):
        sides = [(0, other, target), (1, HERE, HERE / "target")]
        for side, checkout, built in sides if turn % 2 == 0 else sides[::-1]:
            for what, (figure, unit) in measure(checkout, built, subject).items():
                there, here, _ = seen[what]
                (there, here)[side].append(figure)
                seen[what] = (there, here, unit)
    rows = []
    for what, (there, here, unit) in seen.items():
        if there and here:
            before, now = statistics.median(there), statistics.median(here)
            speed = now / before if unit == "per s" else before / now
            rows.append((what, before, now, speed, unit))
    return rows


def main() -> int:
    """Print a table for each subject; 1 when a row is slower than it may be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("other", type=Path, help="the other checkout")
    parser.add_argument("subjects", nargs="+", choices=LENGTHS)
    parser.add_argument("--target", type=Path, help="the other checkout's target directory")
    parser.add_argument("--turns", type=int, default=5, help="how often each side is measured")
    arguments = parser.parse_args()
    slower = 0
    for subject in arguments.subjects:
        print(f"\n| {subject} | before | now | speed |\n|---|--:|--:|--:|", flush=True)
        target = arguments.target or arguments.other / "target"
        for what, before, now, speed, unit in speeds(arguments.other, target, subject, arguments.turns):
            slow = speed < LEAST
            slower += slow
            print(f"| {what} | {before:,.1f} {unit} | {now:,.1f} {unit} | {'**' if slow else ''}{speed:.2f} ×", end="")
            print(f"{'**' if slow else ''} |", flush=True)
    print(f"\n{slower} rows below {LEAST} ×")
    return 1 if slower else 0


if __name__ == "__main__":
    sys.exit(main())
