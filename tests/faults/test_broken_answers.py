"""Answers that end as they should not: no other request suffers, and nobody waits for an end that has come."""

from __future__ import annotations

import time
from typing import Any

from figures import note, spread
from world import host, many

BEHIND = 100
"""How many answers have something raised behind them, in a round."""

BESIDE = 101
"""How many other requests there are beside them."""

ROUTES = """
whole = app

async def app(scope, receive, send):
    path = scope.get("path")
    if path == "/raise":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]})
        await send({"type": "http.response.body", "body": b"null"})
        raise RuntimeError("behind the answer")
    if path == "/fork":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"100000")]})
        await send({"type": "http.response.body", "body": b"0", "more_body": True})
        if os.fork() == 0:
            time.sleep(1000)
        raise RuntimeError("within the answer")
    await whole(scope, receive, send)
"""


def failures(calls: list[dict[str, Any]]) -> list[Any]:
    return [call["failure"] for call in calls if "failure" in call]


def test_what_is_raised_behind_an_answer_breaks_no_other_request() -> None:
    failed = made = 0
    with host(first=ROUTES) as running:
        running.ready()
        for _ in range(many(3, 100)):
            running.begin_burst(BEHIND, "/raise")
            running.begin_burst(BESIDE, "/")
            reports = [running.calls(), running.calls()]
            assert {len(calls) for calls in reports} == {BEHIND, BESIDE}
            made += BEHIND + BESIDE
            failed += sum(len(failures(calls)) for calls in reports)
    what = f"{BEHIND} routes raise behind their answers, beside {BESIDE - 1} POSTs: calls that fail"
    note(what, "0", f"{failed} of {made}", holds=failed == 0)
    assert failed == 0


def test_the_child_of_a_fork_keeps_no_broken_answer_open() -> None:
    times = []
    with host(first=ROUTES) as running:
        running.ready()
        for _ in range(many(3, 50)):
            begun = time.monotonic()
            (call,) = running.burst(1, "/fork")
            times.append((time.monotonic() - begun) * 1000)
            assert call["failure"][0] == "unavailable"
    note("an answer breaks off after a fork whose child lives on", "the caller hears of it", spread(times))
