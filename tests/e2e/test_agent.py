"""Calls of the sidecar while the app has no window, on a real desktop."""

from __future__ import annotations

from pathlib import Path
from subprocess import Popen

from desktop import WEBVIEW_TEST, Desktop, desktop, running, until

AGENT = "['sidecar-bridge-agent']"
"""What Tauri lists while no window is open, if Python asks."""


def opened(file: Path, count: int) -> None:
    """Waits until the sidecar has opened that many windows, each while the agent was all there was."""
    until(f"window {count}", lambda: file.exists() and len(file.read_text().splitlines()) >= count)
    assert file.read_text().splitlines() == [AGENT] * count


def closed_agent(on: Desktop) -> None:
    """Waits until the agent's window is gone, which no list of shown windows has."""
    until("the agent's end", lambda: "sidecar-bridge-agent" not in on.run("xwininfo", "-root", "-tree"))


def test_the_sidecar_opens_a_window_and_the_app_ends_with_it(tmp_path: Path) -> None:
    file = tmp_path / "opened"
    with desktop(WEBVIEW_TEST, WEBVIEW_TEST_OPENED=str(file)) as on:
        with running([on.app.binary()], {**on.env, **on.app_env}, on.log) as app:
            on.window()
            opened(file, 1)
            closed_agent(on)
            on.close_window()
            assert ended(app) == 0
        on.expect_nothing_left()
        assert file.read_text().splitlines() == [AGENT]


def test_an_app_that_stays_is_reached_after_its_last_window(tmp_path: Path) -> None:
    file = tmp_path / "opened"
    with desktop(WEBVIEW_TEST, WEBVIEW_TEST_OPENED=str(file), WEBVIEW_TEST_STAYS="1") as on:
        with running([on.app.binary()], {**on.env, **on.app_env}, on.log) as app:
            for count in (1, 2, 3):
                on.window()
                opened(file, count)
                closed_agent(on)
                on.close_window()
            opened(file, 4)
            app.kill()
            assert ended(app) == -9
        on.expect_no_process()


def ended(app: Popen[bytes]) -> int:
    """The app's exit code; waits for it."""
    return app.wait(10)
