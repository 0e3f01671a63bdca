"""All orders as a file."""

from __future__ import annotations

from pathlib import Path

from fastapi.testclient import TestClient
from imports import HEADER, outcome, run, write_orders
from sidecar_bridge.testing import FakeHost


def test_the_exported_file_has_all_orders_and_can_be_imported_again(
    client: TestClient, fake_host: FakeHost, tmp_path: Path
) -> None:
    given = write_orders(tmp_path / "orders.csv", 5000)
    with given.open("a") as file:
        file.write('2025-12-31,"Smith, ""Al""",Tea,1,0.05\n')
    run(client, fake_host, given)
    exported = client.get("/api/v1/orders/export.csv")
    assert exported.headers["content-type"].startswith("text/csv")
    assert 'filename="orders-' in exported.headers["content-disposition"]
    header, first, *rest = exported.text.splitlines(keepends=True)
    assert (header, first) == (HEADER, '2025-12-31,"Smith, ""Al""",Tea,1,0.05\n')
    (_, *lines) = given.read_text().splitlines(keepends=True)
    assert sorted([first, *rest]) == sorted(lines)
    again = tmp_path / "again.csv"
    again.write_bytes(exported.content)
    assert outcome(run(client, fake_host, again)) == ("done", 5001)


def test_without_orders_it_has_the_columns(client: TestClient) -> None:
    assert client.get("/api/v1/orders/export.csv").text == HEADER
