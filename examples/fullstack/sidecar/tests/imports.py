"""CSV files, and imports of them from their choice to their end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from httpx2 import Client
from sidecar_bridge.testing import FakeHost

JOBS = "/api/v1/jobs"
HEADER = "date,customer,product,quantity,unit_price\n"


def write_orders(path: Path, rows: int) -> Path:
    with path.open("w") as file:
        file.write(HEADER)
        file.writelines(_line(n) for n in range(rows))
    return path


def _line(n: int) -> str:
    return f"2026-{n % 12 + 1:02}-15,Customer {n % 500},Product {n % 70},2,{n % 90}.50\n"


def start(client: Client, host: FakeHost, path: Path) -> str:
    """Choose the file in the dialog; give the id of the import, which runs."""
    host.answers("plugin:dialog|open", str(path))
    started = client.post("/api/v1/imports/choose")
    assert started.status_code == 202, started.text
    return str(started.json()["id"])


def follow(client: Client, import_id: str) -> Iterator[Any]:
    """Give the import at each change until it ends."""
    with client.stream("GET", f"{JOBS}/{import_id}/events") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        for line in answer.iter_lines():
            if line.startswith("data: "):
                yield json.loads(line.removeprefix("data: "))["job"]


def until_read(client: Client, import_id: str) -> None:
    """Wait until rows of the file are read; none is an order yet."""
    next(job for job in follow(client, import_id) if job["progress"]["fraction"])


def end_of(client: Client, import_id: str) -> Any:
    """Wait until an import has ended, and give it."""
    return list(follow(client, import_id))[-1]


def run(client: Client, host: FakeHost, path: Path) -> Any:
    """Import a file, and give the import as it ended."""
    return end_of(client, start(client, host, path))


def outcome(job: Any) -> tuple[str, Any]:
    """Give how an import ended: its state, and how many rows it has brought or why it has failed."""
    return job["state"], job["failure"]["detail"] if job["failure"] else job["result"] and job["result"]["rows"]


def total_orders(client: Client) -> int:
    return int(client.get("/api/v1/orders/summary").json()["total_orders"])
