"""Run by test_faults.py where the disk is small: imports more than fits, makes room, imports again."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent.parent)]

from conftest import ACCOUNT
from fastapi.testclient import TestClient
from imports import run, total_orders
from sidecar_bridge.testing import FakeHost

from ledger.app import create_app
from ledger.settings import Settings


def main(disk: Path, elsewhere: Path) -> None:
    ballast = disk / "ballast"
    ballast.write_bytes(bytes(int(sys.argv[3])))
    with FakeHost() as fake_host, TestClient(create_app(Settings(data_dir=disk / "data"))) as client:
        login = client.post("/api/v1/auth/setup", json=ACCOUNT)
        client.headers["Authorization"] = f"Bearer {login.json()['token']}"
        tell(client, fake_host, elsewhere / "orders.csv")
        ballast.unlink()
        tell(client, fake_host, elsewhere / "orders.csv")


def tell(client: TestClient, fake_host: FakeHost, path: Path) -> None:
    ended = run(client, fake_host, path)
    print(f"{ended['state']}: {ended['message']}")
    print(client.get("/health").json()["database"])
    print(total_orders(client), "orders")


main(Path(sys.argv[1]), Path(sys.argv[2]))
