"""Writes the figures of the long form into `docs/reliability.md`; exit code 1 when one misses what must hold."""

import sys
from pathlib import Path

from figures import rows

sys.path.insert(0, str(Path(__file__).parents[1] / "bench"))

from document import machine, write


def main() -> int:
    """Give the exit status."""
    seen = rows()
    lines = [f"| {row.fault} | {row.must} | {'' if row.holds else '**missed:** '}{row.seen} |\n" for row in seen]
    table = f"| fault | must hold | seen |\n|---|---|---|\n{''.join(lines)}"
    write("reliability.md", "scripts/soak", f"Measured: {machine('debug', 'pyinstaller')}.\n\n{table}")
    missed = [row.fault for row in seen if not row.holds]
    print(f"{len(seen)} rows; missed: {', '.join(missed) or 'none'}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
