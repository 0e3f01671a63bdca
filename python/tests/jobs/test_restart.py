"""A sidecar that is killed in the middle of its work: what its jobs are in the next one."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from job_work import LIMIT_S, add_to

from sidecar_bridge.jobs import JobInterruptedError, Jobs

pytest_plugins = ["job_fixtures"]
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals")

Wait = Callable[[Callable[[], object]], None]

SIDECAR = textwrap.dedent("""
    import sys, threading, time
    from concurrent.futures import ThreadPoolExecutor
    from job_work import add_to
    from sidecar_bridge.jobs import Jobs

    database, kind, *calls = sys.argv[1:]
    executor = (lambda: ThreadPoolExecutor(4)) if kind == "threads" else None

    if __name__ == "__main__":
        with add_to(Jobs(database, executor=executor, concurrency=4, keep=100_000)) as jobs:
            print("open", flush=True)
            for line in sys.stdin:
                name, *args = line.split()
                job = jobs._functions[name].submit(*args)
                print(job.id, flush=True)
            jobs.list(limit=1)
""")


class Sidecar:
    """A process with jobs, which submits what it is told, and says each id once it is accepted."""

    def __init__(self, database: Path, kind: str = "processes") -> None:
        script = database.parent / "main.py"
        script.write_text(SIDECAR)
        self.process = subprocess.Popen(
            [sys.executable, script, database, kind],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parent)},
            start_new_session=True,
        )
        assert self.hear() == "open"

    def hear(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def submit(self, *call: object) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(" ".join(map(str, call)) + "\n")
        self.process.stdin.flush()

    def kill(self) -> list[str]:
        """Kill it as the host does, with its process group; give what it has still said."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(LIMIT_S)
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        said = [line.strip() for line in self.process.stdout if line.endswith("\n")]
        self.process.stdout.close()
        with suppress(BrokenPipeError):
            self.process.stdin.close()
        return said


def test_what_ran_is_interrupted_and_what_waited_runs(tmp_path: Path, wait_until: Wait) -> None:
    database, begun = tmp_path / "jobs.db", tmp_path / "begun"
    sidecar = Sidecar(database)
    sidecar.submit("be_deaf", begun)
    running = sidecar.hear()
    wait_until(begun.exists)
    sidecar.kill()
    with add_to(Jobs(database, concurrency=1)) as jobs:
        job = jobs.ref(running)
        with pytest.raises(JobInterruptedError, match="is interrupted"):
            job.result(LIMIT_S)
        assert job.get().ended_at is not None
        (tmp_path / "end").touch()
        begun.unlink()
        jobs.retry(running)
        wait_until(begun.exists)
        assert job.get().attempt == 2
        job.cancel()


def test_a_job_that_resumes_starts_again_by_itself(tmp_path: Path, wait_until: Wait) -> None:
    database = tmp_path / "jobs.db"
    sidecar = Sidecar(database)
    sidecar.submit("go_on", tmp_path)
    id_ = sidecar.hear()
    wait_until((tmp_path / "2").exists)
    sidecar.kill()
    (tmp_path / "go").touch()
    with add_to(Jobs(database, concurrency=1)) as jobs:
        assert jobs.ref(id_).result(LIMIT_S) == [2, 2]


def test_a_cancel_that_was_under_way_is_carried_out(tmp_path: Path, wait_until: Wait) -> None:
    database, begun = tmp_path / "jobs.db", tmp_path / "begun"
    jobs = add_to(Jobs(database, concurrency=1))
    with jobs:
        job = jobs._functions["be_deaf"].submit(str(begun))
        wait_until(begun.exists)
        # As a sidecar leaves it that is killed now.
        jobs._core.history.cancelling(job.id)
        jobs._core.history.interrupt(set())
        assert job.get().state == "cancelled"


def test_files_that_were_half_written_are_removed(tmp_path: Path, wait_until: Wait) -> None:
    database, path = tmp_path / "jobs.db", tmp_path / "files" / "out.bin"
    path.parent.mkdir()
    sidecar = Sidecar(database)
    sidecar.submit("write_and_wait", path, tmp_path / "begun")
    wait_until((tmp_path / "begun").exists)
    # A job that was begun later has run, so the sidecar has taken what the first has said of its file.
    sidecar.submit("append", tmp_path / "later", "x")
    wait_until((tmp_path / "later").exists)
    assert len(list(path.parent.iterdir())) == 1
    sidecar.kill()
    with add_to(Jobs(database)):
        assert list(path.parent.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are bytes on Linux")
def test_files_whose_names_are_no_unicode_are_removed_too(tmp_path: Path, wait_until: Wait) -> None:
    database, folder, begun = tmp_path / "jobs.db", tmp_path / "files", tmp_path / "begun"
    folder.mkdir()
    sidecar = Sidecar(database)
    sidecar.submit("write_beside", folder, begun)
    wait_until(begun.exists)
    # A job that was begun later has run, so the sidecar has taken what the first has said of its file.
    sidecar.submit("append", tmp_path / "later", "x")
    wait_until((tmp_path / "later").exists)
    sidecar.kill()
    with add_to(Jobs(database)):
        assert list(folder.iterdir()) == []


@pytest.mark.parametrize("kind", ["threads", "processes"])
def test_no_accepted_job_is_lost_or_double(tmp_path: Path, kind: str) -> None:
    """Killed at random moments under load. Each job that was accepted ends once, and its work was begun once."""
    database, log = tmp_path / "jobs.db", tmp_path / "log"
    rounds = int(os.environ.get("SIDECAR_BRIDGE_KILLS", "5"))
    chance = random.Random(19)
    accepted: list[str] = []
    for _ in range(rounds):
        sidecar = Sidecar(database, kind)
        for n in range(chance.randrange(1, 200)):
            sidecar.submit("append_id", log)
            if n % 3:
                accepted.append(sidecar.hear())
        accepted += sidecar.kill()
    with add_to(Jobs(database, concurrency=2, keep=100_000)) as jobs:
        for id_ in accepted:
            list(jobs.ref(id_))
        every: list[Any] = jobs.list(limit=100_000)
        assert {job.id for job in every} >= set(accepted)
        assert len({job.id for job in every}) == len(every)
        for job in every:
            list(jobs.ref(job.id))
        states = {job.id: job.state for job in jobs.list(limit=100_000)}
        assert set(states.values()) <= {"done", "interrupted"}
        ran = log.read_text().split()
        assert len(ran) == len(set(ran)), "a job ran twice"
        assert set(ran) >= {id_ for id_, state in states.items() if state == "done"}
