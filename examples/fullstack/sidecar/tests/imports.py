"""CSV files, and imports of them from their choice to their end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from httpx2 import Client
from sidecar_bridge.testing import FakeHost

HEADER = "date,customer,product,quantity,unit_price\n"


def write_orders(path: Path, rows: int) -> Path:
    with path.open("w") as file:
        file.write(HEADER)
        file.writelines(_line(n) for n in range(rows))
    return path


def _line(n: int) -> str:
    return f"2026-{n % 12 + 1:02}-15,Customer {n % 500},Product {n % 70},2,{n % 90}.50\n"


def start(client: Client, host: FakeHost, path: Path) -> Any:
    """Choose the file in the dialog; give the import, which runs."""
    host.answers("plugin:dialog|open", str(path))
    started = client.post("/api/v1/imports/choose")
    assert started.status_code == 202, started.text
    return started.json()


def follow(client: Client, import_id: int) -> list[Any]:
    """Give all that the progress says until it ends."""
    with client.stream("GET", f"/api/v1/imports/{import_id}/progress") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        return [json.loads(line.removeprefix("data: ")) for line in answer.iter_lines() if line]


def run(client: Client, host: FakeHost, path: Path) -> Any:
    """Import a file, and give the import as it ended."""
    return follow(client, start(client, host, path)["id"])[-1]


def total_orders(client: Client) -> int:
    return int(client.get("/api/v1/orders/summary").json()["total_orders"])
