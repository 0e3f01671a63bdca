"""What an app leaves behind, and what it does where it cannot do what it has to."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import pytest

from desktop import desktop, started
from figures import note
from world import PORTABLE, Host, Watch, descendants, host, kill, many


def tcp_listeners(pid: int) -> list[str]:
    """Give the TCP sockets on which a process listens, from proc_net(5)."""
    inodes = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            inodes.add(str(descriptor.readlink()).removeprefix("socket:[").removesuffix("]"))
    listening = "0A"
    found = []
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == listening and fields[9] in inodes:
                found.append(fields[1])
    return found


def left(running: Host) -> list[str]:
    """Give what is in the app's directory, but for what is the test's own."""
    return [entry.name for entry in running.directory.iterdir() if entry.name.startswith("sidecar-bridge")]


@pytest.mark.parametrize("how", ["window closed", "SIGTERM", "SIGINT", "SIGKILL and next start"])
def test_nothing_is_left(how: str) -> None:
    rounds = many(1, 30)
    with desktop() as screen:
        for _ in range(rounds):
            with started(screen) as app:
                assert tcp_listeners(app.pid) == tcp_listeners(screen.sidecar()) == []
                if how == "window closed":
                    screen.close_window()
                    assert app.wait(10) == 0
                elif how == "SIGKILL and next start":
                    app.kill()
                    app.wait(10)
                    with started(screen) as next_one:
                        screen.close_window()
                        assert next_one.wait(10) == 0
                else:
                    number = getattr(signal, how)
                    app.send_signal(number)
                    assert app.wait(10) == 128 + number
            screen.expect_nothing_left()
    seen = f"0, 0, 0; 0 in {rounds} round(s) of the quickstart in a window"
    note(f"after {how}", "0 processes, 0 sockets, 0 directories left; 0 TCP listeners ever", seen)


def test_two_instances_do_not_meet() -> None:
    with (
        tempfile.TemporaryDirectory() as shared,
        host(directory=Path(shared)) as one,
        host(directory=Path(shared)) as two,
    ):
        one.ready()
        two.ready()
        for running in (one, two):
            running.tell({"load": {"callers": 4, "method": "POST"}})
        time.sleep(0.3)
        kill(one.process.pid)
        calls = two.load_report()
        assert calls
        assert not any("failure" in call for call in calls)
        two.tell("restart")
        two.ready()
    note("two instances of the app, one of them SIGKILLed", "the other keeps working", f"{len(calls)} calls, 0 failed")


def test_an_app_that_starts_itself_anew_leaves_nothing_of_its_first_life() -> None:
    with host(first="subprocess.Popen(['sleep', '1000'])") as running:
        running.ready()
        first = Watch(descendants(running.process.pid))
        before = running.run_directory()
        running.tell("restartApp")
        running.ready()
        first.ms_until_all_ended(0)
        assert running.run_directory() != before
        running.stop()
        assert left(running) == []
    note("app starts itself anew from its main thread", "0 processes, 0 sockets, 0 directories left", "0, 0, 0")


def setup_error(running: Host) -> str:
    detail: str = running.wait_for("failed")["state"]["details"]
    assert running.process.poll() is None, "the app died with its sidecar"
    running.stop()
    return detail


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount")
def test_a_full_disk_is_named_and_the_app_lives(tmp_path: Path) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4k,nr_inodes=1", "full", str(tmp_path)], check=True)
    try:
        with host(directory=tmp_path) as running:
            detail = setup_error(running)
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)
    note("full disk for the run directory", "clear error, app lives", detail)
    assert "creating a run directory" in detail
    assert "No space left" in detail


def test_a_path_that_is_too_long_is_named_and_the_app_lives(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 100)
    deep.mkdir()
    with host(directory=deep) as running:
        detail = setup_error(running)
        assert left(running) == []
    note("path of the run directory too long", "clear error, app lives", detail)
    assert f"bytes long and a socket's at most {103 if PORTABLE else 107}" in detail


def test_a_log_that_cannot_be_written_harms_nobody() -> None:
    talkative = "print('x' * 100_000, file=sys.stderr)"
    with Path("/dev/full").open("wb") as full, host(stderr=full.fileno(), first=talkative) as running:
        running.ready()
        running.tell({"load": {"callers": 1, "method": "POST"}})
        assert not any("failure" in call for call in running.load_report())
        running.stop()
    note("unwritable log", "app and sidecar live", "both served")


def test_a_sidecar_that_stops_at_nothing_holds_the_end_up_for_no_more_than_five_seconds() -> None:
    with host(first="import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)") as running:
        pid = running.ready()
        os.kill(pid, signal.SIGSTOP)
        began = time.monotonic()
        running.stop()
        took = time.monotonic() - began
    note("app ends while its sidecar is SIGSTOPped", "≤ 5 s", f"{took:.1f} s", holds=took <= 5)
