"""Run by test_faults.py where the disk is small: imports more than fits, makes room, imports again."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent.parent)]

from conftest import ACCOUNT
from fastapi.testclient import TestClient
from imports import outcome, run, total_orders
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
        fill(disk / "more")
        print(condition(client))
        (disk / "more").unlink()
        ballast.unlink()
        tell(client, fake_host, elsewhere / "orders.csv")


def fill(path: Path) -> None:
    """Leave no room on the disk."""
    with suppress(OSError), path.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))


def condition(client: TestClient) -> str:
    return str(client.get("/health").json()["database"])


def tell(client: TestClient, fake_host: FakeHost, path: Path) -> None:
    state, what = outcome(run(client, fake_host, path))
    print(f"{state}: {what}")
    print(condition(client))
    print(total_orders(client), "orders")


# The process of an import runs this file, too.
if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
