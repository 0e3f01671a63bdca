"""The sidecar is killed under load: what changes nothing is sent again, the rest is lost only if it was under way."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import pytest

from world import host

KILLS = 10
STARTS_AT_MOST = 4
"""How often a host starts a sidecar within a minute before it gives up, less one."""


@pytest.mark.parametrize("callers", [16, 64])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_kills_under_load(tmp_path: Path, callers: int, method: str) -> None:
    calls, killed = [], 0
    for number in range(-(-KILLS // STARTS_AT_MOST)):
        directory = tmp_path / str(number)
        directory.mkdir()
        with host(directory) as running:
            running.tell({"load": {"callers": callers, "method": method}})
            for _ in range(min(STARTS_AT_MOST, KILLS - killed)):
                # A call that was under way twice in a row when its sidecar died would be taken for the reason.
                time.sleep(2)
                killed += 1
                # A request that kills is under way itself, so it is not sent again.
                (failure,) = running.ask("/die", method="POST")
                assert failure.startswith("unavailable: "), failure
                running.wait_for("ready")
            time.sleep(0.5)
            running.tell("endLoad")
            calls += running.calls()
    failures = [call["failure"] for call in calls if "failure" in call]
    longest_ms = max(call["ended_ns"] - call["begun_ns"] for call in calls) / 1e6
    what = f"{method}, {callers} callers, {killed} kills"
    print(f"{what}: {len(calls)} calls, {len(failures)} failed, longest {longest_ms:.0f} ms")
    assert killed == KILLS
    by_reason = Counter(detail for _, detail in failures)
    if method == "GET":
        assert not by_reason
    else:
        assert all("it may have carried the request out" in detail for detail in by_reason), by_reason
        assert len(failures) <= callers * KILLS, by_reason


def test_a_restart_by_order_loses_nothing(tmp_path: Path) -> None:
    with host(tmp_path) as running:
        running.tell({"load": {"callers": 8, "method": "POST"}})
        time.sleep(0.5)
        running.tell("restart")
        running.wait_for("ready")
        time.sleep(0.5)
        running.tell("endLoad")
        assert [call["failure"] for call in running.calls() if "failure" in call] == []
        assert running.hear() == {"lifespan": "over"}
        assert running.hear() == {"served": "to the end"}
