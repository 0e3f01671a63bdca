"""What the plugin costs an app that does nothing: memory and wake-ups, with a real window and one sidecar.

The same app is started with the plugin and without it, in turn. Exit code 1 when a target is missed.
"""

from __future__ import annotations

import argparse
import re
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1] / "e2e"))

from desktop import WEBVIEW_TEST, Desktop, desktop, started, until
from document import machine
from targets import Row, conclude

SETTLE_S = 8.0
"""A connection that idles is closed after 5 s; then nothing is left to do."""

Wakeups = dict[str, float]


class Footprint(NamedTuple):
    """What one start has shown."""

    memory_mib: dict[str, float]
    """`VmRSS` of the host, and its parts."""
    host: Wakeups
    """Wake-ups per second, by the name of the thread."""
    sidecar: Wakeups


def footprint(screen: Desktop, watch_s: float, *, plugin: bool) -> Footprint:
    """Start the app, let it settle, and watch it do nothing."""
    # Its second server is uvicorn as it is, which looks around ten times a second.
    env = {"WEBVIEW_TEST_NO_PORT": "1"} | ({} if plugin else {"WEBVIEW_TEST_WITHOUT_PLUGIN": "1"})
    with started(screen, **env) as process:
        sidecar = screen.sidecar() if plugin else None
        time.sleep(SETTLE_S)
        pids = [process.pid, *([sidecar] if sidecar else [])]
        before = [switches(pid) for pid in pids]
        time.sleep(watch_s)
        rates = [rate(switches(pid), earlier, watch_s) for pid, earlier in zip(pids, before, strict=True)]
        found = Footprint(memory_mib(process.pid), rates[0], rates[1] if sidecar else {})
        screen.close_window()
        until("the app's end", lambda: process.poll() is not None)
    screen.expect_no_process()
    return found


def memory_mib(pid: int) -> dict[str, float]:
    """The resident memory of a process, and how much of it is its own and how much is of files."""
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.findall(r"^(VmRSS|RssAnon|RssFile):\s+(\d+) kB", status, re.MULTILINE)
    return {name: int(kib) / 1024 for name, kib in found}


def switches(pid: int) -> dict[tuple[str, str], int]:
    """How often each thread has waited for something; the threads by number and name."""
    found = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        status = (task / "status").read_text()
        count = re.search(r"^voluntary_ctxt_switches:\s+(\d+)", status, re.MULTILINE)
        assert count is not None
        found[task.name, (task / "comm").read_text().strip()] = int(count[1])
    return found


def rate(now: dict[tuple[str, str], int], before: dict[tuple[str, str], int], watch_s: float) -> Wakeups:
    """Wake-ups per second of the threads of each name."""
    found: Wakeups = {}
    for (number, name), count in now.items():
        found[name] = found.get(name, 0) + (count - before.get((number, name), 0)) / watch_s
    return found


def mean(rates: Sequence[Wakeups]) -> Wakeups:
    """Wake-ups per second over all starts."""
    names = {name for one in rates for name in one}
    return {name: statistics.fmean(one.get(name, 0) for one in rates) for name in sorted(names)}


def named(rates: Wakeups) -> str:
    """The threads that woke up."""
    return ", ".join(f"`{name}` {count:.2f}" for name, count in rates.items() if abs(count) >= 0.01) or "none"


def rows_of(found: dict[bool, list[Footprint]]) -> tuple[list[Row], str]:
    """The targets, and a table of all that wakes up."""
    medians = {
        plugin: {part: statistics.median(one.memory_mib[part] for one in starts) for part in starts[0].memory_mib}
        for plugin, starts in found.items()
    }
    more = {part: medians[True][part] - medians[False][part] for part in medians[True]}
    parts = f"{medians[True]['VmRSS']:.1f} and {medians[False]['VmRSS']:.1f} MiB; own {more['RssAnon']:+.1f}"
    hosts = {plugin: mean([one.host for one in starts]) for plugin, starts in found.items()}
    host = sum(hosts[True].values()) - sum(hosts[False].values())
    sidecar = mean([one.sidecar for one in found[True]])
    rows = [
        Row("memory added to the host", "≤ 6 MiB", f"{more['VmRSS']:+.1f} MiB ({parts})", more["VmRSS"] <= 6),
        Row("wake-ups of the host", "< 1 per s", f"{host:+.2f} per s", host < 1),
        Row("wake-ups of the sidecar", "< 1 per s", f"{sum(sidecar.values()):.2f} per s", sum(sidecar.values()) < 1),
    ]
    lines = [
        f"| host | {named(hosts[True])} |\n",
        f"| host without the plugin | {named(hosts[False])} |\n",
        f"| sidecar | {named(sidecar)} |\n",
    ]
    return rows, f"| | wake-ups per second |\n|---|---|\n{''.join(lines)}"


def main() -> int:
    """Measure, print, write, and give the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="how often the app is started each way")
    parser.add_argument("--watch-s", type=float, default=15, help="how long each is watched, in seconds")
    arguments = parser.parse_args()
    found: dict[bool, list[Footprint]] = {True: [], False: []}
    with desktop(WEBVIEW_TEST) as screen:
        for number in range(arguments.rounds):
            for plugin in (True, False) if number % 2 else (False, True):
                found[plugin].append(footprint(screen, arguments.watch_s, plugin=plugin))
    rows, table = rows_of(found)
    measured = f"{machine('release')}; {arguments.rounds} starts each way, each watched for {arguments.watch_s:g} s"
    return conclude("footprint", measured, rows, [("By thread", table)])


if __name__ == "__main__":
    sys.exit(main())
