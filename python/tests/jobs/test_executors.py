"""Executors of the app's: what they can do, and what none of them does to a job."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from job_work import LIMIT_S, add_to
from loky import ProcessPoolExecutor as Loky  # type: ignore[import-untyped]

from sidecar_bridge.jobs import JobCancelledError, JobFailedError, Jobs

pytest_plugins = ["job_fixtures"]

Wait = Callable[[Callable[[], object]], None]


def pool() -> Executor:
    return ProcessPoolExecutor(2, get_context("spawn"))


def loky() -> Executor:
    made: Executor = Loky(2)
    return made


@pytest.fixture(scope="module", params=[pool, loky])
def given(request: pytest.FixtureRequest) -> Iterator[Jobs]:
    """Jobs on a pool that the app has made, with two workers."""
    with add_to(Jobs(executor=request.param)) as jobs:
        yield jobs


def test_jobs_run_with_progress_and_logs(given: Jobs) -> None:
    job = given._functions["train"].submit(3)
    assert job.result(LIMIT_S).name == "a"
    assert [line.text for line in given._core.history.logs(job.id, 0, 9)] == ["epoch 0", "epoch 1", "epoch 2"]


@pytest.mark.parametrize("name", ["leave", "interrupt", "raise_http", "raise_two"])
def test_whatever_a_job_raises_the_pool_goes_on(given: Jobs, name: str) -> None:
    with pytest.raises(JobFailedError) as error:
        given._functions[name].submit().result(LIMIT_S)
    failure = error.value.job.failure
    assert failure is not None
    assert failure.code == "exception"
    assert given._functions["double"].submit(1).result(LIMIT_S) == 2


def test_a_cancel_reaches_the_function(given: Jobs, begun: str, wait_until: Wait) -> None:
    job = given._functions["listen"].submit(begun)
    wait_until(Path(begun).exists)
    job.cancel()
    with pytest.raises(JobCancelledError):
        job.result(LIMIT_S)


def test_a_deaf_job_stays_cancelling_until_it_ends(
    given: Jobs, tmp_path: Path, wait_until: Wait, caplog: pytest.LogCaptureFixture
) -> None:
    """The end of its process would be the end of the pool, with all that runs in there."""
    begun, end = tmp_path / "begun", tmp_path / "end"
    job = given._functions["be_deaf"].submit(str(begun), str(end))
    wait_until(begun.exists)
    with caplog.at_level(logging.WARNING, "sidecar_bridge.jobs"):
        job.cancel()
        wait_until(lambda: "its executor cannot end it" in caplog.text)
    assert job.get().state == "cancelling"
    end.touch()
    # It was done before it heard.
    assert job.result(LIMIT_S) == f"{job.id} is done"


def test_a_pool_that_broke_is_made_anew(given: Jobs, tmp_path: Path, wait_until: Wait) -> None:
    """What ran in it has failed; what waited runs on the next one."""
    begun = tmp_path / "begun"
    bystander = given._functions["be_deaf"].submit(str(begun), str(tmp_path / "end"))
    wait_until(begun.exists)
    dying = given._functions["die"].submit()
    waiting = [given._functions["double"].submit(n) for n in range(5)]
    for job in (bystander, dying):
        with pytest.raises(JobFailedError, match="its worker died, or was lost"):
            job.result(LIMIT_S)
    assert [job.result(LIMIT_S) for job in waiting] == [0, 2, 4, 6, 8]


class Refusing(Executor):
    """Is broken from the start, and says so only when it is asked."""

    def submit(self, *_args: Any, **_kwargs: Any) -> Future[Any]:
        msg = "cannot schedule new futures after shutdown"
        raise RuntimeError(msg)


def test_an_executor_that_cannot_be_made_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sidecar_bridge.jobs._lane.RETRY_S", 0.01)
    made: list[str] = []

    def executor() -> Executor:
        made.append("executor")
        if len(made) == 1:
            msg = "the scheduler is gone"
            raise OSError(msg)
        return Refusing() if len(made) == 2 else pool()

    with add_to(Jobs(executor=executor)) as jobs:
        job = jobs._functions["double"].submit(1)
        assert job.result(LIMIT_S) == 2
        assert len(made) == 3


def test_what_is_no_executor_is_refused(caplog: pytest.LogCaptureFixture, wait_until: Wait) -> None:
    with caplog.at_level(logging.ERROR, "sidecar_bridge.jobs"), Jobs(executor=lambda: 5) as jobs:

        @jobs.job
        def nothing(_job: Any) -> None: ...

        job = nothing.submit()
        wait_until(lambda: "int is no executor; give a `concurrent.futures.Executor`" in caplog.text)
        assert job.cancel().state == "cancelled"
