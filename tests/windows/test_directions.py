"""The host calls the sidecar, and the sidecar the host, over pipes."""

from __future__ import annotations

import pytest

from world import SIDECAR, Host, run_file, windows


@pytest.mark.parametrize(
    "path",
    ["/", "/blocking", "/awaited", "/many", "/worker", "/stream", "/wrong_token", "/wrong_process"],
)
def test_what_the_sidecar_checks(running: Host, path: str) -> None:
    assert running.ask(path) == [], "\n".join(running.log)


def test_more_calls_at_once_than_connections_that_wait(running: Host) -> None:
    assert running.ask("/", calls=300) == []
    assert running.ask("/", calls=100, method="POST") == []


def test_a_websocket() -> None:
    """With a host of the test's own: the real one opens WebSockets for pages alone."""
    code, printed = run_file(SIDECAR.with_name("page.py"), windows(SIDECAR))
    assert (code, printed.strip()) == (0, "all of it")


def test_what_it_prints_is_utf_8(running: Host) -> None:
    assert running.ask("/printed") == []
    running.wait_for_log("python: ✓ printed, with no newline translated")
