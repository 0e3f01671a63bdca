"""The clients that docs/page.md names, in a real window, each with the line that the document gives it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge_page import bridge_page, run
from desktop import Page

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs/page.md").read_text()
CLIENTS = (ROOT / "tests/clients/clients.js").read_text()

# What socket.io takes for the browser's WebSocket, it takes when it is loaded. All others are given the class.
LOAD = """
  const browsers = window.WebSocket;
  window.WebSocket = bridge.BridgeWebSocket;
  window.clients = (await import('/clients.js')).clients;
  window.WebSocket = browsers;
"""

CALL = """
  const [name, ownRequest] = args;
  const [expected, call] = clients[name];
  const browsers = window.Request;
  if (ownRequest) window.Request = bridge.Request;
  const limit = new Promise((resolve) => setTimeout(resolve, 8000, "no outcome in 8 s"));
  const outcome = call(bridge).catch((error) => `threw ${error}`);
  const seen = [expected, await Promise.race([outcome, limit])];
  window.Request = browsers;
  return seen;
"""

OWN_REQUEST = {"hey-api", "ky", "RTK Query"}
"""The clients that make a `Request` themselves, so that the page has to give them the package's."""

NOT_HERE = {"globalThis.WebSocket = BridgeWebSocket", "tests/clients/tus.js", "ofetch.create", "ofetch(url, …)"}
"""What the lines say that is no piece of `clients.js`: `LOAD` does the first, and the last two do not work."""


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with bridge_page() as page:
        run(page, LOAD)
        yield page


def lines() -> dict[str, str]:
    """Give what the document's table says of each client."""
    table = DOCUMENT.partition("| client | line |\n|---|---|\n")[2].partition("\n\n")[0]
    rows = (re.fullmatch(r"\| (.*?) \| (.*) \|", row) for row in table.splitlines())
    return {name: row[2] for row in rows if row for name in row[1].split(", ")}


def code_of(client: str) -> str:
    """Give what `clients.js` has under that name, without line breaks."""
    found = re.search(rf'^  "?{re.escape(client)}"?: \[$(.*?)^  \],$', CLIENTS, re.DOTALL | re.MULTILINE)
    found = found or re.search(rf'^  "?{re.escape(client)}"?: (.*)$', CLIENTS, re.MULTILINE)
    assert found, client
    return plain(found[1])


def plain(code: str) -> str:
    """Write code in one line and without types, as a table has it."""
    in_one_line = re.sub(r"\s+", " ", code).replace("<paths>", "").replace("…", "")
    return re.sub(r"([({\[]) ?|,? ?([)}\]])", r"\1\2", in_one_line)


def test_every_client_works_with_the_line_that_the_document_gives(page: Page) -> None:
    names = run(page, "return Object.keys(clients)")
    assert len(names) > 15
    wrong = {}
    for name in names:
        expected, outcome = run(page, CALL, name, name in OWN_REQUEST)
        if outcome != expected:
            wrong[name] = outcome
    assert not wrong


def test_the_document_has_a_line_for_every_client(page: Page) -> None:
    assert set(run(page, "return Object.keys(clients)")) == set(lines())


@pytest.mark.parametrize("client", sorted(lines()))
def test_the_line_is_the_one_that_runs_here(client: str) -> None:
    pieces = set(re.findall(r"`([^`]*)`", lines()[client])) - NOT_HERE
    assert pieces
    code = code_of(client)
    assert [piece for piece in pieces if plain(piece) not in code] == []


def test_the_document_names_the_clients_that_make_a_request_themselves() -> None:
    (named,) = re.findall(r"^(.*) make the `Request` themselves", DOCUMENT, re.MULTILINE)
    assert set(re.split(", | and ", named)) == OWN_REQUEST
