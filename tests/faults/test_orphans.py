"""The host is killed: nothing of its sidecar stays, whatever it was doing."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from figures import note, p99, spread
from world import APP, Watch, descendants, host, kill, many

GRANDCHILDREN = "subprocess.Popen(['sh', '-c', 'sleep 1000 & exec sleep 1000'])\n"
ON_SIGNAL = "import signal; signal.signal(signal.SIGUSR1, lambda *_: (say(signalled=True), {}))\n"
STATES = {
    "idle": "",
    "with grandchildren": GRANDCHILDREN,
    "asleep in Python": ON_SIGNAL.format("time.sleep(1000)"),
    "holding the GIL in C": GRANDCHILDREN + ON_SIGNAL.format("9**9**9"),
    "importing": "say(busy=True); time.sleep(1000)",
}


def orphan_ms(first: str, *, stopped: bool = False, command: list[str] | None = None) -> float:
    """Start a host, let its sidecar get busy, kill it, and give the time until nothing of it is left."""
    with host(first=first, command=command) as running:
        if "busy" in first:
            running.wait_for("starting")
        else:
            pid = running.ready()
            if "SIGUSR1" in first:
                os.kill(pid, signal.SIGUSR1)
        while "say(" in first and not running.said.exists():
            time.sleep(0.005)
        pids = descendants(running.process.pid)
        assert pids, "there is no sidecar to leave behind"
        if stopped:
            for pid in pids:
                os.kill(pid, signal.SIGSTOP)
        watch = Watch(pids)
        return watch.ms_until_all_ended(kill(running.process.pid))


def note_orphans(state: str, times: list[float]) -> None:
    """An orphan has failed the test by now; what is left to say is how long nothing was one."""
    must = "0 orphans; p99 < 25 ms, max < 100 ms"
    note(f"host SIGKILLed, {state}", must, spread(times), holds=p99(times) < 25 and max(times) < 100)


@pytest.mark.parametrize("state", STATES)
def test_a_killed_host_takes_everything_along(state: str) -> None:
    note_orphans(f"sidecar {state}", [orphan_ms(STATES[state]) for _ in range(many(3, 200))])


def test_a_killed_host_takes_a_stopped_sidecar_along() -> None:
    times = [orphan_ms(GRANDCHILDREN, stopped=True) for _ in range(many(3, 200))]
    note_orphans("sidecar and its children SIGSTOPped", times)


@pytest.mark.parametrize("phase", ["preparing itself", "waiting"])
@pytest.mark.parametrize("ahead", ["imports", "app"])
def test_a_killed_host_takes_a_spare_along(ahead: str, phase: str) -> None:
    times = []
    for _ in range(many(2, 50)):
        with host(dev={"standby": ahead}) as running:
            serving = running.ready()
            pids: list[int] = []
            is_there = False
            while not is_there:
                time.sleep(0.05)
                # A thread may end while it is looked at, and a spare that has imported too little.
                with suppress(FileNotFoundError):
                    pids = descendants(running.process.pid)
                    if len(pids) == 2 and phase == "waiting":
                        (spare,) = (pid for pid in pids if pid != serving)
                        until_asleep(spare)
                    is_there = len(pids) == 2
            watch = Watch(pids)
            times.append(watch.ms_until_all_ended(kill(running.process.pid)))
    note_orphans(f"spare ({ahead}) {phase}", times)


def until_asleep(pid: int) -> None:
    """Wait until that process waits for something, and has not run for a second."""
    ticks = rest = 0
    while rest < 10:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        before, ticks = ticks, int(fields[11]) + int(fields[12])
        rest = rest + 1 if fields[0] == "S" and ticks == before else 0
        time.sleep(0.1)


@pytest.fixture(scope="module")
def onefile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A sidecar as PyInstaller packs it into one file: a bootloader, and Python as its child."""
    directory = tmp_path_factory.mktemp("onefile")
    source = directory / "sidecar.py"
    source.write_text(APP)
    options = ["--layout", "external-bin", "--name", "sidecar", "--to", str(directory / "built")]
    command = [sys.executable, "-m", "sidecar_bridge", "bundle", str(source), *options]
    subprocess.run(command, cwd=directory, check=True, timeout=300)
    (program,) = (directory / "built").iterdir()
    yield program
    shutil.rmtree(directory)


@pytest.mark.parametrize("stopped", [False, True])
def test_a_killed_host_takes_a_onefile_sidecar_along(onefile: Path, stopped: bool) -> None:
    times = [orphan_ms(GRANDCHILDREN, stopped=stopped, command=[str(onefile)]) for _ in range(many(2, 200))]
    state = "SIGSTOPped, " if stopped else ""
    note_orphans(f"sidecar {state}as PyInstaller onefile with grandchildren", times)
