"""How long the full-stack example, as it is installed, takes from its start until it can be used, and its memory.

It is driven by WebDriver. With `--before PACKAGE`, such as the package of the build before a change, both are
started in turn, and the figures have targets.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1] / "e2e"))
sys.path.insert(0, str(Path(__file__).parents[1] / "fullstack"))

from desktop import until
from document import machine
from figures import keep_as_is
from ledger import LEDGER, Home, home, opened, package, unpack
from start_steps import Steps, lengths, steps, usable_at_ms
from targets import Row, conclude

SETTLE_S = 8.0
"""Until what the start has left to do is done."""

PROCESSES = {
    "host": r"/usr/bin/ledger$",
    "page": r"/WebKitWebProcess ",
    "sidecar": r"/sidecar/python/python$",
    "network process of WebKit": r"/WebKitNetworkProcess ",
}

USABLE, OWN_START, INSTALLED = 0.75, 0.6, 0.8
"""How large the figures may be, as parts of those of before."""


class Start(NamedTuple):
    """What one start has shown."""

    steps: Steps
    pss_mib: dict[str, float]
    """The memory of each process, with its share of what several have."""


def pid_of(at: Home, process: str) -> int:
    """The process id."""
    words = re.compile(PROCESSES[process])

    def find() -> int | None:
        return next((pid for pid, line in at.screen.processes().items() if words.search(line)), None)

    return until(process, find)


def pss_mib(pid: int) -> float:
    """The memory that a process has, with its share of what several have."""
    found = re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1]) / 1024


def start(at: Home, program: Path) -> Start:
    """Start the app, log in, let it settle and measure."""
    os.environ[LEDGER.variable] = str(program)
    with opened(at) as ledger:
        usable_ms = usable_at_ms(ledger.driver)
        found = steps(ledger.driver, usable_ms, pid_of(at, "host"), pid_of(at, "sidecar"))
        ledger.log_in()
        ledger.see("heading", "Dashboard")
        time.sleep(SETTLE_S)
        memory = {process: pss_mib(pid_of(at, process)) for process in PROCESSES}
    at.screen.expect_nothing_left()
    return Start(found, memory)


def sizes_mib(deb: Path) -> tuple[float, float]:
    """The size of the package, and of what it installs."""
    installed = subprocess.run(["dpkg-deb", "-f", deb, "Installed-Size"], check=True, capture_output=True, text=True)
    return deb.stat().st_size / 2**20, int(installed.stdout) / 1024


def rows_of(starts: Sequence[Start], before: Sequence[Start], debs: Sequence[Path]) -> list[Row]:
    """What was seen, against before where there is one; nothing else is a target."""
    own: Callable[[Steps], float] = lambda one: one.ready - one.spawned  # noqa: E731 - one of two
    sizes = [sizes_mib(deb) for deb in debs]
    rows = [
        part("start to the form to log in", USABLE, starts, before, lambda one: one.usable),
        part("the sidecar's own start, spawn to Ready", OWN_START, starts, before, own),
        Row("package (.deb)", "", " and ".join(f"{deb_mib:.1f} MiB" for deb_mib, _ in sizes), holds=True),
    ]
    (_, installed), *others = sizes
    if others:
        ratio = installed / others[0][1]
        seen = f"{ratio:.2f} × ({installed:.1f} and {others[0][1]:.1f} MiB)"
        rows.append(Row("installed", f"≤ {INSTALLED:g} × before", seen, ratio <= INSTALLED))
    else:
        rows.append(Row("installed", "", f"{installed:.1f} MiB", holds=True))
    for process in PROCESSES:
        seen = " and ".join(f"{median_mib(side, process):.1f} MiB" for side in (starts, before) if side)
        rows.append(Row(f"memory (PSS), {process}", "", seen, holds=True))
    return rows


def part(what: str, most: float, starts: Sequence[Start], before: Sequence[Start], of: Callable[[Steps], float]) -> Row:
    """The row of a time that is a part of the time of before."""
    times = sorted(of(one.steps) for one in starts)
    now = statistics.median(times)
    if not before:
        return Row(what, "", f"{now:.0f} ms ({times[0]:.0f} to {times[-1]:.0f})", holds=True)
    was = statistics.median(of(one.steps) for one in before)
    return Row(what, f"≤ {most:g} × before", f"{now / was:.2f} × ({now:.0f} and {was:.0f} ms)", now / was <= most)


def median_mib(starts: Sequence[Start], process: str) -> float:
    """The memory of a process in the middle of all starts."""
    return statistics.median(one.pss_mib[process] for one in starts)


def table_of(sides: dict[str, dict[str, dict[str, float]]]) -> str:
    """How long each step takes."""
    lines = [f"| | {' | '.join(f'{side}, ms' for side in sides)} |\n", f"|---|{'--:|' * len(sides)}\n"]
    first = next(iter(sides.values()))
    for lane, names in first.items():
        lines += [
            f"| {lane}: {name} | {' | '.join(f'{one[lane][name]:.0f}' for one in sides.values())} |\n" for name in names
        ]
    return "".join(lines)


def main() -> int:
    """Measure, print, write, and give the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="how often the app is started")
    parser.add_argument("--before", type=Path, metavar="PACKAGE", help="another .deb of the app, to compare with")
    given = parser.parse_args()
    debs = [package(), *([given.before.resolve()] if given.before else [])]
    with TemporaryDirectory(prefix="ledger-packages-") as name:
        programs = [unpack(deb, Path(name) / str(number)) for number, deb in enumerate(debs)]
        os.environ[LEDGER.variable] = str(programs[0])
        found: list[list[Start]] = [[] for _ in programs]
        with home() as at:
            with opened(at) as ledger:
                ledger.set_up()
            at.screen.expect_nothing_left()
            for turn in range(given.rounds):
                pairs = list(zip(programs, found, strict=True))
                for program, starts in pairs if turn % 2 == 0 else pairs[::-1]:
                    starts.append(start(at, program))
    starts, *others = found
    sides = dict(zip(("now", "before"), ([one.steps for one in side] for side in found), strict=False))
    split = {side: lengths(one) for side, one in sides.items()}
    keep_as_is("fullstack", split)
    measured = f"{machine('release', 'fastapi')}; {given.rounds} starts"
    rows = rows_of(starts, others[0] if others else [], debs)
    return conclude(
        "fullstack", measured, rows, [("The steps of a start; those of a lane follow each other", table_of(split))]
    )


if __name__ == "__main__":
    sys.exit(main())
