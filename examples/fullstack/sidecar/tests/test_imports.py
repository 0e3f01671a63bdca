"""Imports: good and bad files, through the dialog, to the end."""

from __future__ import annotations

import os
import re
import socket
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import groupby
from pathlib import Path

import pytest
from conftest import ACCOUNT
from fastapi import FastAPI
from fastapi.testclient import TestClient
from imports import HEADER, JOBS, end_of, follow, outcome, run, start, total_orders, until_read, write_orders
from sidecar_bridge.jobs import Cancelled, Job
from sidecar_bridge.testing import FakeHost

from ledger.import_job import ImportFailedError, import_orders
from ledger.order_csv import CsvError, Order, open_orders
from ledger.settings import Settings

MOST = 256 * 1024 * 1024


def test_a_hundred_thousand_rows(client: TestClient, fake_host: FakeHost, tmp_path: Path) -> None:
    path = write_orders(tmp_path / "orders.csv", 100_000)
    shown = list(follow(client, start(client, fake_host, path)))
    states = [each["state"] for each in shown]
    assert [state for state, _ in groupby(states)][-2:] == ["running", "done"]
    fractions = [each["progress"]["fraction"] or 0 for each in shown]
    assert fractions == sorted(fractions)
    last = shown[-1]
    assert (last["label"], outcome(last)) == ("orders.csv", ("done", 100_000))
    assert client.get(JOBS).json() == [last] == [client.get(f"{JOBS}/{last['id']}").json()]
    summary = client.get("/api/v1/orders/summary").json()
    assert [month["month"] for month in summary["months"]] == [f"2026-{n:02}" for n in range(1, 13)]
    assert summary["total_orders"] == 100_000
    assert summary["total_revenue_cents"] == sum(2 * (n % 90 * 100 + 50) for n in range(100_000))


def test_the_desktop_sees_it(client: TestClient, fake_host: FakeHost, tmp_path: Path) -> None:
    run(client, fake_host, write_orders(tmp_path / "orders.csv", 100))
    fake_host.wait_until(lambda: fake_host.args_of("plugin:notification|notify"))
    assert fake_host.args_of("plugin:dialog|open")[0]["options"]["filters"] == [{"name": "CSV", "extensions": ["csv"]}]

    def bars() -> list[str]:
        return [args["value"]["status"] for args in fake_host.args_of("plugin:window|set_progress_bar")]

    fake_host.wait_until(lambda: bars()[-1:] == ["none"])
    assert set(bars()) > {"none"}
    assert fake_host.args_of("plugin:notification|notify") == [
        {"options": {"title": "Import done", "body": "orders.csv: 100 orders imported"}}
    ]
    (tmp_path / "empty.csv").touch()
    run(client, fake_host, tmp_path / "empty.csv")
    fake_host.wait_until(lambda: len(fake_host.args_of("plugin:notification|notify")) == 2)
    told = fake_host.args_of("plugin:notification|notify")[-1]["options"]
    assert told["title"] == "Import failed"
    assert told["body"].startswith("empty.csv: empty.csv is empty; its first line must be")


def test_a_desktop_that_refuses_everything(client: TestClient, fake_host: FakeHost, tmp_path: Path) -> None:
    fake_host.refuses("plugin:window|set_progress_bar")
    fake_host.fails("plugin:notification|notify", "not permitted")
    assert run(client, fake_host, write_orders(tmp_path / "orders.csv", 100))["state"] == "done"
    fake_host.wait_until(lambda: fake_host.args_of("plugin:notification|notify"))
    assert run(client, fake_host, tmp_path / "orders.csv")["state"] == "done"


def test_the_dialog_is_cancelled(client: TestClient, fake_host: FakeHost) -> None:
    fake_host.answers("plugin:dialog|open", None)
    assert client.post("/api/v1/imports/choose").status_code == 204
    assert client.get(JOBS).json() == []


def test_the_dialog_is_not_granted(client: TestClient, fake_host: FakeHost) -> None:
    fake_host.refuses("plugin:dialog|open", detail="grant `dialog:allow-open`")
    refused = client.post("/api/v1/imports/choose")
    assert (refused.status_code, refused.json()["detail"]) == (403, "grant `dialog:allow-open`")


def test_one_dialog_at_a_time(client: TestClient, fake_host: FakeHost) -> None:
    hold = fake_host.holds("plugin:dialog|open", None)
    with ThreadPoolExecutor(1) as thread:
        first = thread.submit(client.post, "/api/v1/imports/choose")
        fake_host.wait_until(lambda: fake_host.args_of("plugin:dialog|open"))
        second = client.post("/api/v1/imports/choose")
        hold.set()
        assert first.result().status_code == 204
    detail = "the dialog to choose a file is open; choose one or cancel it"
    assert (second.status_code, second.json()["detail"]) == (409, detail)


def test_one_at_a_time_and_cancelled(client: TestClient, fake_host: FakeHost, tmp_path: Path) -> None:
    path = write_orders(tmp_path / "orders.csv", 200_000)
    import_id = start(client, fake_host, path)
    second = client.post("/api/v1/imports/choose")
    assert (second.status_code, second.json()["detail"]) == (
        409, "an import is running; wait for its end or cancel it",
    )  # fmt: skip
    until_read(client, import_id)
    assert client.delete(f"{JOBS}/{import_id}").status_code == 202
    assert end_of(client, import_id)["state"] == "cancelled"
    assert total_orders(client) == 0
    late = client.delete(f"{JOBS}/{import_id}")
    assert late.status_code == 412
    assert "is cancelled already, so there is nothing to cancel" in late.json()["detail"]
    assert run(client, fake_host, path)["state"] == "done"


def test_a_cancel_while_the_orders_are_saved(client: TestClient, settings: Settings, tmp_path: Path) -> None:
    class CancelledThen(Job):
        is_cancelled = False

        def check(self) -> None:
            self.is_cancelled = self.is_cancelled or self._shown()["stage"] == "saving"
            if self.is_cancelled:
                raise Cancelled

    assert total_orders(client) == 0
    with pytest.raises(Cancelled):
        import_orders(CancelledThen(), settings, write_orders(tmp_path / "orders.csv", 50_000))
    assert total_orders(client) == 0


def test_an_orderly_end_interrupts(app: FastAPI, fake_host: FakeHost, tmp_path: Path) -> None:
    path = write_orders(tmp_path / "orders.csv", 200_000)
    with TestClient(app) as client:
        token = client.post("/api/v1/auth/setup", json=ACCOUNT).json()["token"]
        client.headers["Authorization"] = f"Bearer {token}"
        until_read(client, start(client, fake_host, path))
    with TestClient(app, headers={"Authorization": f"Bearer {token}"}) as client:
        (ended,) = client.get(JOBS).json()
        assert ended["state"] == "interrupted"
        assert total_orders(client) == 0


def test_what_was_saved_when_its_process_died_is_done(
    app: FastAPI, fake_host: FakeHost, settings: Settings, tmp_path: Path
) -> None:
    path = write_orders(tmp_path / "orders.csv", 100)
    with TestClient(app) as client:
        token = client.post("/api/v1/auth/setup", json=ACCOUNT).json()["token"]
        client.headers["Authorization"] = f"Bearer {token}"
        run(client, fake_host, path)
    path.unlink()
    with closing(sqlite3.connect(settings.data_dir / "jobs.db")) as history, history:
        history.execute("UPDATE jobs SET state = 'running', result = NULL, ended_at = NULL")
    with TestClient(app, headers={"Authorization": f"Bearer {token}"}) as client:
        (found,) = client.get(JOBS).json()
        fake_host.wait_until(lambda: client.get(f"{JOBS}/{found['id']}").json()["state"] == "done", 30)
        assert outcome(client.get(f"{JOBS}/{found['id']}").json()) == ("done", 100)
        assert total_orders(client) == 100


def test_imports_are_for_those_who_have_logged_in(client: TestClient) -> None:
    del client.headers["Authorization"]
    for answer in (client.get(JOBS), client.get(f"{JOBS}/events"), client.post("/api/v1/imports/choose")):
        assert (answer.status_code, answer.json()["detail"]) == (401, "the session has expired; log in again")


def test_a_page_names_no_file(client: TestClient, settings: Settings, tmp_path: Path) -> None:
    named = {"settings": {"data_dir": str(settings.data_dir)}, "path": str(tmp_path / "secret.csv")}
    assert client.post(f"{JOBS}/import_orders", json=named).status_code == 404


def test_no_such_import(client: TestClient) -> None:
    for answer in (client.get(f"{JOBS}/none"), client.get(f"{JOBS}/none/events"), client.delete(f"{JOBS}/none")):
        assert answer.status_code == 404
        assert answer.json()["detail"] == "there is no job 'none'; it may have been removed with the oldest"


ROW = "2026-01-31,Ada,Lamp,2,9.90\n"

BAD = {
    "": "is empty; its first line must be `date,customer,product,quantity,unit_price`",
    "date,client,product,quantity,unit_price\n": r"line 1: the columns are `date,client,.*`; they must be `date,",
    "date;customer;product;quantity;unit_price\n": "line 1: the columns are `date;customer",
    HEADER + ROW + "2026-01-31,Ada,Lamp,2\n": "line 3: 4 columns, where there must be 5; .* may have been cut off",
    HEADER + "2026-01-31,Ada,Lamp,2,9.90,x\n": "line 2: 6 columns",
    HEADER + ROW + '2026-01-31,"Ada,Lamp,2,9.90\n' + ROW: "line 3: the quotes .*unexpected end of data",
    HEADER + '2026-01-31,"Ada"x,Lamp,2,9.90\n': "line 2: the quotes or line ends of this row are broken",
    HEADER + '2026-01-31,"' + "a" * 200_000: "line 2: the quotes or line ends .*field larger than field limit",
    HEADER.replace("\n", "\r") + ROW: "line 1: the quotes or line ends of this row are broken",
    HEADER + "31.01.2026,Ada,Lamp,2,9.90\n": "line 2: the date `31.01.2026` is none; write it like 2026-01-31",
    HEADER + "2026-02-30,Ada,Lamp,2,9.90\n": "line 2: the date `2026-02-30` is none",
    HEADER + "20260131,Ada,Lamp,2,9.90\n": "line 2: the date `20260131` is none",
    HEADER + "2026-01-31, ,Lamp,2,9.90\n": "line 2: the customer ` ` is empty or too long",
    HEADER + f"2026-01-31,Ada,{'x' * 201},2,9.90\n": "line 2: the product `x{80}…` is empty or too long",
    HEADER + "2026-01-31,Ada,Lamp,0,9.90\n": "line 2: the quantity `0` is no whole number from 1 to 1000000",
    HEADER + "2026-01-31,Ada,Lamp,²,9.90\n": "line 2: the quantity `²`",
    HEADER + f"2026-01-31,Ada,Lamp,{'9' * 5000},9.90\n": "line 2: the quantity `9{80}…`",
    HEADER + "2026-01-31,Ada,Lamp,2,9.999\n": "line 2: the unit price `9.999` is no amount .*; write it like 9.90",
    HEADER + '2026-01-31,Ada,Lamp,2,"9,90"\n': "line 2: the unit price `9,90`",
    HEADER + "2026-01-31,Ada,Lamp,2,-1\n": "line 2: the unit price `-1`",
    HEADER + "2026-01-31,Ada,La\0mp,2,1\n": "line 2: this is not text; choose a CSV file",
    "x" * 2_000_000: "line 1: this is not text",
}


@pytest.mark.parametrize("content", BAD, ids=range(len(BAD)))
def test_bad_content(client: TestClient, settings: Settings, tmp_path: Path, content: str) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(content)
    assert total_orders(client) == 0
    with pytest.raises(ImportFailedError) as failed:
        import_orders(Job(), settings, path)
    assert_matches(str(failed.value), f"orders.csv.*{BAD[content]}.*; nothing was imported")
    assert total_orders(client) == 0


@pytest.mark.parametrize(
    ("encoded", "found"),
    [
        ((HEADER + ROW + "2026-01-31,Jürgen,Lamp,2,9.90\n").encode("latin-1"), "line 3: the byte 0xfc is not UTF-8"),
        ((HEADER + ROW).encode("utf-16"), "line 1: (the byte 0xff is not UTF-8|this is not text)"),
    ],
)
def test_wrong_encoding(client: TestClient, fake_host: FakeHost, tmp_path: Path, encoded: bytes, found: str) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(encoded)
    state, why = outcome(run(client, fake_host, path))
    assert state == "failed"
    assert_matches(why, f"orders.csv, {found}.*; nothing was imported")


def test_what_rfc_4180_allows(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    text = HEADER + '2026-01-31,"A ""B"", C","two\nlines",1,7\n2026-12-31,Ä,P,1000000,99999999.5'
    path.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    with open_orders(path, MOST) as file:
        assert list(file.orders()) == [
            Order("2026-01-31", 'A "B", C', "two\r\nlines", 1, 700),
            Order("2026-12-31", "Ä", "P", 1_000_000, 9_999_999_950),
        ]


@pytest.mark.parametrize("size", [1024**3, MOST + 1])
def test_too_large_is_refused_unread(client: TestClient, fake_host: FakeHost, tmp_path: Path, size: int) -> None:
    path = tmp_path / "orders.csv"
    path.touch()
    os.truncate(path, size)
    fake_host.answers("plugin:dialog|open", str(path))
    refused = client.post("/api/v1/imports/choose")
    assert refused.status_code == 422
    expected = "orders.csv is (1.0 GB|256 MB); at most 256 MB can be imported; split the file"
    assert_matches(refused.json()["detail"], expected)
    assert client.get(JOBS).json() == []


def test_what_is_no_file(client: TestClient, fake_host: FakeHost, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "folder.csv").mkdir()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket.csv"))
        for name in ("pipe.csv", "folder.csv", "socket.csv", "gone.csv"):
            fake_host.answers("plugin:dialog|open", str(tmp_path / name))
            refused = client.post("/api/v1/imports/choose")
            assert refused.status_code == 422
            assert_matches(refused.json()["detail"], f"{name} (is not a file|cannot be opened \\(.*\\)); choose")


def test_deleted_half_way(client: TestClient, fake_host: FakeHost, tmp_path: Path) -> None:
    path = write_orders(tmp_path / "orders.csv", 300_000)
    import_id = start(client, fake_host, path)
    until_read(client, import_id)
    path.unlink()
    assert outcome(end_of(client, import_id)) == ("done", 300_000)


def test_deleted_before_it_is_opened(client: TestClient, settings: Settings, tmp_path: Path) -> None:
    assert total_orders(client) == 0
    with pytest.raises(ImportFailedError, match=r"gone.csv cannot be opened .*; nothing was imported"):
        import_orders(Job(), settings, tmp_path / "gone.csv")


def test_truncated_half_way(client: TestClient, fake_host: FakeHost, tmp_path: Path) -> None:
    path = write_orders(tmp_path / "orders.csv", 300_000)
    import_id = start(client, fake_host, path)
    until_read(client, import_id)
    os.truncate(path, path.stat().st_size // 2)
    state, why = outcome(end_of(client, import_id))
    assert state == "failed"
    assert_matches(why, "orders.csv.*(cut off|shrank|unit price|customer|product).*; nothing was imported")
    assert total_orders(client) == 0


@pytest.mark.parametrize("change", ["shrank from .* to .* bytes", "was changed"])
def test_changed_half_way(tmp_path: Path, change: str) -> None:
    path = write_orders(tmp_path / "orders.csv", 10_000)
    with open_orders(path, MOST) as file:
        orders = file.orders()
        next(orders)
        if change == "was changed":
            with path.open("a") as writer:
                writer.write(ROW)
        else:
            # At the end of a row, so that nothing but the size tells.
            os.truncate(path, path.read_bytes().index(b"\n", 200_000) + 1)
        with pytest.raises(CsvError, match=f"orders.csv {change} while it was read; .* import it again"):
            list(orders)


def assert_matches(text: str, pattern: str) -> None:
    assert re.fullmatch(f"{pattern}.*", text, re.DOTALL), text
