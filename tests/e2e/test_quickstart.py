"""The quickstart through a real window: its buttons, its live health, its end."""

import os
import re
import signal
from collections.abc import Iterator

import pytest

from desktop import Desktop, Page, desktop, driven, started, until

MS = r" \(\d+\.\d ms\)"


@pytest.fixture(scope="module")
def screen() -> Iterator[Desktop]:
    with desktop() as screen:
        yield screen


@pytest.fixture(scope="module")
def page(screen: Desktop) -> Iterator[Page]:
    with driven(screen) as page:
        yield page
    screen.expect_nothing_left()


def test_page_calls_rust(page: Page) -> None:
    assert re.fullmatch("Hello from Rust, Ada!" + MS, page.click("greet"))


def test_page_asks_fastapi_and_hears_its_events(page: Page) -> None:
    assert re.fullmatch("Hello from FastAPI, Ada!" + MS, page.click("ask"))
    first = re.fullmatch(r"asked (\d+) times", page.text("event"))
    assert first
    page.click("ask")
    expected = f"asked {int(first[1]) + 20} times"
    until(expected, lambda: page.text("event") == expected)


def test_fastapi_maximizes_the_window_and_restores_it(screen: Desktop, page: Page) -> None:
    before = screen.geometry()
    assert before[2:] == (800, 600)
    assert re.fullmatch("Window toggled" + MS, page.click("maximize"))
    maximized = screen.geometry_other_than(before)
    assert maximized.width == 1280
    assert maximized.height > 700
    page.click("maximize")
    assert screen.geometry_other_than(maximized) == before


def test_fastapi_calls_the_rust_command(page: Page) -> None:
    assert re.fullmatch("Hello from Rust, Ada!" + MS, page.click("greet-python"))


def test_the_commands_own_error_reaches_page_and_fastapi(page: Page) -> None:
    page.name("")
    assert page.click("greet") == "emptyName"
    assert page.click("greet-python") == '{"detail":"emptyName"}'
    page.name("Ada")


def test_rust_asks_fastapi_for_its_health_again_and_again(page: Page) -> None:
    healthy = re.compile(r"ready · healthy · \d+\.\d ms")
    for _ in range(2):
        page.empty("answer")
        until("health", lambda: healthy.fullmatch(page.text("health")))


def test_a_closed_window_leaves_nothing_behind() -> None:
    with desktop() as screen:
        with started(screen) as app:
            screen.sidecar()
            assert len(screen.run_directories()) == 1
            screen.close_window()
            assert app.wait(10) == 0
        screen.expect_nothing_left()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_app_as_its_user_would(number: signal.Signals) -> None:
    with desktop() as screen:
        with started(screen) as app:
            screen.sidecar()
            app.send_signal(number)
            assert app.wait(10) == 128 + number
        screen.expect_nothing_left()


def test_the_page_keeps_working_when_its_sidecar_crashes() -> None:
    with desktop() as screen:
        with driven(screen) as page:
            first = screen.sidecar()
            os.kill(first, signal.SIGKILL)
            until("another sidecar", lambda: screen.sidecar() != first)
            assert re.fullmatch("Hello from FastAPI, Ada!" + MS, page.click("ask"))
            until("ready", lambda: page.text("phase") == "ready")
        screen.expect_nothing_left()


def test_in_development_a_spare_serves_after_a_crash() -> None:
    """Its command has a module of ours before the program; called while it still imports, it serves all the same."""
    with desktop() as screen:
        with driven(screen) as page:

            def spare() -> int | None:
                found = screen.processes().items()
                return next((pid for pid, words in found if "sidecar_bridge._serve.ahead" in words), None)

            ready = until("the spare", spare)
            os.kill(screen.sidecar(), signal.SIGKILL)
            until("the spare serves", lambda: screen.sidecar() == ready)
            assert re.fullmatch("Hello from FastAPI, Ada!" + MS, page.click("ask"))
            assert ready in screen.processes()
        screen.expect_nothing_left()


def test_the_next_start_tidies_up_after_a_killed_app() -> None:
    with desktop() as screen:
        with started(screen) as app:
            screen.sidecar()
            app.kill()
            app.wait(10)
        assert len(screen.run_directories()) == 1
        with started(screen) as app:
            screen.sidecar()
            screen.close_window()
            assert app.wait(10) == 0
        screen.expect_nothing_left()


def test_a_killed_app_takes_its_sidecar_along() -> None:
    with desktop() as screen:
        with started(screen) as app:
            screen.sidecar()
            app.kill()
            app.wait(10)
        screen.expect_no_process()
