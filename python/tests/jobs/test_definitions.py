"""What is said when jobs are defined and submitted: a wrong value is refused there, with a remedy."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING, Any

import pytest
from job_work import LIMIT_S
from pydantic import BaseModel, SecretStr

from sidecar_bridge.jobs import HistoryError, InvalidArgumentsError, Job, Jobs, Queue

if TYPE_CHECKING:
    from decimal import Context

    from sidecar_bridge.jobs import Job as JobOfCheckers

pytest_plugins = ["job_fixtures"]


def of_threads(**options: Any) -> Jobs:
    return Jobs(executor=lambda: ThreadPoolExecutor(1), **options)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"concurrency": 0}, "`concurrency` is 0; give 1 or more"),
        ({"concurrency": -1}, "`concurrency` is -1; give 1 or more"),
        ({"concurrency": "4"}, "`concurrency` is '4'; give an integer"),
        ({"queues": {"slow": Queue(concurrency=0)}}, "`concurrency` is 0; give 1 or more"),
        ({"queues": {"slow": ThreadPoolExecutor}}, "queue `slow` is .*; give a `Queue`"),
        ({"executor": "threads"}, "`executor` is 'threads'; give a function that makes an executor"),
        ({"keep": -1}, "`keep` is -1; give 0 or more"),
        ({"max_result_bytes": -1}, "`max_result_bytes` is -1; give 0 or more"),
    ],
)
def test_jobs_that_could_never_run_are_refused(options: dict[str, Any], text: str) -> None:
    with pytest.raises((TypeError, ValueError), match=text):
        Jobs(**options)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"priority": "high"}, "`priority` is 'high'; give an integer"),
        ({"priority": 2**70}, "give 9223372036854775807 at most"),
        ({"cancel_timeout_s": -1}, "`cancel_timeout_s` is -1; give 0 or more seconds"),
        ({"cancel_timeout_s": math.nan}, "`cancel_timeout_s` is nan; give 0 or more seconds"),
        ({"cancel_timeout_s": "5"}, "`cancel_timeout_s` is '5'; give a number of seconds"),
        ({"max_memory_bytes": -1}, "`max_memory_bytes` is -1; give 1 or more"),
        ({"name": ""}, "job `` cannot have that name"),
        ({"name": ".."}, r"job `\.\.` cannot have that name"),
        ({"name": "why?"}, r"job `why\?` cannot have that name"),
        ({"name": 5}, "`name` is 5; give a text"),
    ],
)
def test_a_function_with_wrong_options_is_refused(options: dict[str, Any], text: str) -> None:
    def nothing(_job: Job) -> None: ...

    with pytest.raises((TypeError, ValueError), match=text):
        Jobs().job(**options)(nothing)


def test_a_generator_is_no_job() -> None:
    def numbers(_job: Job) -> Iterator[int]:
        yield 1

    async def numbers_to_come(_job: Job) -> AsyncIterator[int]:
        yield 1

    for function in (numbers, numbers_to_come):
        with pytest.raises(TypeError, match=f"job `{function.__name__}` is a generator"):
            Jobs().job(function)


@pytest.mark.parametrize(
    ("having", "text"),
    [
        ({"priority": 1.5}, "`priority` is 1.5; give an integer"),
        ({"priority": 2**70}, "give 9223372036854775807 at most"),
        ({"key": 5}, "`key` is 5; give a text"),
        ({"key": "\ud800"}, "no Unicode"),
        ({"key": ""}, "`key` is empty"),
        ({"label": 5}, "`label` is 5; give a text"),
    ],
)
def test_a_job_with_wrong_options_is_refused(having: dict[str, Any], text: str) -> None:
    jobs = Jobs()

    @jobs.job
    def nothing(_job: Job) -> None: ...

    with pytest.raises((TypeError, ValueError), match=text):
        nothing.having(**having)


def test_what_sqlite_does_not_know_is_an_argument_that_is_wrong() -> None:
    with Jobs() as jobs:
        for look in (lambda: jobs.get("\ud800"), lambda: jobs.list(limit=2**70), lambda: jobs.list(before="\ud800")):
            with pytest.raises(InvalidArgumentsError, match="SQLite does not know that value"):
                look()


class Login(BaseModel):
    user: str
    password: SecretStr


def test_a_secret_is_refused_and_not_replaced_by_asterisks() -> None:
    jobs = of_threads()

    @jobs.job
    def log_in(_job: Job, logins: list[Login]) -> int:
        return len(logins)

    @jobs.job
    def stars(_job: Job, text: str) -> str:
        return text

    with jobs:
        with pytest.raises(InvalidArgumentsError, match="argument `logins` has a secret of pydantic's in it"):
            log_in.submit([Login(user="me", password=SecretStr("hunter2"))])
        assert stars.submit("**********").result(LIMIT_S) == "**********"


def test_none_may_be_a_default_whatever_the_type() -> None:
    jobs = of_threads()

    @jobs.job
    def show(_job: Job, n: int = None, path: Path = "out") -> str:  # type: ignore[assignment] # noqa: RUF013 - as people do
        return repr((n, path.name))

    @jobs.job
    def wrong(_job: Job, n: int = "many") -> int:  # type: ignore[assignment] # as above
        return n

    with jobs:
        assert show.submit().result(LIMIT_S) == "(None, 'out')"
        with pytest.raises(InvalidArgumentsError, match="argument `n`: Input should be a valid integer"):
            wrong.submit()


def test_the_type_of_the_job_may_be_for_type_checkers_alone() -> None:
    jobs = of_threads()

    @jobs.job
    def double(_job: JobOfCheckers, n: int) -> int:
        return 2 * n

    @jobs.job
    def unreadable(_job: Job, _context: Context) -> None: ...

    with jobs:
        assert double.submit(3).result(LIMIT_S) == 6
        with pytest.raises(TypeError, match=r"a type of job `unreadable` cannot be read: .*; import it outside of"):
            unreadable.submit("any")  # type: ignore[arg-type] # it is refused


def _half(job: Job) -> None:
    job.progress(Fraction(1, 2), Decimal(1))  # type: ignore[arg-type] # numbers of other kinds, as `numpy` has them


def _not_a_number(job: Job) -> None:
    job.progress(math.nan, 2)
    job.progress(-3, -3)
    job.progress(1, 2)


def _long(job: Job) -> None:
    for _ in job.track(range(10**30)):
        return


def _bar(job: Job) -> None:
    with job.tqdm(total=Fraction(4), desc=5) as bar:  # type: ignore[call-overload] # as above
        bar.update(Decimal(1))
        sleep(0.2)


def _title(job: Job) -> None:
    with job.stage(5):  # type: ignore[arg-type] # as above
        sleep(0.2)


@pytest.mark.parametrize("work", [_half, _not_a_number, _long, _bar, _title])
def test_no_progress_takes_a_job_its_result(work: Callable[[Job], None]) -> None:
    """A number that is not JSON would be lost with it, and the end of the job, too."""
    jobs = of_threads()

    @jobs.job
    def run(job: Job) -> int:
        work(job)
        sleep(0.1)
        return 5

    with jobs:
        job = run.submit()
        assert job.result(LIMIT_S) == 5
        assert job.get().progress.fraction == 1


def test_a_line_of_the_log_may_have_a_value_of_any_name() -> None:
    jobs = of_threads()

    @jobs.job
    def log(job: Job) -> None:
        job.log("line", text="a", self=1)

    with jobs:
        log.submit().result(LIMIT_S)


@pytest.mark.parametrize("size", [239, 250, 255])
def test_a_file_may_have_a_long_name(tmp_path: Path, size: int) -> None:
    path = tmp_path / ("n" * size)
    with Job().file(path, "w") as file:
        file.write("whole")
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_a_folder_or_a_device_is_not_replaced(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"is no file, .*; open a device with `open`"), Job().file(tmp_path):
        pass


def test_jobs_in_memory_may_be_called_as_sqlite_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with Jobs(":memory:") as jobs:
        assert jobs.list() == []
    assert list(tmp_path.iterdir()) == []


def test_jobs_that_are_cancelled_while_they_wait_are_forgotten_as_others_are(begun: str) -> None:
    jobs = of_threads(keep=10)

    @jobs.job
    def wait(_job: Job, begun: Path | None = None) -> None:
        while begun is not None and not begun.exists():
            sleep(0.005)

    with jobs:
        wait.submit(Path(begun))
        for job in [wait.submit() for _ in range(300)]:
            job.cancel()
        cancelled = len(jobs.list(state="cancelled", limit=1000))
        Path(begun).touch()
    assert cancelled <= 110


def test_a_job_ends_also_while_the_oldest_cannot_be_removed(tmp_path: Path) -> None:
    """Whoever waits for the hundredth job would never hear of its end."""
    import sqlite3  # noqa: PLC0415 - to break the database

    path = tmp_path / "jobs.db"
    jobs = of_threads(path=path, keep=10)

    @jobs.job
    def nothing(_job: Job) -> None: ...

    with jobs:
        pass
    db = sqlite3.connect(path)
    db.execute("CREATE TRIGGER full BEFORE DELETE ON jobs BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END")
    db.commit()
    db.close()
    with jobs:
        for _ in range(105):
            nothing.submit().result(LIMIT_S)
        assert len(jobs.list(limit=1000)) == 105


@pytest.mark.parametrize("path", [".", "file/jobs.db", "a\0b"])
def test_a_path_that_is_none_for_a_database_is_told_with_a_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").touch()
    with pytest.raises(HistoryError, match="give the path of a file, in a folder that"), Jobs(path):
        pass


def test_an_executor_that_never_begins_a_job_holds_up_no_end() -> None:
    class Never(Executor):
        def submit(self, _function: Any, /, *_args: Any, **_kwargs: Any) -> Future[Any]:
            future: Future[Any] = Future()
            future.set_running_or_notify_cancel()
            return future

    jobs = Jobs(executor=Never())

    @jobs.job(cancel_timeout_s=0.1)
    def nothing(_job: Job) -> None: ...

    with jobs:
        job = nothing.submit()
        while job.get().state != "running":
            sleep(0.005)
