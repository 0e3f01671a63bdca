"""The computer does not sleep while a job asks for it: on a real bus, with a login manager of the test's."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from job_work import LIMIT_S, add_to

from sidecar_bridge.jobs import JobFailedError, Jobs

if sys.platform != "linux" or shutil.which("dbus-daemon") is None:
    pytest.skip("needs Linux, and dbus-daemon", allow_module_level=True)

from login_manager import LoginManager, login_manager

pytest_plugins = ["job_fixtures"]

Wait = Callable[[Callable[[], object]], None]


@pytest.fixture
def login(monkeypatch: pytest.MonkeyPatch) -> Iterator[LoginManager]:
    # A socket's path has 108 bytes at most.
    with tempfile.TemporaryDirectory() as folder, login_manager(Path(folder)) as manager:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", manager.address)
        yield manager


@pytest.fixture
def jobs() -> Iterator[Jobs]:
    with add_to(Jobs(concurrency=2)) as jobs:
        yield jobs


def test_sleep_is_inhibited_until_the_last_job_that_asks_has_ended(
    login: LoginManager, jobs: Jobs, tmp_path: Path, wait_until: Wait
) -> None:
    other, first, second = tmp_path / "other", tmp_path / "first", tmp_path / "second"
    bystander = jobs._functions["be_deaf"].submit(str(tmp_path / "begun"), str(other))
    wait_until((tmp_path / "begun").exists)
    assert login.inhibitors == []
    one = jobs._functions["stay_awake"].submit(str(first))
    wait_until(login.held)
    (held,) = login.held()
    assert (held.what, held.why, held.mode) == ("sleep", "a job is under way: stay awake", "block")
    assert held.who
    other.touch()
    assert bystander.result(LIMIT_S)
    two = jobs._functions["stay_awake"].submit(str(second))
    wait_until(lambda: two.get().state == "running")
    first.touch()
    one.result(LIMIT_S)
    assert login.held() == [held]
    second.touch()
    two.result(LIMIT_S)
    wait_until(lambda: not login.held())
    assert len(login.inhibitors) == 1
    # And the next one asks anew.
    three = jobs._functions["stay_awake"].submit(str(tmp_path / "third"))
    wait_until(login.held)
    (tmp_path / "third").touch()
    three.result(LIMIT_S)
    wait_until(lambda: not login.held())


def test_a_cancel_lets_the_computer_sleep(login: LoginManager, jobs: Jobs, wait_until: Wait) -> None:
    job = jobs._functions["stay_awake"].submit("/nowhere")
    wait_until(login.held)
    job.cancel()
    wait_until(lambda: not login.held())


def test_the_end_of_the_worker_lets_it_sleep(login: LoginManager, jobs: Jobs, tmp_path: Path, wait_until: Wait) -> None:
    said = tmp_path / "pid"
    job = jobs._functions["stay_awake"].submit("/nowhere", str(said))
    wait_until(lambda: login.held() and said.exists() and said.read_text().endswith("\n"))
    os.kill(int(said.read_text()), signal.SIGKILL)
    with pytest.raises(JobFailedError, match="its worker died"):
        job.result(LIMIT_S)
    wait_until(lambda: not login.held())


def test_closed_jobs_let_it_sleep(login: LoginManager, wait_until: Wait) -> None:
    with add_to(Jobs(concurrency=1)) as jobs:
        jobs._functions["stay_awake"].submit("/nowhere")
        wait_until(login.held)
    wait_until(lambda: not login.held())


def test_a_sidecar_that_is_killed_lets_it_sleep(login: LoginManager, tmp_path: Path, wait_until: Wait) -> None:
    """At once, also when its worker, or a child of the app's, goes on for a while."""
    script = tmp_path / "main.py"
    script.write_text(
        textwrap.dedent("""
        import subprocess, sys, time
        from sidecar_bridge.jobs import Job, Jobs
        jobs = Jobs(concurrency=1)

        @jobs.job(keep_awake=True)
        def sleep(job: Job, path: str) -> None:
            open(path, "w").close()
            time.sleep(1000)

        if __name__ == "__main__":
            with jobs:
                sleep.submit(sys.argv[1])
                sys.stdin.readline()
                child = subprocess.Popen(["sleep", "1000"], close_fds=False)
                print(child.pid, flush=True)
                time.sleep(1000)
        """)
    )
    begun = tmp_path / "begun"
    command = [sys.executable, str(script), str(begun)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as sidecar:
        assert sidecar.stdin is not None
        assert sidecar.stdout is not None
        wait_until(lambda: begun.exists() and login.held())
        sidecar.stdin.write("\n")
        sidecar.stdin.flush()
        child = int(sidecar.stdout.readline())
        sidecar.kill()
        sidecar.wait()
    try:
        wait_until(lambda: not login.held())
    finally:
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)


@pytest.fixture(params=["refused", "no bus", "no library"])
def trouble(
    request: pytest.FixtureRequest, login: LoginManager, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> str:
    """Let nothing keep the computer awake; give what is said of that."""
    match request.param:
        case "refused":
            login.refuses = True
            return "AccessDenied"
        case "no bus":
            address = f"unix:path={tmp_path / 'nothing'}"
            monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
            return f"nobody listens at the system bus, {address} (No such file or directory)"
        case _:
            monkeypatch.setitem(sys.modules, "jeepney", None)
            return "jeepney"


def test_a_job_runs_though_the_computer_may_sleep(
    trouble: str, jobs: Jobs, tmp_path: Path, caplog: pytest.LogCaptureFixture, wait_until: Wait
) -> None:
    go = tmp_path / "go"
    go.touch()
    with caplog.at_level(logging.WARNING, "sidecar_bridge.jobs"):
        for _ in range(2):
            jobs._functions["stay_awake"].submit(str(go)).result(LIMIT_S)
        wait_until(lambda: caplog.records)
        # Closed, they have said all that they would.
        jobs.close()
    (said,) = [record.message for record in caplog.records]
    assert said.startswith("jobs run, but cannot keep the computer awake: ")
    assert trouble in said
