"""One gallery for all tests that do it no harm."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[3]
# The bindings are a snapshot, and `hosts` has parts of what is needed here.
sys.path[:0] = [str(REPOSITORY / "tests/gallery/snapshots"), str(REPOSITORY / "python/tests")]

from sidecar_bridge import Host  # noqa: E402
from sidecar_bridge._client import wire  # noqa: E402
from sidecar_bridge._client.host import link_of  # noqa: E402
from sidecar_bridge._serve.contract import contracts  # noqa: E402
from sidecar_bridge._serve.hello import Hello  # noqa: E402

from app import Asyncio, Blocking, Twin, joined  # noqa: E402 - found there


@pytest.fixture(scope="session")
def hello(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hello]:
    with joined(tmp_path_factory.mktemp("gallery"), staleBindings="refuse") as (gallery, hello):
        with Host(hello.host_path, hello.token) as host:
            link_of(host).ask(wire.ready(os.getpid(), "0.1.0", contracts()), None)
        assert gallery.wait_for("ready").get("warning") is None
        yield hello


@pytest.fixture(scope="session")
def twins(hello: Hello) -> Iterator[dict[str, Twin]]:
    """Gives callers by their class, and `other` for whoever else is needed."""
    twins: dict[str, Twin] = {"Commands": Blocking(hello), "AsyncCommands": Asyncio(hello), "other": Blocking(hello)}
    yield twins
    for twin in twins.values():
        twin.close()


@pytest.fixture(params=["Commands", "AsyncCommands"])
def twin(request: pytest.FixtureRequest, twins: dict[str, Twin]) -> Twin:
    """Runs each test once for each twin."""
    return twins[request.param]


@pytest.fixture
def other(twins: dict[str, Twin]) -> Twin:
    return twins["other"]
