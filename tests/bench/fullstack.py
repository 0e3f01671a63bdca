"""How long the full-stack example, as it is installed, takes from its start until it can be used, and its memory.

It is driven by WebDriver, which asks the page every 20 ms. Nothing is a target.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1] / "e2e"))
sys.path.insert(0, str(Path(__file__).parents[1] / "fullstack"))

from desktop import until
from document import machine
from ledger import Home, home, opened, package, unpacked
from targets import Row, conclude

SETTLE_S = 8.0
"""Until what the start has left to do is done."""

PROCESSES = {
    "host": r"/usr/bin/ledger$",
    "page": r"/WebKitWebProcess ",
    "sidecar": r"/sidecar/python/python$",
    "network process of WebKit": r"/WebKitNetworkProcess ",
}


class Start(NamedTuple):
    """What one start has shown."""

    usable_ms: float
    """From the start of the process to the form to log in."""
    pss_mib: dict[str, float]
    """The memory of each process, with its share of what several have."""


def pid_of(at: Home, process: str) -> int:
    """The process id."""
    words = re.compile(PROCESSES[process])

    def find() -> int | None:
        return next((pid for pid, line in at.screen.processes().items() if words.search(line)), None)

    return until(process, find)


def age_ms(pid: int) -> float:
    """How long a process has been there; the kernel counts in 10 ms."""
    ticks = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
    return (time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")) * 1000


def pss_mib(pid: int) -> float:
    """The memory that a process has, with its share of what several have."""
    found = re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1]) / 1024


def start(at: Home) -> Start:
    """Start the app, log in, let it settle and measure."""
    with opened(at) as ledger:
        until("the form", lambda: ledger.find("button", "Log in"))
        usable_ms = age_ms(pid_of(at, "host"))
        ledger.log_in()
        ledger.see("heading", "Dashboard")
        time.sleep(SETTLE_S)
        found = Start(usable_ms, {process: pss_mib(pid_of(at, process)) for process in PROCESSES})
    at.screen.expect_nothing_left()
    return found


def sizes_mib() -> tuple[float, float]:
    """The size of the package, and of what it installs."""
    installed = subprocess.run(
        ["dpkg-deb", "-f", package(), "Installed-Size"], check=True, capture_output=True, text=True
    )
    return package().stat().st_size / 2**20, int(installed.stdout) / 1024


def rows_of(starts: list[Start]) -> list[Row]:
    """What was seen; nothing of it is a target."""
    times = sorted(one.usable_ms for one in starts)
    package_mib, installed_mib = sizes_mib()
    seen = {
        "start to the form to log in": f"{statistics.median(times):.0f} ms ({times[0]:.0f} to {times[-1]:.0f})",
        **{f"memory (PSS), {process}": f"{median_mib(starts, process):.1f} MiB" for process in PROCESSES},
        "package (.deb)": f"{package_mib:.1f} MiB; installed {installed_mib:.1f} MiB",
    }
    return [Row(what, "", figure, holds=True) for what, figure in seen.items()]


def median_mib(starts: list[Start], process: str) -> float:
    """The memory of a process in the middle of all starts."""
    return statistics.median(one.pss_mib[process] for one in starts)


def main() -> int:
    """Measure, print, write, and give the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="how often the app is started")
    rounds = parser.parse_args().rounds
    with unpacked(), home() as at:
        with opened(at) as ledger:
            ledger.set_up()
        at.screen.expect_nothing_left()
        starts = [start(at) for _ in range(rounds)]
    return conclude("fullstack", f"{machine('release', 'fastapi')}; {rounds} starts", rows_of(starts))


if __name__ == "__main__":
    sys.exit(main())
