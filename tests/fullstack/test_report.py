"""The second window, which Python opens: it shares the session and the imports of the first one."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from desktop import until
from ledger import Ledger
from orders import choose, write_orders

# The bar may be gone before anybody looks into this window again.
WATCH_IMPORT = """
  const look = () => { window.importSeen ||= document.querySelector("[role=progressbar]") !== null; };
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true });
  look();
"""


@contextmanager
def report_of(ledger: Ledger) -> Iterator[None]:
    """Opens the report by its button and looks into it; at the end it is closed."""
    main = ledger.driver.current_window_handle
    ledger.press("Open report")
    ledger.says("Report opened.")
    ledger.desktop.window("Report")
    handles = until("a second page", lambda: {*ledger.driver.window_handles} - {main})
    try:
        with report_shown(ledger, handles.pop()):
            yield
    finally:
        ledger.desktop.close_window("Report")
        until("the report's end", lambda: ledger.desktop.find_window("Report") is None)


@contextmanager
def report_shown(ledger: Ledger, handle: str) -> Iterator[None]:
    """Looks into another window for a while."""
    main = ledger.driver.current_window_handle
    ledger.driver.switch_to.window(handle)
    try:
        yield
    finally:
        ledger.driver.switch_to.window(main)


@contextmanager
def main_shown(ledger: Ledger) -> Iterator[None]:
    """Looks into the main window for a while."""
    report = ledger.driver.current_window_handle
    main = next(handle for handle in ledger.driver.window_handles if handle != report)
    with report_shown(ledger, main):
        yield


def test_it_shares_the_session_and_follows_its_end(ledger: Ledger) -> None:
    with report_of(ledger):
        assert ledger.path() == "/report"
        ledger.see("heading", "Report")
        ledger.says("Revenue by month")
        with main_shown(ledger):
            ledger.log_out()
        ledger.says("Nobody is logged in.")
        with main_shown(ledger):
            ledger.log_in()
            ledger.see("heading", "Dashboard")
        ledger.says("Revenue by month")


def test_it_follows_an_import(ledger: Ledger, tmp_path: Path) -> None:
    with report_of(ledger):
        ledger.see("heading", "Report")
        ledger.driver.execute_script(WATCH_IMPORT)
        with main_shown(ledger):
            ledger.go("Import")
            choose(ledger, write_orders(tmp_path / "orders.csv", 100_000))
        ledger.says("100,000 orders")
        assert ledger.driver.execute_script("return window.importSeen")
        ledger.gone("progressbar")
        ledger.see("figure", "Revenue by month")


def test_a_second_click_brings_it_to_the_front(ledger: Ledger) -> None:
    with report_of(ledger):
        report = ledger.desktop.window("Report")[0]
        with main_shown(ledger):
            ledger.desktop.run("wmctrl", "-i", "-a", ledger.desktop.window()[0])
            ledger.press("Open report")
            ledger.says("Report focused.")
        until("the report in front", lambda: active(ledger) == int(report, 16))


def active(ledger: Ledger) -> int:
    """The id of the window that has the keyboard."""
    return int(ledger.desktop.run("xdotool", "getactivewindow"))
