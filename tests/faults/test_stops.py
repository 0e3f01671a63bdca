"""A sidecar that is asked to stop has the time that the configuration gives, whatever pages have under way."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from figures import note
from world import host

WORK_S = 3.0

SLOW = """
import asyncio, os, sys
from sidecar_bridge import serve

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await asyncio.sleep(float(os.environ["WORK_S"]))
        with open(os.environ["SAID"], "a") as said:
            said.write("saved")
        sys.stderr.write("".join(f"line {number} " + "x" * 40 + "\\n" for number in range(900)) + "the very last\\n")
        return await send({"type": "lifespan.shutdown.complete"})
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]})
    while True:
        await send({"type": "http.response.body", "body": b"data: x\\n\\n", "more_body": True})
        await asyncio.sleep(0.1)

if __name__ == "__main__":
    serve(app, log_level="warning")
"""


def restart_s(tmp_path: Path, work_s: float, *, streams: int, **spawn: object) -> tuple[float, str]:
    """Give the time from the order to restart to the next generation, in s, and what the sidecar saved before."""
    script = tmp_path / "slow.py"
    script.write_text(SLOW.replace('os.environ["WORK_S"]', repr(str(work_s))))
    with host(command=[sys.executable, str(script)], **spawn) as running:
        running.ready()
        if streams:
            running.begin_burst(streams, "/stream", "GET")
            time.sleep(0.5)
        begun = time.monotonic()
        running.tell("restart")
        running.wait_for("restarting")
        running.ready()
        took_s = time.monotonic() - begun
        saved = running.said.read_text() if running.said.exists() else ""
    return took_s, saved


@pytest.mark.parametrize("streams", [0, 10])
def test_what_follows_the_yield_of_a_lifespan_is_finished(tmp_path: Path, streams: int) -> None:
    took_s, saved = restart_s(tmp_path, WORK_S, streams=streams)
    assert saved == "saved"
    what = f"restart; lifespan shutdown of {WORK_S:g} s, {streams} event streams open"
    note(what, "shutdown is finished", f"finished; {took_s:.1f} s to the next generation")


def test_a_sidecar_that_takes_longer_than_it_has_is_ended(tmp_path: Path) -> None:
    took_s, saved = restart_s(tmp_path, 1000, streams=10, stopTimeoutMs=1000)
    assert saved == ""
    note("restart; lifespan shutdown of 1000 s, stopTimeoutMs 1000", "ended by force", f"after {took_s:.1f} s")
