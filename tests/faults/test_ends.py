"""The app ends, on every way out, while its sidecar asks for the window from many tasks without a pause.

Such questions block the threads of Tauri's runtime until the main thread answers, which is busy with the end.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from desktop import WEBVIEW_TEST, Desktop, desktop, running, until
from figures import note, spread
from world import many

TASKS = 4 * (os.cpu_count() or 1)

LIMIT_S = 4.0
"""The sidecar has `stopTimeoutMs` to end, 2 s here, and the app two more."""

PREVENTED_S = 8.0
"""An app that prevents its exit lives for 5 s after the signal, and then its sidecar ends."""

WAYS: dict[str, Callable[[Desktop, subprocess.Popen[bytes]], object]] = {
    "SIGTERM": lambda _, app: app.send_signal(signal.SIGTERM),
    "exit(0) of a command": lambda screen, _: os.kill(screen.sidecar(), signal.SIGUSR1),
    "close of the window": lambda screen, _: screen.close_window(),
}


@pytest.fixture(scope="module")
def screen() -> Iterator[Desktop]:
    with desktop(WEBVIEW_TEST) as on:
        yield on


def end_s(screen: Desktop, way: str, answered: Path) -> float:
    """Start the app, end it once its sidecar has answers, and give the seconds until it is gone."""
    answered.unlink(missing_ok=True)
    asking = {"SIDECAR_TEST_ASKING": str(TASKS), "SIDECAR_TEST_ANSWERED": str(answered)}
    with running([screen.app.binary()], {**screen.env, **asking}, screen.log) as app:
        screen.window()
        until("the first answer", answered.exists)
        begun = time.monotonic()
        WAYS[way](screen, app)
        app.wait(LIMIT_S)
        took_s = time.monotonic() - begun
    screen.expect_nothing_left()
    return took_s


@pytest.mark.parametrize("way", WAYS)
def test_the_app_ends_however_much_its_sidecar_asks(screen: Desktop, way: str, tmp_path: Path) -> None:
    times = [end_s(screen, way, tmp_path / "answered") for _ in range(many(3, 67))]
    note(f"app ends by {way}, {TASKS} tasks ask for its window", "gone within 4 s, nothing left", spread(times, "s"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_app_that_prevents_its_exit_ends_by_a_signal_all_the_same(screen: Desktop, number: signal.Signals) -> None:
    env = {**screen.env, "WEBVIEW_TEST_STAYS": "1"}
    with running([screen.app.binary()], env, screen.log) as app:
        screen.window()
        sidecar = screen.sidecar()
        screen.close_window()
        until("the window is gone", lambda: screen.find_window() is None)
        assert screen.sidecar() == sidecar, "the app lives on"
        begun = time.monotonic()
        app.send_signal(number)
        assert app.wait(PREVENTED_S) == 128 + number
        took_s = time.monotonic() - begun
    screen.expect_nothing_left()
    note(f"app that prevents its exit, {number.name}", "gone within 8 s, nothing left", f"{took_s:.1f} s")
