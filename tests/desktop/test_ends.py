"""What ends a window, a webview or the app, each in an app of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import pytest
from sidecar_bridge import Host, TransportError
from sidecar_bridge.tauri.dpi import LogicalSize
from sidecar_bridge.tauri.window_state import StateFlags

from desktop import until
from hosts import LIMIT_S
from mirror import methods
from outcomes import TAKEN, Outcomes
from place import Place, place
from twins import Twin

ALL = {str(each): each for each in methods()}


@pytest.fixture
def fresh(twin: Twin) -> Iterator[tuple[Place, Host]]:
    with place() as at, twin(at.join()) as host:
        yield at, host


@pytest.mark.parametrize("plugin", ["app", "process"])
def test_the_app_ends_with_a_code(plugin: str, fresh: tuple[Place, Host], outcomes: Outcomes) -> None:
    at, host = fresh
    method = ALL[f"{plugin}-exit"]
    with suppress(TransportError):
        method.of(host, timeout_s=LIMIT_S)(code=7)
    assert at.process.wait(LIMIT_S) == 7
    outcomes.note(method, TAKEN)


def test_the_app_starts_again_and_its_window_is_as_large_as_before(
    fresh: tuple[Place, Host], twin: Twin, outcomes: Outcomes
) -> None:
    at, host = fresh
    host.window("main").set_size(LogicalSize(640, 480))
    until("the size", lambda: at.screen.geometry()[2:] == (640, 480))
    host.window_state.save(StateFlags.SIZE)
    with suppress(TransportError):
        host.process.using(timeout_s=LIMIT_S).restart()
    with twin(at.join()) as again:
        at.screen.window()
        until("the size before", lambda: at.screen.geometry()[2:] == (640, 480))
        with suppress(TransportError):
            again.process.using(timeout_s=LIMIT_S).exit(code=0)
    outcomes.note(ALL["process-restart"], TAKEN)


@pytest.mark.parametrize("name", ["window-close", "window-destroy", "webview-close"])
def test_one_window_of_two_is_closed(name: str, fresh: tuple[Place, Host], outcomes: Outcomes) -> None:
    at, host = fresh
    host.webview("main").create_window("second", title="Second")
    at.screen.window("Second")
    ALL[name].of(host, "second", LIMIT_S)()
    until("the end of the second window", lambda: at.screen.find_window("Second") is None or name == "webview-close")
    until("one webview", lambda: [each.label for each in host.webview("main").all_labels()] == ["main"])
    assert host.window("main").title() == "Desktop Test"
    outcomes.note(ALL[name], TAKEN)
