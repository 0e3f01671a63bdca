"""Where the kernel does not end a sidecar with its host, a reaper does; see `scripts/test-portable`."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from figures import note
from world import LIMIT_S, PORTABLE, Host, Watch, host, kill, many

SILENT = ["sleep", "1000"]
"""A sidecar that never dials, and so watches no lease."""

needs_a_reaper = pytest.mark.skipif(not PORTABLE, reason="Linux has a parent-death signal; see scripts/test-portable")


def processes() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def reapers(running: Host) -> list[int]:
    """Give the processes of the host's program that have left its session and are nobody's child."""
    host_pid = running.process.pid
    program = Path(f"/proc/{host_pid}/exe").readlink()
    found = []
    for pid in processes():
        try:
            is_same = Path(f"/proc/{pid}/exe").readlink() == program
            if is_same and os.getsid(pid) != os.getsid(host_pid) and parent(pid) != host_pid:
                found.append(pid)
        except OSError:  # It has ended meanwhile.
            continue
    return found


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def reaper(running: Host) -> int:
    """Give the reaper of a host whose sidecar has started."""
    running.wait_for("starting")
    began = time.monotonic()
    while not (found := reapers(running)):
        assert time.monotonic() - began < LIMIT_S, "there is no reaper"
        time.sleep(0.005)
    (pid,) = found
    return pid


def started_for(said: Path) -> list[int]:
    """Give the living processes that a host has started whose sidecars write to `said`."""
    found = []
    for pid in processes():
        try:
            if b"SAID=" + os.fsencode(said) in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"):
                found.append(pid)
        except OSError:
            continue
    return found


def test_there_is_a_reaper_only_where_there_is_no_parent_death_signal() -> None:
    with host() as running:
        running.ready()
        assert len(reapers(running)) == int(PORTABLE)


@needs_a_reaper
def test_the_reaper_has_nothing_of_the_app() -> None:
    with host(command=SILENT) as running:
        process = Path(f"/proc/{reaper(running)}")
        began = time.monotonic()
        while len(held := [entry.readlink().name for entry in (process / "fd").iterdir()]) > 1:
            assert time.monotonic() - began < LIMIT_S, held
            time.sleep(0.005)
        assert held == ["anon_inode:[pidfd]"], "it waits for the end of the host"
        assert (process / "cwd").readlink() == Path("/")
        assert len(list((process / "task").iterdir())) == 1


@needs_a_reaper
@pytest.mark.parametrize("how", ["closed", "killed"])
def test_the_reaper_ends_with_the_host(how: str) -> None:
    with host() as running:
        pid = reaper(running)
        running.ready()
        watch = Watch([pid])
        since = time.monotonic_ns()
        if how == "closed":
            running.stop()
        else:
            kill(running.process.pid)
        watch.ms_until_all_ended(since)


@needs_a_reaper
def test_what_is_sent_to_all_processes_of_the_program_does_not_end_the_reaper_first() -> None:
    with host(command=SILENT) as running:
        pid = reaper(running)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            os.kill(pid, number)
        watch = Watch([pid, *started_for(running.said)])
        watch.ms_until_all_ended(kill(running.process.pid))


def test_whenever_the_host_is_killed_nothing_that_it_started_stays() -> None:
    rounds = many(20, 200)
    for number in range(rounds):
        with host(command=SILENT) as running:
            time.sleep(0.002 * (number % 40))
            kill(running.process.pid)
            running.process.wait(LIMIT_S)
            began = time.monotonic()
            while left := started_for(running.said):
                assert time.monotonic() - began < LIMIT_S, f"orphans: {left}"
                time.sleep(0.005)
    note("host SIGKILLed at any moment of its start", "0 orphans", f"0 in {rounds} rounds")
