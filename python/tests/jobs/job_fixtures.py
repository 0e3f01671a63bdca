"""Jobs for the tests, on each of the executors of this machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic, sleep

import pytest
from job_work import LIMIT_S, add_to

from sidecar_bridge.jobs import Jobs


@pytest.fixture(scope="session")
def processes() -> Iterator[Jobs]:
    """Jobs on processes of their own: one for all tests, for a process takes a while to start."""
    with add_to(Jobs(concurrency=2)) as jobs:
        yield jobs


@pytest.fixture
def threads() -> Iterator[Jobs]:
    with add_to(Jobs(executor=lambda: ThreadPoolExecutor(4))) as jobs:
        yield jobs


@pytest.fixture(params=["processes", "threads"])
def jobs(request: pytest.FixtureRequest) -> Jobs:
    """Runs each test on processes and on threads."""
    found: Jobs = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def wait_until() -> Callable[[Callable[[], object]], None]:
    """Waits until something is so."""

    def wait(is_so: Callable[[], object]) -> None:
        end = monotonic() + LIMIT_S
        while not is_so():
            assert monotonic() < end, "not so in time"
            sleep(0.005)

    return wait


@pytest.fixture
def begun(tmp_path: Path) -> str:
    """The file that a job makes once it runs."""
    return str(tmp_path / "begun")
