"""The icon in the tray, which Python makes: its menu comes over D-Bus, and its items call Python."""

from pathlib import Path

import pytest

from desktop import started, until
from ledger import Ledger, home, is_hidden
from orders import answer_dialog, imports_of, write_orders


@pytest.fixture
def tray(ledger: Ledger) -> Ledger:
    """The app at its dashboard; its icon is in the tray."""
    until("an icon in the tray", ledger.home.shell.shown)
    return ledger


def test_an_item_toggles_the_window(tray: Ledger) -> None:
    before = tray.desktop.geometry()
    tray.home.shell.choose("Maximize or restore")
    maximized = tray.desktop.geometry_other_than(before)
    tray.home.shell.choose("Maximize or restore")
    assert tray.desktop.geometry_other_than(maximized) == before


def test_an_item_opens_the_report(tray: Ledger) -> None:
    tray.home.shell.choose("Open report")
    tray.desktop.window("Report")
    tray.desktop.close_window("Report")
    until("the report's end", lambda: tray.desktop.find_window("Report") is None)


def test_an_item_imports_a_file_and_the_page_hears_of_it(tray: Ledger, tmp_path: Path) -> None:
    path = write_orders(tmp_path / "tray.csv", 50_000)
    tray.home.shell.choose("Import orders …")
    answer_dialog(tray.desktop, path)
    assert tray.home.shell.notified("Import done").body == "tray.csv: 50000 orders imported"
    tray.says("tray.csv")
    tray.says("50,000")
    assert imports_of(tray)[0] == ("tray.csv", 50_000)


def test_an_item_shows_the_window(tray: Ledger) -> None:
    tray.desktop.run("xdotool", "windowminimize", tray.desktop.window()[0])
    until("a minimized window", lambda: is_hidden(tray))
    tray.home.shell.choose("Show Ledger")
    until("the window", lambda: not is_hidden(tray))


@pytest.mark.parametrize("button", ["Restart", "Crash"])
def test_the_next_server_shows_the_one_icon(tray: Ledger, button: str) -> None:
    (before,) = tray.home.shell.shown()
    tray.go("Diagnostics")
    tray.press(button)
    until("another icon", lambda: tray.home.shell.shown() not in ([before], []), 30)
    (after,) = tray.home.shell.shown()
    assert after != before
    tray.home.shell.choose("Open report")
    tray.desktop.window("Report")
    tray.desktop.close_window("Report")
    until("the report's end", lambda: tray.desktop.find_window("Report") is None)


def test_an_item_quits() -> None:
    with home() as at, started(at.screen) as app:
        at.shell.choose("Quit")
        assert app.wait(20) == 0
        assert "handler" not in at.screen.log.read_text()
