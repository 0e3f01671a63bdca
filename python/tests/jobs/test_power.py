"""Queues that wait on battery."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import job_work
import pytest
from job_work import LIMIT_S

from sidecar_bridge.jobs import Jobs, Queue
from sidecar_bridge.jobs import _power as power

pytest_plugins = ["job_fixtures"]

Wait = Callable[[Callable[[], object]], None]

CHARGER = {"type": "Mains", "online": "1"}
UNPLUGGED = {"type": "Mains", "online": "0"}
BATTERY = {"type": "Battery", "present": "1", "status": "Discharging"}
MOUSE = {**BATTERY, "scope": "Device"}


def supply(folder: Path, name: str, said: dict[str, str]) -> None:
    (folder / name).mkdir(exist_ok=True)
    for file, text in said.items():
        (folder / name / file).write_text(f"{text}\n")


@pytest.mark.parametrize(
    ("supplies", "expected"),
    [
        ([], False),
        ([BATTERY], True),
        ([UNPLUGGED, BATTERY], True),
        ([BATTERY, CHARGER], False),
        ([CHARGER, UNPLUGGED, BATTERY], False),
        ([{"type": "USB", "online": "1"}, BATTERY], False),
        ([{**BATTERY, "status": "Charging"}], False),
        ([{**BATTERY, "status": "Full"}, UNPLUGGED], False),
        ([{**BATTERY, "present": "0"}], False),
        ([MOUSE], False),
        ([{"type": "Mains"}, BATTERY], True),
    ],
)
def test_what_gives_the_computer_power(tmp_path: Path, supplies: list[dict[str, str]], expected: bool) -> None:
    for number, said in enumerate(supplies):
        supply(tmp_path, str(number), said)
    assert power.is_on_battery(tmp_path) is expected


def test_nobody_knows_where_there_are_no_such_files(tmp_path: Path) -> None:
    assert power.is_on_battery(tmp_path / "absent") is False


def test_a_queue_waits_for_the_charger_and_others_do_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wait_until: Wait
) -> None:
    supplies, begun, go = tmp_path / "supplies", tmp_path / "begun", tmp_path / "go"
    supplies.mkdir()
    supply(supplies, "AC", CHARGER)
    supply(supplies, "BAT0", BATTERY)
    monkeypatch.setattr(power, "SUPPLIES", supplies)
    monkeypatch.setattr(power, "INTERVAL_S", 0.02)
    jobs = Jobs(
        executor=lambda: ThreadPoolExecutor(2),
        queues={"later": Queue(lambda: ThreadPoolExecutor(2), waits_on_battery=True)},
    )
    now = jobs.job(name="now")(job_work.double.__wrapped__)  # type: ignore[attr-defined]
    later = jobs.job(name="later", queue="later")(job_work.double.__wrapped__)  # type: ignore[attr-defined]
    long = jobs.job(name="long", queue="later")(job_work.be_deaf.__wrapped__)  # type: ignore[attr-defined]
    with jobs:
        under_way = long.submit(str(begun), str(go))
        wait_until(begun.exists)
        supply(supplies, "AC", UNPLUGGED)
        jobs._core.lanes["later"]._looked_at = None
        waiting = later.submit(2)
        assert now.submit(1).result(LIMIT_S) == 2
        # The queue was asked before: the jobs begin in the order in which their queues have them.
        assert waiting.get().state == "queued"
        # What runs goes on.
        go.touch()
        assert under_way.result(LIMIT_S)
        assert waiting.get().state == "queued"
        supply(supplies, "AC", CHARGER)
        assert waiting.result(LIMIT_S) == 4
