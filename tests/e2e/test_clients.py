"""The clients that docs/page.md names, in a real window, each with the line that the document gives it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge_page import bridge_page, run
from desktop import Page

DOCUMENT = Path(__file__).parents[2] / "docs/page.md"

CALL = """
  const [expected, call] = clients[args[0]];
  const limit = new Promise((resolve) => setTimeout(resolve, 8000, "no outcome in 8 s"));
  const outcome = call(bridge).catch((error) => `threw ${error}`);
  return [expected, await Promise.race([outcome, limit])];
"""


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with bridge_page() as page:
        # Before the clients are loaded: socket.io looks for its class then.
        run(page, "[window.Request, window.WebSocket] = [bridge.Request, bridge.BridgeWebSocket]")
        run(page, "window.clients = (await import('/clients.js')).clients")
        yield page


def test_every_client_works_with_the_line_that_the_document_gives(page: Page) -> None:
    names = run(page, "return Object.keys(clients)")
    assert len(names) > 15
    wrong = {}
    for name in names:
        expected, outcome = run(page, CALL, name)
        if outcome != expected:
            wrong[name] = outcome
    assert not wrong


def test_the_document_has_a_line_for_every_client(page: Page) -> None:
    document = DOCUMENT.read_text()
    assert [name for name in run(page, "return Object.keys(clients)") if name not in document] == []
