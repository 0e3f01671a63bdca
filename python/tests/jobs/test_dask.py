"""A Dask cluster on loopback, started as a user does: a scheduler and two workers, of which some are killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from job_work import LIMIT_S, add_to

from sidecar_bridge.jobs import JobCancelledError, JobFailedError, Jobs

distributed: Any = pytest.importorskip("distributed")

pytest_plugins = ["job_fixtures"]
pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="signals"),
    # What Dask and tornado leave open is theirs.
    pytest.mark.filterwarnings("default"),
]

Wait = Callable[[Callable[[], object]], None]
PATIENCE_S = 3 * LIMIT_S


class Cluster:
    """A scheduler and its workers, each a process of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.processes: list[subprocess.Popen[bytes]] = []
        self._file = folder / "scheduler.json"
        self._start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", self._file)
        end = monotonic() + PATIENCE_S
        while not self._file.exists():
            assert monotonic() < end, "no scheduler in time"
            sleep(0.02)

    def add_worker(self, threads: int = 1) -> subprocess.Popen[bytes]:
        """Start a worker without a nanny, so that nobody starts it again."""
        options = ("--nthreads", str(threads), "--no-nanny", "--no-dashboard", "--scheduler-file", self._file)
        return self._start("worker", *options, "--local-directory", self._folder)

    def client(self, workers: int = 2) -> Any:
        """Connect, as an app does in `executor=`."""
        client = distributed.Client(scheduler_file=str(self._file), set_as_default=False)
        client.wait_for_workers(workers, timeout=PATIENCE_S)
        return client

    def close(self) -> None:
        for process in reversed(self.processes):
            with suppress(ProcessLookupError):
                process.kill()
            process.wait(LIMIT_S)

    def _start(self, what: str, *options: object) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "dask", what, *map(str, options)]
        env = {**os.environ, "PYTHONPATH": str(Path(__file__).parent), "PYTHONWARNINGS": "ignore"}
        log = (self._folder / "log").open("ab")
        with log:
            self.processes.append(subprocess.Popen(command, env=env, cwd=self._folder, stdout=log, stderr=log))
        return self.processes[-1]


@contextmanager
def cluster_in(folder: Path) -> Iterator[Cluster]:
    cluster = Cluster(folder)
    try:
        yield cluster
    finally:
        cluster.close()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster_in(tmp_path_factory.mktemp("dask")) as cluster:
        cluster.add_worker()
        cluster.add_worker()
        yield cluster


@pytest.fixture(scope="module")
def dask(cluster: Cluster) -> Iterator[Jobs]:
    """The same functions, by one changed line."""
    with add_to(Jobs(executor=cluster.client)) as jobs:
        yield jobs


def test_jobs_run_with_progress_and_logs(dask: Jobs, tmp_path: Path, wait_until: Wait) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    job = dask._functions["halves"].submit(str(first), str(second))
    wait_until(lambda: job.get().progress.fraction == 0.25)
    first.touch()
    wait_until(lambda: job.get().progress.fraction == 0.75)
    second.touch()
    job.result(PATIENCE_S)
    trained = dask._functions["train"].submit(3)
    assert trained.result(PATIENCE_S).name == "a"
    assert [line.text for line in dask._core.history.logs(trained.id, 0, 9)] == ["epoch 0", "epoch 1", "epoch 2"]


def test_equal_submits_are_two_runs(cluster: Cluster, tmp_path: Path) -> None:
    """Dask would run them once, and the cancel of one would be that of the other: also of an executor made as usual."""
    with add_to(Jobs(executor=lambda: cluster.client().get_executor())) as jobs:
        log = tmp_path / "log"
        made = [jobs._functions["append"].submit(str(log), "x") for _ in range(4)]
        for job in made:
            job.result(PATIENCE_S)
        assert log.read_text() == "xxxx"
        begun = [str(tmp_path / name) for name in "ab"]
        one, other = (jobs._functions["listen"].submit(begun[0]) for _ in range(2))
        one.cancel()
        with pytest.raises(JobCancelledError):
            one.result(PATIENCE_S)
        assert other.get().state == "running"
        other.cancel()
        with pytest.raises(JobCancelledError):
            other.result(PATIENCE_S)


def test_arguments_may_be_called_as_dasks_options(dask: Jobs) -> None:
    named: dict[str, Any] = {"key": "k", "priority": 1, "workers": 2, "pure": True, "self": 3, "json": "j"}
    assert dask._functions["take"].submit(**named).result(PATIENCE_S) == "k 1 2 True 3 j"


@pytest.mark.parametrize("name", ["leave", "interrupt", "raise_http", "raise_two"])
def test_whatever_a_job_raises_the_workers_go_on(dask: Jobs, name: str) -> None:
    job = dask._functions[name].submit()
    with pytest.raises(JobFailedError) as error:
        job.result(PATIENCE_S)
    failure = error.value.job.failure
    assert failure is not None
    assert failure.code == "exception"
    assert job.get().attempt == 1


def test_a_result_that_does_not_pickle_fails(dask: Jobs) -> None:
    with pytest.raises(JobFailedError, match="the result is not what the function says"):
        dask._functions["give"].submit("lock").result(PATIENCE_S)


def test_a_function_that_no_worker_can_import_goes_by_its_value(dask: Jobs) -> None:
    @dask.job
    def local(job: Any, n: int) -> int:
        return sum(job.track(range(n)))

    try:
        assert local.submit(4).result(PATIENCE_S) == 6
    finally:
        del dask._functions["local"], dask._core.shapes["local"]


def test_a_cancelled_job_that_waits_is_cancelled_at_once(dask: Jobs, tmp_path: Path, wait_until: Wait) -> None:
    begun = [tmp_path / name for name in "ab"]
    running = [dask._functions["listen"].submit(str(path)) for path in begun]
    wait_until(lambda: all(path.exists() for path in begun))
    waiting = dask._functions["append"].submit(str(tmp_path / "log"), "x")
    assert waiting.cancel().state == "cancelled"
    for job in running:
        job.cancel()
    for job in running:
        with pytest.raises(JobCancelledError):
            job.result(PATIENCE_S)
    assert not (tmp_path / "log").exists()


def test_a_worker_is_killed(tmp_path: Path, wait_until: Wait) -> None:
    """Dask would run its job again elsewhere, without a word, and does so with one that `resume`s alone."""
    with cluster_in(tmp_path) as cluster:
        workers = [cluster.add_worker(), cluster.add_worker()]
        with add_to(Jobs(executor=cluster.client)) as jobs:
            began, resumes = tmp_path / "began", tmp_path / "resumes"
            resumes.mkdir()
            once = jobs._functions["begin"].submit(str(began))
            wait_until(lambda: began.exists() and began.read_text().endswith("\n"))
            (pid,) = began.read_text().split()
            again = jobs._functions["begin_again"].submit(str(resumes / "a"))
            wait_until((resumes / "a").exists)
            victims = {worker.pid: worker for worker in workers}
            victims[int(pid)].kill()
            with pytest.raises(JobFailedError, match="its worker died, or was lost"):
                once.result(PATIENCE_S)
            assert began.read_text().split() == [pid], "it ran twice"
            assert again.get().state == "running"
            for worker in workers:
                worker.send_signal(signal.SIGKILL)
            cluster.add_worker()
            wait_until(lambda: len((resumes / "a").read_text().split()) == 2)
            Path(f"{resumes}/a-end").touch()
            assert again.result(PATIENCE_S) >= 2


def test_a_script_is_its_own_module(cluster: Cluster, tmp_path: Path) -> None:
    """Functions of `__main__`, which a worker has another one of."""
    script = tmp_path / "main.py"
    script.write_text(
        textwrap.dedent("""
        from __future__ import annotations
        import sys
        from distributed import Client
        from sidecar_bridge.jobs import Job, Jobs

        jobs = Jobs(executor=lambda: Client(scheduler_file=sys.argv[1]))

        @jobs.job
        def add(job: Job, a: int, b: int) -> int:
            return sum(job.track([a, b]))

        if __name__ == "__main__":
            with jobs:
                print(add.submit(1, 2).result(60))
        """)
    )
    done = subprocess.run(
        [sys.executable, script, cluster._file], capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    assert done.stdout == "3\n", done.stderr
