"""A request on which the sidecar dies: it fails for itself, not for others, and the sidecar comes back."""

from __future__ import annotations

import time
from typing import Any

import pytest

from figures import note
from world import Host, host, many

CRASHED = "it crashed each of the 2 times that it had GET /crash"


def failure(call: dict[str, Any]) -> tuple[str, str]:
    code, detail = call["failure"]
    return code, detail


def bursts(running: Host, *sizes: int) -> dict[int, list[dict[str, Any]]]:
    """Give the reports of the bursts under way, by their sizes, in whatever order they come."""
    reports: dict[int, list[dict[str, Any]]] = {}
    while len(reports) < len(sizes):
        calls = running.calls()
        reports[len(calls)] = calls
    return reports


def test_a_request_that_kills_is_sent_again_once_and_fails_typed() -> None:
    with host() as running:
        running.ready()
        (call,) = running.burst(1, "/crash", "GET")
        code, detail = failure(call)
        assert code == "unavailable"
        assert CRASHED in detail
        served = running.burst(1, "/")
        assert "failure" not in served[0]
        running.tell("restart")
        generation = running.wait_for("ready")["generation"]
        while generation < 4:
            generation = running.wait_for("ready")["generation"]
        assert generation == 4, "two generations died of it, one more was asked for"


SHAPES: dict[str, dict[str, Any]] = {
    "itself": {},
    "behind a launcher": {"launcher": ["sh", "-c", '"$@"; exit $?', "sh"]},
    "with a child that holds its output": {"first": "subprocess.Popen(['sleep', '5'], start_new_session=True)"},
}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_requests_beside_it_are_answered(shape: str) -> None:
    beside, failed = 40, 0
    rounds = many(1, 20)
    for _ in range(rounds):
        with host(**SHAPES[shape]) as running:
            running.ready()
            running.begin_burst(beside, "/nap?1", "GET")
            time.sleep(0.3)
            running.begin_burst(1, "/crash", "GET")
            reports = bursts(running, beside, 1)
            assert CRASHED in failure(reports[1][0])[1]
            failed += sum("failure" in call for call in reports[beside])
    seen = f"{failed} of {beside * rounds}"
    what = f"a GET crashes the sidecar, {shape}, beside {beside} slow GETs: others that fail"
    note(what, "0", seen, holds=failed == 0)
    assert failed == 0


def test_a_sidecar_that_was_given_up_starts_again_with_a_request_after_its_cool_down() -> None:
    # It works from its sixth start on.
    first = "starts = open(os.environ['SAID'] + '.starts', 'a+'); starts.write('x'); starts.flush(); starts.seek(0)\n"
    first += "if len(starts.read()) < 6: os._exit(3)"
    with host(first=first) as running:
        failed = running.wait_for("failed")
        assert "given up after 5 crashes in 60 s" in failed["state"]["problem"]["detail"]
        (refused,) = running.burst(1, "/")
        assert failure(refused)[0] == "unavailable", "not before its cool-down is over"
        deadline = time.monotonic() + 30
        begun = time.monotonic()
        while time.monotonic() < deadline:
            (call,) = running.burst(1, "/")
            if "failure" not in call:
                break
            time.sleep(0.2)
        took_s = time.monotonic() - begun
        assert "failure" not in call
    note("sidecar given up; a request after its cool-down of 10 s", "starts it again", f"answered after {took_s:.1f} s")
