"""One app for the tests of a file. What the app runs on is that of the end-to-end tests."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
sys.path[:0] = [str(REPOSITORY / "tests/e2e"), str(REPOSITORY / "python/tests")]

from sidecar_bridge import Host  # noqa: E402

from outcomes import Outcomes  # noqa: E402 - found there
from place import Place, place  # noqa: E402 - found there
from twins import TWINS, Twin, blocking  # noqa: E402 - found there


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write-runs", action="store_true", help="write tools/tauri-api/runs.json")


@pytest.fixture(scope="session", autouse=True)
def outcomes(request: pytest.FixtureRequest) -> Iterator[Outcomes]:
    outcomes = Outcomes(writes=request.config.getoption("--write-runs"))
    with outcomes.heard():
        yield outcomes
    files = {item.path for item in request.session.items}
    chosen = request.config.getoption("keyword") or any("::" in each for each in request.config.args)
    outcomes.finish(complete=not chosen and files == set(Path(__file__).parent.glob("test_*.py")))


@pytest.fixture(scope="module")
def app() -> Iterator[tuple[Place, dict[Twin, Host]]]:
    with place() as at, ExitStack() as hosts:
        hello = at.join()
        yield at, {twin: hosts.enter_context(twin(hello)) for twin in TWINS}


@pytest.fixture
def at(app: tuple[Place, dict[Twin, Host]]) -> Place:
    """What is around the app."""
    return app[0]


@pytest.fixture(params=TWINS, ids=lambda twin: twin.__name__)
def twin(request: pytest.FixtureRequest) -> Twin:
    """Makes the host: each test runs with both kinds."""
    made: Twin = request.param
    return made


@pytest.fixture
def host(app: tuple[Place, dict[Twin, Host]], twin: Twin) -> Host:
    """The host, as the app's sidecar has it."""
    return app[1][twin]


@pytest.fixture
def one_host(app: tuple[Place, dict[Twin, Host]]) -> Host:
    """The host for tests of Tauri's side alone, which both kinds would ask for the same."""
    return app[1][blocking]
