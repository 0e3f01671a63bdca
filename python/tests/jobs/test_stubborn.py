"""Jobs that leave processes and threads behind, that hide, or that submit others: the sidecar goes on, and ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from time import monotonic

import pytest
import stubborn_work
from job_work import LIMIT_S

from sidecar_bridge.jobs import Job, JobCancelledError, JobFailedError, Jobs, _dispatcher, _history, _listener

pytest_plugins = ["job_fixtures"]
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="forks and signals")

Wait = Callable[[Callable[[], object]], None]


@pytest.fixture
def pid(tmp_path: Path) -> Iterator[Path]:
    """Has a process that is ended after the test."""
    path = tmp_path / "pid"
    yield path
    with suppress(ProcessLookupError):
        os.kill(int(path.read_text()), signal.SIGKILL)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_job_that_forked_and_is_killed_is_cancelled(pid: Path, wait_until: Wait) -> None:
    with stubborn_work.jobs:
        job = stubborn_work.fork_and_be_deaf.submit(pid)
        wait_until(lambda: pid.exists() and pid.read_text())
        job.cancel()
        with pytest.raises(JobCancelledError):
            job.result(LIMIT_S)


def test_a_job_that_forked_and_died_has_failed(pid: Path) -> None:
    with stubborn_work.jobs, pytest.raises(JobFailedError, match="its worker died"):
        stubborn_work.fork_and_die.submit(pid).result(LIMIT_S)


def test_a_worker_that_has_closed_its_way_is_ended_with_its_job(pid: Path, wait_until: Wait) -> None:
    """Else it would run on, beside the next attempt."""
    with stubborn_work.jobs:
        with pytest.raises(JobFailedError, match="its worker died"):
            stubborn_work.close_all.submit(pid).result(LIMIT_S)
        wait_until(lambda: not is_alive(int(pid.read_text())))


def test_a_thread_that_a_job_has_left_holds_up_no_end(wait_until: Wait) -> None:
    with stubborn_work.jobs:
        left = stubborn_work.leave_a_thread.submit().result(LIMIT_S)
    wait_until(lambda: not is_alive(left))


def test_a_sidecar_ends_whose_job_has_forked(tmp_path: Path, pid: Path) -> None:
    """What ends an interpreter waits for its process pools."""
    script = tmp_path / "script.py"
    script.write_text(
        textwrap.dedent("""
        import sys
        from contextlib import suppress
        from pathlib import Path
        import stubborn_work
        from sidecar_bridge.jobs import JobFailedError

        if __name__ == "__main__":
            with stubborn_work.jobs, suppress(JobFailedError):
                stubborn_work.fork_and_die.submit(Path(sys.argv[1])).result(60)
        """)
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, script, pid], timeout=LIMIT_S, check=True, env=env, stderr=subprocess.DEVNULL)


def test_a_worker_submits_no_jobs(wait_until: Wait) -> None:
    """It would have jobs of its own, and each of their workers as well."""
    with stubborn_work.jobs, pytest.raises(JobFailedError, match="a worker has no jobs of its own"):
        stubborn_work.submit_another.submit(3).result(LIMIT_S)


def test_a_script_that_is_not_guarded_ends(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        textwrap.dedent("""
        from sidecar_bridge.jobs import Job, Jobs

        jobs = Jobs()

        @jobs.job
        def double(_job: Job, n: int) -> int:
            return 2 * n

        with jobs:
            double.submit(3).result(60)
        """)
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    ended = subprocess.run(
        [sys.executable, script], timeout=LIMIT_S, check=False, env=env, capture_output=True, text=True
    )
    assert ended.returncode == 1
    assert 'below `if __name__ == "__main__":`' in ended.stderr


def test_ctrl_c_is_the_sidecars_alone() -> None:
    with stubborn_work.jobs:
        assert stubborn_work.interrupted.submit().result(LIMIT_S) == sys.platform


def test_a_cancel_may_wait_without_end(tmp_path: Path, wait_until: Wait) -> None:
    begun, end = tmp_path / "begun", tmp_path / "end"
    with stubborn_work.endless:
        job = stubborn_work.take_time.submit(begun, end)
        waits = stubborn_work.take_time.submit(begun, end)
        wait_until(begun.exists)
        assert job.cancel().state == "cancelling"
        assert waits.cancel().state == "cancelled"
        end.touch()
        assert job.result(float("inf")) is True


def test_two_functions_of_one_name_are_not_mixed_up() -> None:
    with stubborn_work.jobs:
        with pytest.raises(JobFailedError, match=r"is job `second` in the worker, not `first`; give each function"):
            stubborn_work.first.submit().result(LIMIT_S)
        assert stubborn_work.second.submit().result(LIMIT_S) == "second"


def test_a_socket_that_cannot_be_made_fails_no_job(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture, wait_until: Wait
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    with stubborn_work.jobs:
        job = stubborn_work.interrupted.submit()
        wait_until(lambda: "takes another executor" in caplog.text)
        # Its turn ends behind that, and comes again.
        wait_until(lambda: job.get().state == "queued")
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        assert job.result(LIMIT_S) == sys.platform


def test_a_folder_for_temporary_files_may_be_deep(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 120)
    deep.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(deep))
    with stubborn_work.jobs:
        assert stubborn_work.interrupted.submit().result(LIMIT_S) == sys.platform


def test_many_that_wait_for_a_locked_database_wait_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Else the tenth request would wait ten times as long, and take all threads of the app meanwhile."""
    monkeypatch.setattr(_dispatcher, "History", partial(_history.History, lock_wait_s=1.0))
    jobs = Jobs(tmp_path / "jobs.db")

    @jobs.job
    def nothing(_job: Job) -> None: ...

    def submit(_n: int) -> str:
        try:
            nothing.submit()
        except Exception as error:
            return str(error)
        return ""

    script = (
        "import sqlite3, sys; db = sqlite3.connect(sys.argv[1], isolation_level=None); db.execute('BEGIN EXCLUSIVE'); "
        "print(flush=True); sys.stdin.read()"
    )
    holder = [sys.executable, "-c", script, str(tmp_path / "jobs.db")]
    with subprocess.Popen(holder, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        began = monotonic()
        with ThreadPoolExecutor(10) as threads:
            texts = list(threads.map(submit, range(10)))
        took = monotonic() - began
    assert all("another process has it open" in text for text in texts)
    assert took < 5


def test_what_a_killed_sidecar_has_left_goes_and_what_a_living_one_has_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    # The name of a socket is short.
    with tempfile.TemporaryDirectory(dir="/tmp") as temporary:
        program = (
            "import os, signal; from sidecar_bridge.jobs._listener import Listener; "
            "Listener(print, print).dialled_at; os.kill(os.getpid(), signal.SIGKILL)"
        )
        subprocess.run([sys.executable, "-c", program], env={**os.environ, "TMPDIR": temporary}, check=False)
        (left,) = Path(temporary).iterdir()
        monkeypatch.setattr(tempfile, "tempdir", temporary)
        living, other = _listener.Listener(print, print), _listener.Listener(print, print)
        addresses = [each.dialled_at[0] for each in (living, other)]
        assert not left.exists()
        assert {Path(address).parent for address in addresses} == set(Path(temporary).iterdir())
        for each in (living, other):
            each.close()
        assert not list(Path(temporary).iterdir())
