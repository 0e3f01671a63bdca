"""The real app on a real desktop is that of the end-to-end tests; it is taken out of its package once."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "e2e"))

from ledger import Ledger, fresh, unpacked


@pytest.fixture(scope="session", autouse=True)
def _unpacked() -> Iterator[None]:
    with unpacked():
        yield


@pytest.fixture(scope="module")
def app() -> Iterator[Ledger]:
    """The app with an account, for all tests of a file."""
    with fresh() as ledger:
        ledger.set_up()
        yield ledger


@pytest.fixture
def ledger(app: Ledger) -> Ledger:
    """The app at its dashboard, with somebody logged in, whatever the test before has done."""
    app.begin()
    return app
