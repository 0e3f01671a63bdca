"""What a job does, on processes and on threads alike."""

from __future__ import annotations

import asyncio
import inspect
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import job_work
import pytest
from job_work import LIMIT_S, Model, add_to
from pydantic import BaseModel, ConfigDict, PlainSerializer

from sidecar_bridge.jobs import (
    InvalidArgumentsError,
    Job,
    JobCancelledError,
    JobFailedError,
    JobFunction,
    JobRef,
    Jobs,
    JobStateError,
    NotOpenError,
    Progress,
    Queue,
    UnknownJobError,
)

pytest_plugins = ["job_fixtures"]

Wait = Callable[[Callable[[], object]], None]


def submit(jobs: Jobs, name: str, /, *args: Any, **kwargs: Any) -> JobRef[Any]:
    function: JobFunction[Any, Any, Any] = jobs._functions[name]
    return function.submit(*args, **kwargs)


def test_a_result_has_its_type(jobs: Jobs) -> None:
    job = submit(jobs, "train", 3)
    assert job.result(LIMIT_S) == Model(name="a", trained=date(2024, 12, 31))
    record = job.get()
    assert (record.state, record.attempt, record.progress.fraction) == ("done", 1, 1.0)
    assert record.result == Model(name="a", trained=date(2024, 12, 31))
    assert record.submitted_at <= record.started_at <= record.ended_at  # type: ignore[operator]


def test_an_async_function_runs(jobs: Jobs) -> None:
    assert submit(jobs, "greet", "Ada").result(LIMIT_S) == "hello Ada"


@pytest.mark.skipif(sys.platform == "win32", reason="it has no forks")
def test_a_forked_child_leaves_the_jobs_to_its_parent(tmp_path: Path) -> None:
    program = f"""
import os
from job_work import LIMIT_S
from sidecar_bridge.jobs import Job, Jobs, NotOpenError
jobs = Jobs({str(tmp_path / "jobs.db")!r})
@jobs.job
def never(job: Job) -> None: ...
with jobs:
    jobs.list()
    child = os.fork()
    if not child:
        try:
            never.submit()
        except NotOpenError as error:
            print(error, flush=True)
        jobs.close()
        os._exit(0)
    os.waitpid(child, 0)
    print(len(jobs.list()), os.path.exists({str(tmp_path / "jobs.db-wal")!r}))
"""
    ended = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        cwd=Path(job_work.__file__).parent,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=True,
    )
    assert ended.stdout.splitlines() == [
        "the jobs belong to the process that this one is a fork of; submit them there",
        "0 True",
    ]


async def test_async_code_awaits_a_job(jobs: Jobs) -> None:
    assert await submit(jobs, "double", 21) == 42
    with pytest.raises(JobFailedError, match=r"is failed: the function called sys.exit\(3\)"):
        await submit(jobs, "leave")


async def test_a_task_that_is_cancelled_lets_the_job_be(jobs: Jobs, begun: str) -> None:
    job = submit(jobs, "be_deaf", begun, f"{begun}-end")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(job, 0.05)
    Path(f"{begun}-end").touch()  # noqa: ASYNC240 - quick
    assert await job == f"{job.id} is done"


def test_a_function_is_called_as_it_is() -> None:
    """As the tests of an app do, without any executor."""
    assert job_work.double(Job(), 4) == 8
    assert job_work.train(Job(), epochs=2).name == "a"
    assert inspect.unwrap(job_work.train).__name__ == "train"


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ((), "missing a required argument: 'n'"),
        (("x",), "argument `n`: Input should be a valid integer"),
        ((1, 2), "too many positional arguments"),
    ],
)
def test_wrong_arguments_are_refused_before_the_job_is_accepted(threads: Jobs, args: Any, said: str) -> None:
    with pytest.raises(InvalidArgumentsError, match=said) as error:
        submit(threads, "double", *args)
    assert error.value.code == "invalid_argument"
    assert threads.list() == []


def test_arguments_may_be_called_as_options_and_methods(jobs: Jobs) -> None:
    """Keywords of executors, and attributes of models."""
    named: dict[str, Any] = {"key": "k", "priority": 1, "workers": 2, "pure": True, "self": 3, "json": "j"}
    assert submit(jobs, "take", **named).result(LIMIT_S) == "k 1 2 True 3 j"


@pytest.mark.parametrize(
    ("name", "kind", "said"),
    [
        ("leave", "SystemExit", "the function called sys.exit(3)"),
        ("interrupt", "KeyboardInterrupt", "KeyboardInterrupt"),
        ("raise_http", "httpx.HTTPStatusError", "404"),
        ("raise_two", "job_work.TwoArgumentsError", "two arguments"),
    ],
)
def test_whatever_a_function_raises_is_its_own_failure(jobs: Jobs, name: str, kind: str, said: str) -> None:
    """Some of these end the server, and some break a whole pool, unless they are caught in the worker."""
    failing, other = submit(jobs, name), submit(jobs, "double", 1)
    with pytest.raises(JobFailedError) as error:
        failing.result(LIMIT_S)
    failure = error.value.job.failure
    assert failure is not None
    assert (failure.code, failure.type, failure.detail) == ("exception", kind, said)
    assert "job_work.py" in str(failure.traceback)
    assert "traceback" not in failure.model_dump()
    assert other.result(LIMIT_S) == 2


def test_a_result_that_is_not_what_the_function_says_fails(jobs: Jobs) -> None:
    for what in ("text", "lock"):
        with pytest.raises(JobFailedError, match="the result is not what the function says it returns"):
            submit(jobs, "give", what).result(LIMIT_S)
    assert submit(jobs, "give", "large").result(LIMIT_S) == 10**6


@pytest.mark.parametrize("within", ["", "dict", "list"])
@pytest.mark.parametrize("number", [float("nan"), float("-inf")])
def test_a_number_that_json_does_not_have_is_no_result(jobs: Jobs, number: float, within: str) -> None:
    """It comes in as an argument, and is logged and kept. As a result a page could not read it, so its job fails."""
    job = submit(jobs, "measure", number, within)
    with pytest.raises(JobFailedError, match="NaN or infinity, which JSON does not have; give `None`") as error:
        job.result(LIMIT_S)
    assert error.value.job.failure is not None
    assert error.value.job.failure.code == "invalid_result"
    assert repr(jobs._core.history.logs(job.id, 0, 1)[0].values["loss"]) == repr(number)


def test_a_result_that_could_not_be_read_again_is_none(threads: Jobs) -> None:
    class Loss(BaseModel):
        loss: float

    class Unread(BaseModel):
        kind: Annotated[str, PlainSerializer(lambda _: 1)]

    class Named(BaseModel):
        model_config = ConfigDict(ser_json_inf_nan="strings")
        loss: float

    def lost(_job: Job) -> Loss:
        return Loss(loss=float("nan"))  # pydantic writes `null`

    def unread(_job: Job) -> Unread:
        return Unread(kind="a")

    def named(_job: Job) -> Named:
        return Named(loss=float("inf"))

    for function, kind in ((lost, Loss), (unread, Unread), (named, Named)):
        function.__annotations__["return"] = kind
        threads.job(function)
    with pytest.raises(JobFailedError, match="it has NaN or infinity"):
        submit(threads, "lost").result(LIMIT_S)
    with pytest.raises(JobFailedError, match="as JSON it is not of that type any more"):
        submit(threads, "unread").result(LIMIT_S)
    assert submit(threads, "named").result(LIMIT_S) == Named(loss=float("inf"))


def test_a_result_that_is_too_large_fails() -> None:
    with add_to(Jobs(executor=lambda: ThreadPoolExecutor(1), max_result_bytes=10)) as jobs:
        assert submit(jobs, "large", 8).result(LIMIT_S) == "x" * 8
        with pytest.raises(JobFailedError, match="has 11 bytes as JSON, and may have 10; write a file"):
            submit(jobs, "large", 9).result(LIMIT_S)


def test_progress_adds_up_over_stages(jobs: Jobs, tmp_path: Path, wait_until: Wait) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    job = submit(jobs, "halves", str(first), str(second))
    wait_until(lambda: job.get().progress.current == 1)
    shown = job.get().progress
    assert (shown.stage, shown.fraction, shown.total) == ("first", 0.25, 2)
    assert shown.rest_ms is not None
    first.touch()
    wait_until(lambda: job.get().progress.stage == "second")
    wait_until(lambda: job.get().progress.fraction == 0.75)
    second.touch()
    job.result(LIMIT_S)
    assert job.get().progress.fraction == 1


def test_the_last_step_of_a_burst_is_seen(jobs: Jobs) -> None:
    """However many steps there are, few are told; the last one always is."""
    job = submit(jobs, "burst", 20_000)
    seen = [record.progress for record in job]
    assert len(seen) < 100
    assert seen[-1].fraction == 1
    assert all(a <= b for a, b in zip(_fractions(seen), _fractions(seen)[1:], strict=False))


def _fractions(seen: list[Progress]) -> list[float]:
    return [each.fraction for each in seen if each.fraction is not None]


async def test_async_code_follows_a_job(jobs: Jobs) -> None:
    states = [record.state async for record in submit(jobs, "double", 1)]
    assert states[-1] == "done"
    assert set(states) <= {"queued", "running", "done"}


def test_logs_are_kept_in_their_order(jobs: Jobs) -> None:
    job = submit(jobs, "log_lines", 3000)
    job.result(LIMIT_S)
    lines = jobs._core.history.logs(job.id, 0, 10_000)
    assert [line.text for line in lines] == [f"line {n}" for n in range(3000)]
    assert [line.n for line in lines] == list(range(1, 3001))
    trained = submit(jobs, "train", 1)
    trained.result(LIMIT_S)
    assert jobs._core.history.logs(trained.id, 0, 10)[0].values == {"loss": 1.0}


def test_a_cancel_reaches_the_function(jobs: Jobs, begun: str, wait_until: Wait) -> None:
    job = submit(jobs, "listen", begun)
    wait_until(Path(begun).exists)
    # A thread may have heard already.
    assert job.cancel().state in {"cancelling", "cancelled"}
    with pytest.raises(JobCancelledError):
        job.result(LIMIT_S)
    with pytest.raises(JobStateError, match="is cancelled already, so there is nothing to cancel"):
        job.cancel()


@pytest.mark.parametrize(
    ("how", "seen"),
    [
        ("raise", ("failed", 0.5, "rows", 1, 2, None)),
        ("cancel", ("cancelled", 0.5, "rows", 1, 2, None)),
        ("break", ("done", 1.0, "", None, None, 0)),
    ],
)
def test_a_job_that_is_not_done_stays_where_it_was(
    jobs: Jobs, begun: str, wait_until: Wait, how: str, seen: object
) -> None:
    job = submit(jobs, "stop_at_half", how, begun)
    if how == "cancel":
        wait_until(Path(begun).exists)
        job.cancel()
    wait_until(lambda: job.get().has_ended)
    state, last = job.get().state, job.get().progress
    assert (state, last.fraction, last.stage, last.current, last.total, last.rest_ms) == seen


@pytest.mark.parametrize("name", ["raise_two", "die", "crash"])
def test_what_the_log_says_of_a_failure_has_no_empty_line(
    processes: Jobs, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    with pytest.raises(JobFailedError):
        submit(processes, name).result(LIMIT_S)
    said = [record.getMessage() for record in caplog.records if record.name.startswith("sidecar_bridge")]
    assert any("failed:" in text for text in said)
    assert [text for text in said if not text.splitlines()[-1].strip() or text.endswith("\n")] == []


def test_a_second_cancel_changes_nothing(jobs: Jobs, begun: str, wait_until: Wait) -> None:
    job = submit(jobs, "finish_anyway", begun)
    wait_until(Path(begun).exists)
    states = {job.cancel().state}
    # It may have ended meanwhile.
    with suppress(JobStateError):
        states.add(job.cancel().state)
    assert "cancelling" in states or states == {"done"}
    # It heard, and was done in spite of that: what is done is done.
    assert job.result(LIMIT_S) == "done anyway"


def test_except_exception_does_not_swallow_a_cancel(jobs: Jobs, begun: str, wait_until: Wait) -> None:
    job = submit(jobs, "swallow", begun)
    wait_until(Path(begun).exists)
    job.cancel()
    with pytest.raises(JobCancelledError):
        job.result(LIMIT_S)


def test_a_job_that_waits_is_cancelled_at_once(begun: str) -> None:
    with add_to(Jobs(executor=lambda: ThreadPoolExecutor(1))) as jobs:
        running = submit(jobs, "listen", begun)
        waiting = submit(jobs, "append", begun, "x")
        assert waiting.cancel().state == "cancelled"
        running.cancel()
        with pytest.raises(JobCancelledError):
            running.result(LIMIT_S)
        assert submit(jobs, "double", 1).result(LIMIT_S) == 2
        assert not Path(begun).exists() or Path(begun).read_text() == ""


def test_cancels_race_with_ends() -> None:
    """Whoever comes first: a job has one end, and the cancel is either in time or says that it was not."""
    with add_to(Jobs(executor=lambda: ThreadPoolExecutor(4))) as jobs, ThreadPoolExecutor(4) as others:
        made = [submit(jobs, "double", n) for n in range(300)]

        def cancel(job: JobRef[Any]) -> bool:
            try:
                job.cancel()
            except JobStateError:
                return False
            return True

        in_time = list(others.map(cancel, made))
        for job, was_in_time in zip(made, in_time, strict=True):
            list(job)
            assert job.get().state in ({"cancelled", "done"} if was_in_time else {"done"})


def test_thousands_of_jobs_run_once_each(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with add_to(Jobs(tmp_path / "jobs.db", executor=lambda: ThreadPoolExecutor(1), keep=5000)) as jobs:
        made = [submit(jobs, "append", str(log), f"{n}\n") for n in range(3000)]
        made[-1].result(LIMIT_S * 3)
        assert log.read_text().split() == [str(n) for n in range(3000)]
        assert {job.state for job in jobs.list(limit=5000)} == {"done"}
        assert len(jobs.list(limit=5000)) == 3000


def test_those_with_more_priority_go_first(tmp_path: Path) -> None:
    log, go = tmp_path / "log", tmp_path / "go"
    with add_to(Jobs(executor=lambda: ThreadPoolExecutor(1))) as jobs:
        submit(jobs, "be_deaf", str(tmp_path / "begun"), str(go))
        low = [submit(jobs, "append", str(log), text) for text in "ab"]
        high = jobs._functions["append"].having(priority=5).submit(str(log), "c")
        go.touch()
        for job in [*low, high]:
            job.result(LIMIT_S)
        assert high.get().priority == 5
    assert log.read_text() == "cab"


def test_a_queue_has_an_executor_and_a_limit_of_its_own(tmp_path: Path, wait_until: Wait) -> None:
    jobs = Jobs(executor=lambda: ThreadPoolExecutor(4), queues={"one": Queue(lambda: ThreadPoolExecutor(4), 1)})
    narrow = jobs.job(queue="one", name="narrow")(job_work.be_deaf.__wrapped__)  # type: ignore[attr-defined]
    wide = jobs.job(name="wide")(job_work.double.__wrapped__)  # type: ignore[attr-defined]
    with jobs:
        first = narrow.submit(str(tmp_path / "a"), str(tmp_path / "go"))
        second = narrow.submit(str(tmp_path / "b"), str(tmp_path / "go"))
        wait_until((tmp_path / "a").exists)
        assert wide.submit(2).result(LIMIT_S) == 4
        assert second.get().state == "queued"
        (tmp_path / "go").touch()
        assert first.result(LIMIT_S)
        assert second.result(LIMIT_S)


def test_one_key_is_one_job(threads: Jobs, tmp_path: Path) -> None:
    log = str(tmp_path / "log")
    append = threads._functions["append"].having(key="k")
    one, same = append.submit(log, "x"), append.submit(log, "x")
    assert one.id == same.id
    same.result(LIMIT_S)
    assert append.submit(log, "x").id == one.id
    assert Path(log).read_text() == "x"
    with pytest.raises(InvalidArgumentsError, match=f"key 'k' is that of job {one.id}, which has other arguments"):
        append.submit(log, "y")


def test_a_file_is_written_whole_or_not_at_all(jobs: Jobs, tmp_path: Path) -> None:
    path = tmp_path / "out.txt"
    assert submit(jobs, "write", str(path)).result(LIMIT_S) == "whole"
    path.write_text("before")
    with pytest.raises(JobFailedError, match="on purpose"):
        submit(jobs, "write", str(path), fail=True).result(LIMIT_S)
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_job_is_tried_again(threads: Jobs, tmp_path: Path) -> None:
    path = tmp_path / "absent" / "out.txt"
    job = submit(threads, "write", str(path))
    with pytest.raises(JobFailedError, match="No such file"):
        job.result(LIMIT_S)
    path.parent.mkdir()
    assert threads.retry(job.id).state in {"queued", "running", "done"}
    assert job.result(LIMIT_S) == "whole"
    assert job.get().attempt == 2
    with pytest.raises(JobStateError, match="is done; only jobs that failed"):
        threads.retry(job.id)


def test_old_jobs_are_forgotten(threads: Jobs) -> None:
    job = submit(threads, "double", 1)
    job.result(LIMIT_S)
    assert threads._core.history.forget(0) == 1
    with pytest.raises(UnknownJobError, match=f"there is no job '{job.id}'"):
        job.get()


def test_result_has_a_deadline_and_the_job_goes_on(threads: Jobs, begun: str) -> None:
    job = submit(threads, "be_deaf", begun, f"{begun}-end")
    with pytest.raises(TimeoutError, match=r"has not ended within 0\.01 s; it goes on"):
        job.result(0.01)
    Path(f"{begun}-end").touch()
    assert job.result(LIMIT_S)


def test_closed_jobs_take_none() -> None:
    jobs = add_to(Jobs(executor=lambda: ThreadPoolExecutor(1)))
    with jobs:
        job = submit(jobs, "double", 1)
        job.result(LIMIT_S)
    for use in (lambda: submit(jobs, "double", 1), job.get, jobs.list):
        with pytest.raises(NotOpenError, match="the jobs are closed"):
            use()


def test_a_function_without_a_job_is_refused() -> None:
    jobs = Jobs()

    def none() -> None: ...
    def starred(_job: Job, *_rest: int) -> None: ...

    with pytest.raises(TypeError, match="`none` takes no job; write"):
        jobs.job(none)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"parameter `\*_rest: 'int'` of job `starred` has no name on the wire"):
        jobs.job(starred)
    jobs.job(name="a")(job_work.double.__wrapped__)  # type: ignore[attr-defined]
    with pytest.raises(ValueError, match="there is a job `a` already"):
        jobs.job(name="a")(job_work.double.__wrapped__)  # type: ignore[attr-defined]
    for name in ("a/b", "{id}"):
        with pytest.raises(ValueError, match="cannot have that name, which is a part of paths"):
            jobs.job(name=name)(job_work.double.__wrapped__)  # type: ignore[attr-defined]
    with pytest.raises(TypeError, match="import by its name, which partial has none of"):
        jobs.job(partial(none))
    with pytest.raises(ValueError, match="there is no queue `b`, only default"):
        jobs.job(name="b", queue="b")(job_work.double.__wrapped__)  # type: ignore[attr-defined]


def test_what_is_no_unicode_is_spelled_out() -> None:
    """It comes from names of files. JSON and SQLite refuse it, and a job that logs it last would never end."""
    jobs = Jobs(executor=lambda: ThreadPoolExecutor(1))

    @jobs.job
    def reads(job: Job) -> None:
        with job.stage("reading \udcff"):
            for number in range(200):
                job.log(f"{number} \udcff")
            name = "\udcff.csv"
            msg = f"no table in {name}"
            raise ValueError(msg)

    with jobs:
        job = reads.submit()
        with pytest.raises(JobFailedError, match=r"no table in \\udcff.csv"):
            job.result(LIMIT_S)
        assert r"no table in \\udcff.csv" in job.get().model_dump_json()
        assert [line.text for line in jobs._core.history.logs(job.id, 199, 1)] == [r"199 \udcff"]


def test_importing_the_package_does_not_import_jobs() -> None:
    code = "import sys, sidecar_bridge; print('sidecar_bridge.jobs' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


@pytest.mark.parametrize(
    ("absent", "code", "said"),
    [
        ("pydantic", "import sidecar_bridge.jobs", "pydantic is not installed, which jobs need; run: pip install "),
        (
            "fastapi",
            "from sidecar_bridge.jobs import Jobs; Jobs().router",
            "FastAPI is not installed, which routes of jobs ",
        ),
    ],
)
def test_what_is_not_installed_is_named(absent: str, code: str, said: str) -> None:
    without = f"import sys; sys.modules[{absent!r}] = None; {code}"
    ended = subprocess.run([sys.executable, "-c", without], capture_output=True, text=True, check=False)
    assert f"\nImportError: {said}" in ended.stderr
    assert "'tauri-sidecar-bridge[jobs]'" in ended.stderr


def test_making_jobs_opens_and_starts_nothing(tmp_path: Path) -> None:
    """Every worker process imports the module of the jobs, and makes them anew."""
    made: list[str] = []

    def path() -> Path:
        made.append("path")
        return tmp_path / "deep" / "jobs.db"

    def executor() -> ThreadPoolExecutor:
        made.append("executor")
        return ThreadPoolExecutor(1)

    jobs = add_to(Jobs(path, executor=executor))
    assert made == []
    with jobs:
        assert made == ["path"]
        submit(jobs, "double", 1).result(LIMIT_S)
    assert made == ["path", "executor"]
