"""The host calls the sidecar, and the sidecar the host, over pipes."""

from __future__ import annotations

from pathlib import Path

import pytest

from page import BINARY, CLOSE, TEXT, WebSocket
from world import Host, host

LARGE = 1024 * 1024


@pytest.mark.parametrize(
    "path",
    ["/", "/blocking", "/awaited", "/many", "/worker", "/stream", "/wrong_token", "/wrong_process"],
)
def test_what_the_sidecar_checks(running: Host, path: str) -> None:
    assert running.ask(path) == [], "\n".join(running.log)


def test_more_calls_at_once_than_connections_that_wait(running: Host) -> None:
    assert running.ask("/", calls=300) == []
    assert running.ask("/", calls=100, method="POST") == []


def test_a_websocket_of_a_page(running: Host) -> None:
    websocket = WebSocket(running, "/upper")
    for text in ["over a pipe", "ü", "", "x" * LARGE]:
        websocket.send(TEXT, text.encode())
        assert websocket.receive() == (TEXT, text.upper().encode())
    websocket.send(BINARY, bytes(range(256)))
    assert websocket.receive() == (BINARY, bytes(reversed(range(256))))
    websocket.send(CLOSE, (1000).to_bytes(2))
    assert websocket.receive() == (CLOSE, (1000).to_bytes(2))


def test_a_websocket_breaks_with_its_sidecar(tmp_path: Path) -> None:
    with host(tmp_path) as running:
        websocket = WebSocket(running, "/upper")
        websocket.send(TEXT, b"die")
        assert websocket.read()["pageError"]["code"] == "unavailable"
        running.wait_for("ready")
        again = WebSocket(running, "/upper")
        again.send(TEXT, b"alive")
        assert again.receive() == (TEXT, b"ALIVE")


def test_what_it_prints_is_utf_8(tmp_path: Path) -> None:
    """Also what runs before `serve` does."""
    with host(tmp_path) as running:
        running.wait_for_log("python: ✓ printed at import")
        running.wait_for_log("python: ✓ printed to stderr")
        assert running.ask("/printed") == []
        running.wait_for_log("python: ✓ printed, with no newline translated")


def test_what_the_app_says_of_the_encoding_holds(tmp_path: Path) -> None:
    running = Host(tmp_path, 1, {}, PythonIOEncoding="cp1252:replace")
    try:
        running.wait_for("ready")
        running.wait_for_log("python: ? printed at import")
    finally:
        running.close()
