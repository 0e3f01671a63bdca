"""Processes of the sidecar's own: what one of them does harms no other job."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client
from pathlib import Path

import pytest
from job_work import LIMIT_S, add_to

from sidecar_bridge.jobs import JobCancelledError, JobFailedError, JobInterruptedError, Jobs

pytest_plugins = ["job_fixtures"]

Wait = Callable[[Callable[[], object]], None]

posix = pytest.mark.skipif(sys.platform == "win32", reason="signals")


@posix
@pytest.mark.parametrize("how", ["kill", "exit"])
def test_a_worker_that_dies_fails_its_own_job(processes: Jobs, how: str, tmp_path: Path) -> None:
    begun, end = str(tmp_path / "begun"), tmp_path / "end"
    bystander = processes._functions["be_deaf"].submit(begun, str(end))
    job = processes._functions["die"].submit(how)
    with pytest.raises(JobFailedError) as error:
        job.result(LIMIT_S)
    failure = error.value.job.failure
    assert failure is not None
    assert failure.code == "worker_lost"
    assert "its worker died" in failure.detail
    assert failure.stderr == "last words\n"
    assert "stderr" not in failure.model_dump()
    assert bystander.get().state == "running"
    end.touch()
    assert bystander.result(LIMIT_S) == f"{bystander.id} is done"
    assert bystander.get().attempt == 1


def test_jobs_of_a_frozen_program_that_are_opened_in_a_worker_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker runs the program's own file; where that opens jobs before it serves, each would start more workers."""
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(multiprocessing, "freeze_support", lambda: sys.exit("was a worker"))
    with pytest.raises(SystemExit, match="was a worker"), Jobs():
        pass


@posix
def test_a_crash_in_c_says_where(processes: Jobs) -> None:
    with pytest.raises(JobFailedError) as error:
        processes._functions["crash"].submit().result(LIMIT_S)
    failure = error.value.job.failure
    assert failure is not None
    assert "Segmentation fault" in str(failure.stderr)
    assert "job_work.py" in str(failure.stderr)


@posix
def test_a_worker_that_does_not_listen_is_killed(processes: Jobs, begun: str, wait_until: Wait) -> None:
    job = processes._functions["be_deaf"].submit(begun)
    wait_until(Path(begun).exists)
    job.cancel()
    with pytest.raises(JobCancelledError):
        job.result(LIMIT_S)
    assert processes._functions["double"].submit(3).result(LIMIT_S) == 6


@posix
def test_a_file_of_a_killed_worker_is_removed(processes: Jobs, tmp_path: Path) -> None:
    path = tmp_path / "out.bin"
    path.write_bytes(b"before")
    with pytest.raises(JobFailedError):
        processes._functions["die_and_leave_a_file"].submit(str(path)).result(LIMIT_S)
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_bytes() == b"before"


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are bytes on Linux")
def test_a_file_of_a_killed_worker_is_removed_whatever_its_name(processes: Jobs, tmp_path: Path) -> None:
    folder, begun = tmp_path / "files", tmp_path / "begun"
    folder.mkdir()
    (tmp_path / "begun-end").touch()
    with pytest.raises(JobFailedError, match="its worker died"):
        processes._functions["write_beside"].submit(str(folder), str(begun)).result(LIMIT_S)
    assert begun.exists()
    assert list(folder.iterdir()) == []


@posix
def test_a_job_that_resumes_goes_on_from_its_checkpoint(processes: Jobs) -> None:
    job = processes._functions["count_on"].submit(5, die_at=3)
    assert job.result(LIMIT_S) == [3, 5, 2]


@posix
def test_a_job_whose_worker_always_dies_is_given_up(processes: Jobs, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with pytest.raises(JobFailedError, match="its worker died"):
        processes._functions["die_always"].submit(str(log)).result(LIMIT_S)
    assert log.read_text() == "xxx"


@posix
def test_a_worker_that_dies_while_it_is_idle_costs_no_job(processes: Jobs) -> None:
    pids = [processes._functions["pid"].submit().result(LIMIT_S)]
    for _ in range(5):
        os.kill(pids[-1], signal.SIGKILL)
        pids.append(processes._functions["pid"].submit().result(LIMIT_S))
    assert len(set(pids)) == len(pids)


def test_a_process_is_kept_for_the_next_job() -> None:
    with add_to(Jobs(concurrency=1)) as jobs:
        assert len({jobs._functions["pid"].submit().result(LIMIT_S) for _ in range(3)}) == 1


def test_a_function_that_no_worker_finds_fails(processes: Jobs) -> None:
    def local(_job: object) -> None: ...

    function = processes.job(local)
    try:
        with pytest.raises(JobFailedError, match="define jobs in a module that it finds") as error:
            function.submit().result(LIMIT_S)
        failure = error.value.job.failure
        assert failure is not None
        assert failure.code == "not_importable"
    finally:
        del processes._functions["local"], processes._core.shapes["local"]


@posix
def test_workers_end_with_a_sidecar_that_is_killed(tmp_path: Path, wait_until: Wait) -> None:
    script = tmp_path / "main.py"
    script.write_text(
        textwrap.dedent("""
        import os, sys, time
        from sidecar_bridge.jobs import Job, Jobs
        jobs = Jobs(concurrency=1)

        @jobs.job
        def sleep(job: Job, path: str) -> None:
            with open(path, "w") as file:
                print(os.getpid(), file=file)
            time.sleep(1000)

        if __name__ == "__main__":
            with jobs:
                sleep.submit(sys.argv[1]).result()
        """)
    )
    said = tmp_path / "pid"
    with subprocess.Popen([sys.executable, script, said]) as sidecar:
        wait_until(lambda: said.exists() and said.read_text().endswith("\n"))
        worker = int(said.read_text())
        sidecar.kill()
    wait_until(lambda: not _lives(worker))


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@posix
def test_closing_interrupts_what_runs(tmp_path: Path, wait_until: Wait) -> None:
    deaf, listening = tmp_path / "deaf", tmp_path / "listening"
    with add_to(Jobs(tmp_path / "jobs.db", concurrency=2)) as jobs:
        first = jobs._functions["be_deaf"].submit(str(deaf))
        second = jobs._functions["listen"].submit(str(listening))
        third = jobs._functions["double"].submit(1)
        wait_until(lambda: deaf.exists() and listening.exists())
    with add_to(Jobs(tmp_path / "jobs.db", concurrency=1)) as jobs:
        for job in (first, second):
            with pytest.raises(JobInterruptedError, match="is interrupted"):
                jobs.ref(job.id).result(LIMIT_S)
        # It was only waiting.
        assert jobs.ref(third.id).result(LIMIT_S) == 2


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps to a limit")
def test_a_job_gets_no_more_memory_than_it_may_have(processes: Jobs) -> None:
    """Its own next job, and other ones in the same process, are as before."""
    fill, much = processes._functions["fill"], 512 * 1024 * 1024
    with pytest.raises(JobFailedError) as caught:
        fill.submit(much).result(LIMIT_S)
    assert caught.value.job.failure is not None
    assert caught.value.job.failure.type == "MemoryError"
    assert fill.submit(1024).result(LIMIT_S) == 1024


def test_a_limit_that_nothing_keeps_to_is_said_once(threads: Jobs, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "sidecar_bridge.jobs"):
        for _ in range(2):
            assert threads._functions["fill"].submit(512 * 1024 * 1024).result(LIMIT_S) == 512 * 1024 * 1024
    assert [record.message for record in caplog.records] == [
        "job `fill` may have more memory than 268435456 bytes: nothing keeps to that here"
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="niceness is Unix's")
def test_the_processes_have_less_priority_than_the_sidecar(processes: Jobs) -> None:
    assert processes._functions["niceness"].submit().result(LIMIT_S) == min(19, os.nice(0) + 10)


@pytest.mark.skipif(sys.platform == "win32", reason="a pipe has no folder")
def test_who_does_not_know_the_key_is_not_heard(processes: Jobs) -> None:
    """Nor does another user find the socket."""
    address, _key = processes._core._runner.listener.dialled_at
    with pytest.raises(AuthenticationError), Client(address, authkey=b"guessed"):
        pass
    assert Path(address).parent.stat().st_mode & 0o777 == 0o700
    assert processes._functions["double"].submit(2).result(LIMIT_S) == 4
