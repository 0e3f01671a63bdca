"""Many requests to the sidecar at once: all are answered, and the app keeps its descriptors."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from figures import note, spread
from world import SOAK, host, kill


class Descriptors(Thread):
    """Looks at how many descriptors a process has."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.before = self.most = self._count(pid)
        self._pid = pid
        self._over = Event()

    @staticmethod
    def _count(pid: int) -> int:
        return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())

    def run(self) -> None:
        with suppress(FileNotFoundError):  # it has ended
            while not self._over.wait(0.005):
                self.most = max(self.most, self._count(self._pid))

    def end(self) -> int:
        """Give how many there were at most, over those at the beginning."""
        self._over.set()
        self.join()
        return self.most - self.before


def failures(calls: list[dict[str, Any]]) -> list[Any]:
    return [call["failure"] for call in calls if call.get("failure")]


def took(calls: list[dict[str, Any]]) -> str:
    return spread([(call["ended_ns"] - call["begun_ns"]) / 1e6 for call in calls])


@pytest.mark.parametrize("descriptors", [64, 256, 4096])
def test_a_burst_is_answered_over_the_connections_that_there_may_be(descriptors: int) -> None:
    share = min(64, descriptors // 8)
    nap_s = 1 if SOAK else 0.1
    with host(limits=["prlimit", f"--nofile={descriptors}"]) as running:
        running.ready()
        watched = Descriptors(running.process.pid)
        watched.start()
        calls = running.burst(400, f"/nap?{nap_s}")
        most = watched.end()
        assert len(calls) == 400
        assert failures(calls) == []
        assert most <= share
    note(
        f"400 requests of {nap_s} s at once, {descriptors} descriptors for the app",
        f"0 fail; at most {share} connections",
        f"0 failed, {took(calls)}; {most} descriptors",
    )


def test_what_waited_for_a_restart_is_answered() -> None:
    with host(first="time.sleep(1)", limits=["prlimit", "--nofile=256"]) as running:
        kill(running.ready())
        running.wait_for("restarting")
        calls = running.burst(1000, "/")
        assert len(calls) == 1000
        assert failures(calls) == []
        assert min(call["ended_ns"] - call["begun_ns"] for call in calls) > 0.5e9, "they did not wait"
    note(
        "1000 requests wait for a sidecar that starts again, 256 descriptors for the app",
        "0 fail",
        f"0 failed, {took(calls)}",
    )
