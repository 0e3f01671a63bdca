"""Writes what `cargo bench` has measured last, the codec and the router, to docs/benchmarks.md."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from document import machine, write


def main() -> int:
    """Give the exit code."""
    lines = []
    for estimates in sorted(Path(sys.argv[1]).glob("**/new/estimates.json")):
        name = json.loads(estimates.with_name("benchmark.json").read_text())["full_id"]
        median = json.loads(estimates.read_text())["median"]
        interval = median["confidence_interval"]
        figures = (median["point_estimate"], interval["lower_bound"], interval["upper_bound"])
        lines.append("| {} | {:,.2f} | {:,.2f} to {:,.2f} |\n".format(name, *(ns / 1000 for ns in figures)))
    table = f"| | median µs | 95 % interval |\n|---|--:|--:|\n{''.join(lines)}"
    print(table)
    write("benchmarks.md", "scripts/bench micro", f"Measured: {machine('release')}.\n\n{table}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
