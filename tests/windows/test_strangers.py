"""Processes that the host did not start: what they may, and what they may not."""

from __future__ import annotations

from pathlib import Path

import pytest

from world import IDENTIFIER, PYTHON, SIDECAR, Host, host, run, start, windows

DIALS = "from sidecar_bridge import get_host; get_host().health()"

CONNECTS = """
import sys
from sidecar_bridge import Host
path, token, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
for _ in range(count):
    with Host(path, token) as host:
        host.health()
print("all", count)
"""

FLOODS = Path(__file__).with_name("floods.py")

SELECTS = r"""
import asyncio
from sidecar_bridge import AsyncHost, BridgeError, serve_async

async def app(scope, receive, send):
    raise NotImplementedError

async def main():
    for attempt in AsyncHost(r"\\.\pipe\bridge", "token").health(), serve_async(app):
        try:
            await attempt
        except BridgeError as error:
            print(error)

with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
    runner.run(main())
"""


def test_a_process_outside_of_the_job_gets_no_hello(running: Host) -> None:
    assert running.ask("/address") == []
    code, printed = run(DIALS, SIDECAR_BRIDGE=running.hear()["variable"])
    assert code == 1
    assert "is not in the job that the host started" in printed


def test_an_event_loop_without_pipes_is_refused_with_words() -> None:
    code, printed = run(SELECTS)
    assert code == 0
    assert printed.count("has no named pipes, by which the host is reached on Windows; run the code in an") == 2


def test_a_pipe_that_is_not_there_and_a_name_that_is_none() -> None:
    code, printed = run(DIALS, SIDECAR_BRIDGE=r"pipe:\\.\pipe\sidecar-bridge-nobody")
    assert (code, "nobody listens at" in printed) == (1, True), printed
    code, printed = run(DIALS, SIDECAR_BRIDGE=r"pipe:C:\windows\win.ini")
    assert (code, "no pipe can be at" in printed) == (1, True), printed


def test_10_000_connections_one_after_the_other(running: Host) -> None:
    assert running.ask("/address") == []
    said = running.hear()
    code, printed = run(CONNECTS, said["path"], said["token"], "10000", SIDECAR_BRIDGE="")
    assert (code, printed.strip()) == (0, "all 10000")
    assert running.ask("/blocking") == []


@pytest.mark.parametrize("flood", ["silent", "slow", "half"])
def test_a_flood_reaches_nobody_else(running: Host, flood: str) -> None:
    assert running.ask("/address") == []
    said = running.hear()
    code, printed = run(FLOODS, flood, said["path"], said["token"], SIDECAR_BRIDGE="")
    assert (code, printed[:10]) == (0, "all of it;"), printed
    print(f"{flood}: {printed.strip()}")
    assert running.ask("/blocking") == []


def test_a_sidecar_started_by_hand_takes_over(tmp_path: Path) -> None:
    with host(tmp_path) as running:
        said = tmp_path / "by hand"
        env = {
            "SIDECAR_BRIDGE": "",
            "SIDECAR_BRIDGE_APP": IDENTIFIER,
            "SAID": windows(said),
            "PYTHONIOENCODING": "utf-8",
        }
        by_hand = start(PYTHON, windows(SIDECAR), running.mark, **env)
        try:
            running.wait_for("ready")
            assert running.ask("/blocking") == []
            assert running.ask("/awaited") == []
            running.kill()
            running.ms_until_none_is_left()
            _, err = by_hand.communicate(timeout=20)
            assert "the app has ended, and this sidecar with it" in err
        finally:
            by_hand.kill()
            by_hand.communicate(timeout=20)
