"""What the person sees of jobs outside of the page."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from job_work import LIMIT_S, add_to

from sidecar_bridge.jobs import Desktop, JobFailedError, Jobs
from sidecar_bridge.testing import FakeHost

pytest_plugins = ["job_fixtures"]

Wait = Callable[[Callable[[], object]], None]
TASKBAR = "plugin:window|set_progress_bar"
NOTIFY = "plugin:notification|notify"


@pytest.fixture
def host(fake: FakeHost) -> FakeHost:
    fake.answers(TASKBAR)
    fake.answers(NOTIFY)
    return fake


def make(**options: Any) -> Jobs:
    desktop = Desktop(**{"notify_after_s": 0, **options})
    return add_to(Jobs(executor=lambda: ThreadPoolExecutor(2), desktop=desktop))


def test_the_taskbar_shows_how_far_the_jobs_are(host: FakeHost, tmp_path: Path, wait_until: Wait) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    with make() as jobs:
        job = jobs._functions["halves"].submit(str(first), str(second))
        wait_until(lambda: {"value": {"status": "normal", "progress": 25}} in host.args_of(TASKBAR))
        first.touch()
        wait_until(lambda: {"value": {"status": "normal", "progress": 75}} in host.args_of(TASKBAR))
        second.touch()
        job.result(LIMIT_S)
        wait_until(lambda: host.args_of(TASKBAR)[-1] == {"value": {"status": "none"}})
    assert {call.window for call in host.calls if call.command == TASKBAR} == {"main"}


def test_a_burst_of_progress_is_few_calls(host: FakeHost, wait_until: Wait) -> None:
    with make(notifications=False) as jobs:
        jobs._functions["burst"].submit(50_000).result(LIMIT_S)
        wait_until(lambda: host.args_of(TASKBAR)[-1:] == [{"value": {"status": "none"}}])
    assert len(host.calls) < 30


@pytest.mark.parametrize(("code", "level"), [("unavailable", "INFO"), ("not_found", "WARNING")])
def test_what_cannot_be_shown_now_is_shown_later(
    host: FakeHost, code: Any, level: str, caplog: pytest.LogCaptureFixture, wait_until: Wait
) -> None:
    host.refuses(TASKBAR, code, "no window")
    with caplog.at_level("INFO", "sidecar_bridge.jobs"), make(notifications=False) as jobs:
        wait_until(lambda: host.args_of(TASKBAR))
        host.answers(TASKBAR)
        jobs._functions["burst"].submit(50_000).result(LIMIT_S)
        wait_until(lambda: host.args_of(TASKBAR)[-1:] == [{"value": {"status": "none"}}])
        wait_until(lambda: len(host.args_of(TASKBAR)) > 1)
    said = [record for record in caplog.records if "taskbar" in record.message]
    assert said[0].levelname == level
    assert said[0].message.startswith("jobs show no taskbar now: ")


def test_a_bar_that_a_killed_sidecar_has_left_is_removed(host: FakeHost, wait_until: Wait) -> None:
    with make():
        wait_until(lambda: host.args_of(TASKBAR) == [{"value": {"status": "none"}}])


def test_a_notification_tells_of_the_end(host: FakeHost, wait_until: Wait) -> None:
    with make(taskbar=False) as jobs:
        jobs._functions["log_lines"].submit(1).result(LIMIT_S)
        with pytest.raises(JobFailedError):
            jobs._functions["leave"].submit().result(LIMIT_S)
        jobs._functions["log_lines"].having(label="a.csv").submit(1).result(LIMIT_S)
        with pytest.raises(JobFailedError):
            jobs._functions["leave"].having(label="a.csv").submit().result(LIMIT_S)
        wait_until(lambda: len(host.args_of(NOTIFY)) == 4)
    assert {call.command for call in host.calls} == {NOTIFY}
    assert [args["options"] for args in host.args_of(NOTIFY)] == [
        {"title": "Log lines is done", "body": ""},
        {"title": "Leave has failed", "body": "the function called sys.exit(3)"},
        {"title": "Log lines is done", "body": "a.csv"},
        {"title": "Leave has failed", "body": "a.csv: the function called sys.exit(3)"},
    ]


def test_nobody_is_told_of_short_jobs_and_cancelled_ones(host: FakeHost, begun: str, wait_until: Wait) -> None:
    jobs = make(taskbar=False, text=lambda job: (job.name, "own"))
    quiet = jobs.job(name="quiet", notify=False)(jobs._functions["double"].__wrapped__)  # type: ignore[attr-defined]
    with jobs:
        quiet.submit(1).result(LIMIT_S)
        cancelled = jobs._functions["listen"].submit(begun)
        wait_until(Path(begun).exists)
        cancelled.cancel()
        list(cancelled)
        jobs._functions["double"].submit(1).result(LIMIT_S)
        wait_until(lambda: host.args_of(NOTIFY))
    assert [args["options"]["title"] for args in host.args_of(NOTIFY)] == ["double"]
    with make(notify_after_s=60, taskbar=False) as jobs:
        jobs._functions["double"].submit(1).result(LIMIT_S)
    assert len(host.args_of(NOTIFY)) == 1


def test_what_is_not_granted_is_said_once(fake: FakeHost, caplog: pytest.LogCaptureFixture, wait_until: Wait) -> None:
    fake.refuses(TASKBAR)
    fake.answers(NOTIFY)
    with caplog.at_level(logging.WARNING, "sidecar_bridge.jobs"), make() as jobs:
        for _ in range(3):
            jobs._functions["double"].submit(1).result(LIMIT_S)
            wait_until(lambda: fake.args_of(NOTIFY))
    said = [record.message for record in caplog.records]
    assert len(said) == 1
    assert said[0].startswith("jobs show no taskbar any more: permission_denied")


@pytest.mark.parametrize("answer", ["Yes", "No"])
def test_a_window_asks_before_it_closes_while_jobs_run(
    host: FakeHost, begun: str, wait_until: Wait, answer: str
) -> None:
    host.answers("plugin:dialog|message", answer)
    host.answers("plugin:window|destroy")
    with make(taskbar=False, notifications=False, close_question="A job is under way. Close anyway?") as jobs:
        wait_until(lambda: jobs._shown is not None and jobs._shown._asking is not None)
        job = jobs._functions["listen"].submit(begun)
        wait_until(lambda: jobs._shown is not None and jobs._shown._running)
        assert not host.closes("main")
        wait_until(lambda: host.args_of("plugin:dialog|message"))
        if answer == "Yes":
            wait_until(lambda: host.args_of("plugin:window|destroy"))
        else:
            job.cancel()
            list(job)
            # Nothing runs any more.
            wait_until(lambda: jobs._shown is not None and not jobs._shown._running)
            assert host.closes("main")
    assert len(host.args_of("plugin:window|destroy")) == (1 if answer == "Yes" else 0)


def test_a_window_that_nobody_can_ask_for_closes_at_the_next_try(
    host: FakeHost, begun: str, wait_until: Wait, caplog: pytest.LogCaptureFixture
) -> None:
    host.refuses("plugin:dialog|message")
    host.refuses("plugin:window|destroy")
    with (
        caplog.at_level(logging.WARNING, "sidecar_bridge.jobs"),
        make(taskbar=False, notifications=False, close_question="Close anyway?") as jobs,
    ):
        wait_until(lambda: jobs._shown is not None and jobs._shown._asking is not None)
        jobs._functions["listen"].submit(begun)
        wait_until(lambda: jobs._shown is not None and jobs._shown._running)
        assert not host.closes("main")
        wait_until(lambda: "jobs show no end of the window any more" in caplog.text)
        assert host.closes("main")
