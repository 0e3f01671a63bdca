"""Calls of the sidecar that wait for the app's main thread, in a real window."""

from __future__ import annotations

from bridge_page import ask, bridge_page


def test_a_call_whose_time_is_over_before_it_began_never_begins() -> None:
    with bridge_page() as page:
        assert ask(page, "/withdrawn") == [1, 2]


def test_a_busy_main_thread_holds_up_nothing_but_the_window() -> None:
    with bridge_page() as page:
        assert ask(page, "/beside-a-busy-main-thread") == {"healthy": True, "waited": True, "answered": True}
