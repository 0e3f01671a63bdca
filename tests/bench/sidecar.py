"""The host's calls of a FastAPI sidecar, against `ureq` to the same app under uvicorn with h11 on 127.0.0.1.

Both callers are in Rust and in one process: `bench-peers`. Exit code 1 when a target is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from contest import PLACEMENTS, Results, in_turn, placed
from document import machine
from host_process import program
from rust_peer import RustPeer, rust_peer
from targets import Row, conclude, table_of, times_faster, times_the_rate

APP = Path(__file__).parent / "app.py"
CALLERS = (1, 16)


def title(callers: int) -> str:
    """How a contest is called."""
    return f"{callers} at once" if callers > 1 else "one by one"


@contextmanager
def uvicorn() -> Iterator[tuple[str, int]]:
    """The app as a seed of a Tauri app runs it: its URL and its process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["--app-dir", str(APP.parent), "--port", str(port), "--log-level", "warning"]
    # What uvicorn takes where neither httptools nor uvloop is installed.
    words += ["--http", "h11", "--loop", "asyncio"]
    with subprocess.Popen([sys.executable, "-m", "uvicorn", *words, "app:app"]) as process:
        try:
            wait_for(port)
            yield f"http://127.0.0.1:{port}", process.pid
        finally:
            process.terminate()


def wait_for(port: int) -> None:
    """Wait until somebody listens there."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    msg = f"nobody listens on port {port}"
    raise RuntimeError(msg)


def children(pid: int) -> list[int]:
    """The processes that a process has started."""
    found = (task / "children" for task in Path(f"/proc/{pid}/task").iterdir())
    return [int(child) for path in found for child in path.read_text().split()]


def contests(peer: RustPeer, rounds: int, calls: int) -> dict[str, Results]:
    """Each way, one call after the other and many at once."""
    return {
        title(callers): in_turn(
            {
                "bridge": partial(peer.measure, "bridge", callers, calls // callers),
                "ureq": partial(peer.measure, "ureq", callers, calls // callers),
            },
            rounds,
        )
        for callers in CALLERS
    }


def rows_of(placement: str, results: dict[str, Results]) -> list[Row]:
    """The targets of one placement."""
    single, many = results["one by one"], results["16 at once"]
    return [
        times_faster(f"p50, against ureq, {placement}", 2, single["bridge"].median_us, single["ureq"].median_us),
        times_the_rate(
            f"rate of 16, against ureq, {placement}", 2.5, many["bridge"].per_second, many["ureq"].per_second
        ),
    ]


def main() -> int:
    """Measure, print, write, and give the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="how often each is measured")
    parser.add_argument("--calls", type=int, default=800, help="how many calls each makes in a round")
    arguments = parser.parse_args()
    rows, tables = [], []
    with tempfile.TemporaryDirectory(prefix="bench-") as directory, uvicorn() as (url, server):
        os.environ["XDG_RUNTIME_DIR"] = directory
        spawn = {"command": [sys.executable, str(APP)], "cwd": directory, "dev": {"standby": "off"}}
        config = json.dumps({"sidecars": {"python": {"spawn": spawn}}})
        with rust_peer(program("SIDECAR_BRIDGE_BENCH_ASK_SIDECAR"), config, url) as peer:
            peer.line()  # the sidecar is ready
            for placement in PLACEMENTS:
                with placed(placement, [peer.pid, server, *children(peer.pid)]):
                    results = contests(peer, arguments.rounds, arguments.calls)
                rows += rows_of(placement, results)
                tables += [(f"{what}, {placement}", table_of(found, "bridge")) for what, found in results.items()]
    measured = f"{machine('release', 'fastapi')}; {arguments.rounds} rounds of {arguments.calls} calls"
    return conclude("sidecar", measured, rows, tables)


if __name__ == "__main__":
    sys.exit(main())
