"""Handlers of the sidecar in a real window: its closing, and its menu by mouse and keyboard."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bridge_page import ask, bridge_page, run, until_loaded
from desktop import Page, running, until
from shell import shell


@pytest.fixture
def page() -> Iterator[Page]:
    with bridge_page() as page:
        yield page


def post(page: Page, path: str) -> Any:
    return run(page, "return (await bridge.fetch(args[0], { method: 'POST' })).json()", path)


def called(page: Page, *wanted: str) -> None:
    """Waits until the sidecar's handlers were called so."""
    until(f"calls of {wanted}", lambda: ask(page, "/desk/called") == list(wanted))


def closed(page: Page) -> None:
    """Waits until the app's window is gone."""
    until("the end of the window", lambda: page.desktop.find_window() is None)


def test_a_handler_keeps_the_window_open_also_after_the_page_was_loaded_anew(page: Page) -> None:
    post(page, "/desk/holds/prevents")
    page.desktop.close_window()
    called(page, "prevents")
    page.driver.refresh()
    until_loaded(page)
    page.desktop.close_window()
    called(page, "prevents", "prevents")
    assert page.desktop.find_window()
    # A dead sidecar holds no window.
    os.kill(page.desktop.sidecar(), signal.SIGKILL)
    until("another sidecar", lambda: ask(page, "/desk/called") == [])
    page.desktop.close_window()
    closed(page)


@pytest.mark.parametrize("how", ["lets", "raises"])
def test_a_window_closes_once_its_handler_has_ended(page: Page, how: str) -> None:
    post(page, f"/desk/holds/{how}")
    page.desktop.close_window()
    closed(page)


@pytest.mark.parametrize("how", ["hangs", "blocks"])
def test_a_window_closes_though_its_handler_never_ends(page: Page, how: str) -> None:
    post(page, f"/desk/holds/{how}")
    page.desktop.close_window()
    closed(page)


def test_sizes_and_focus_come_to_handlers(page: Page) -> None:
    post(page, "/desk/follow")
    window = page.desktop.window()[0]
    page.desktop.run("xdotool", "windowsize", window, "500", "400")
    until("the size", lambda: "500x400" in ask(page, "/desk/called"))
    with running(["xmessage", "-title", "other", "other"], page.desktop.env, page.desktop.log):
        page.desktop.run("xdotool", "windowactivate", "--sync", page.desktop.window("other")[0])
        until("the loss of focus", lambda: ask(page, "/desk/called")[-1] == "focus False")
    page.desktop.run("xdotool", "windowactivate", "--sync", window)
    until("the focus", lambda: ask(page, "/desk/called")[-1] == "focus True")


def test_a_menu_calls_its_handlers_and_is_gone_after_a_restart(page: Page) -> None:
    def height() -> int:
        return int(page.driver.execute_script("return innerHeight"))

    whole = height()
    assert post(page, "/desk/menu") == 3
    until("the menu", lambda: height() < whole)
    window = page.desktop.window()[0]
    page.desktop.run("xdotool", "windowactivate", "--sync", window)
    page.desktop.run("xdotool", "key", "ctrl+shift+o")
    called(page, "open")
    before = viewable(page)
    page.desktop.run("xdotool", "mousemove", "--window", window, "20", "10", "click", "1")
    until("the open menu", lambda: viewable(page) > before)
    page.desktop.run("xdotool", "mousemove", "--window", window, "30", "38", "click", "1")
    called(page, "open", "open")
    run(page, "await bridge.restart()")
    called(page)
    until("a window without a menu", lambda: height() == whole)
    page.desktop.run("xdotool", "key", "ctrl+shift+o")
    called(page)


def viewable(page: Page) -> int:
    """How many windows the screen has."""
    return len(page.desktop.run("xdotool", "search", "--onlyvisible", "--maxdepth", "1", "").split())


def test_a_menu_that_is_closed_is_not_shown_any_more(page: Page) -> None:
    whole = page.driver.execute_script("return innerHeight")
    post(page, "/desk/menu")
    until("the menu", lambda: page.driver.execute_script("return innerHeight") < whole)
    post(page, "/desk/menu/close")
    until("a window without a menu", lambda: page.driver.execute_script("return innerHeight") == whole)


def test_an_icon_in_the_tray_calls_its_handlers_and_is_gone_after_a_restart(tmp_path: Path) -> None:
    with shell(tmp_path) as bus, bridge_page(DBUS_SESSION_BUS_ADDRESS=bus.address) as page:
        tray = post(page, "/desk/tray")
        bus.choose("Greet")
        called(page, "greet")
        assert ask(page, f"/desk/tray/{tray}") is True
        run(page, "await bridge.restart()")
        called(page)
        assert ask(page, f"/desk/tray/{tray}") is False
