"""`job.tqdm`: bars that are stages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import sleep

import pytest
from job_work import LIMIT_S
from tqdm import tqdm

from sidecar_bridge.jobs import Job, Jobs

pytest_plugins = ["job_fixtures"]

Wait = Callable[[Callable[[], object]], None]


def test_each_step_is_seen_of_a_bar_that_is_disabled(threads: Jobs, tmp_path: Path, wait_until: Wait) -> None:
    """tqdm itself would count nothing, and show the last step of a fast loop only at its end."""
    begun, go = tmp_path / "begun", tmp_path / "go"
    job = threads._functions["with_tqdm"].submit(1000, str(begun), str(go))
    wait_until(begun.exists)
    wait_until(lambda: job.get().progress.current == 999)
    assert job.get().progress.stage == "rows"
    assert job.get().progress.fraction == 0.999
    go.touch()
    assert job.result(LIMIT_S) == 1000


def test_it_is_a_drop_in(capsys: pytest.CaptureFixture[str]) -> None:
    job = Job()
    bar = job.tqdm(total=10, desc="bytes", unit="B", mininterval=60, delay=60)
    assert isinstance(bar, tqdm)
    with bar:
        bar.update(5)
        bar.update(3)
        assert job._stages.fraction() == 0.8
        bar.set_description("more")
        assert job._shown()["stage"] == "more"
        bar.total = 16
        bar.refresh()
        assert job._shown()["total"] == 16
        bar.set_postfix(loss=1)
    assert job._stages.fraction() == 1
    bar.close()
    assert capsys.readouterr() == ("", "")


def test_bars_in_bars_add_up() -> None:
    job = Job()
    seen = [job._stages.fraction() for _ in job.tqdm(range(2)) for _ in job.tqdm(range(2), leave=False)]
    assert seen == [0, 0.25, 0.5, 0.75]


def test_a_bar_without_a_length_counts() -> None:
    job = Job()
    for n, _ in enumerate(job.tqdm(iter("abc"))):
        assert job._shown() == {"fraction": None, "stage": "", "current": n, "total": None, "rest_ms": None}


def test_no_thread_watches_the_bars(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tqdm, "monitor", None)
    for _ in Job().tqdm(range(2)):
        sleep(0)
    assert tqdm.monitor is None
