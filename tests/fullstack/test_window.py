"""From the page over FastAPI to a real window, and what becomes of the app when its windows are closed."""

from desktop import started, until
from ledger import Ledger, fresh, home, opened


def test_fastapi_maximizes_the_window_and_restores_it(ledger: Ledger) -> None:
    screen = ledger.desktop
    before = screen.geometry()
    assert before[2:] == (1100, 720)
    ledger.press("Toggle window")
    ledger.says("Window maximized.")
    maximized = screen.geometry_other_than(before)
    assert maximized.width == 1280
    ledger.press("Toggle window")
    ledger.says("Window restored.")
    assert screen.geometry_other_than(maximized) == before


def test_a_window_that_is_not_logged_in_moves_nothing(ledger: Ledger) -> None:
    before = ledger.desktop.geometry()
    ledger.home.query("DELETE FROM sessions")
    ledger.press("Toggle window")
    ledger.says("Your session has expired.")
    assert ledger.desktop.geometry() == before


def test_the_main_window_takes_the_report_along() -> None:
    with fresh() as ledger:
        ledger.set_up()
        ledger.press("Open report")
        ledger.desktop.window("Report")
        ledger.desktop.close_window()
        until("the report's end", lambda: ledger.desktop.find_window("Report") is None)


def test_what_was_kept_is_there_at_the_next_start() -> None:
    with home() as at:
        with opened(at) as ledger:
            ledger.set_up()
        at.screen.expect_nothing_left()
        with started(at.screen) as app:
            at.screen.sidecar()
            at.screen.close_window()
            assert app.wait(30) == 0
        with opened(at) as ledger:
            ledger.log_in()
            ledger.see("heading", "Dashboard")
