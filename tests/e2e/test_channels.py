"""Commands with channels that the sidecar calls, and the page of the window that they run in: it must not notice."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bridge_page import ask, bridge_page, run
from desktop import Page

WATCH = """
  window.warnings = [];
  console.warn = (text) => warnings.push(text);
  window.callbacks = __TAURI_INTERNALS__.callbacks.size;
"""

# What was evaluated in the page before comes before the answer to a call that was made after.
SETTLE = "for (let n = 0; n < 3; n++) await invoke('plugin:app|version');"


@pytest.fixture
def page() -> Iterator[Page]:
    with bridge_page() as page:
        yield page


def test_the_page_does_not_notice_the_channels_of_the_sidecar(page: Page) -> None:
    run(page, WATCH)
    for up_to in (0, 5, 2000):
        assert ask(page, f"/count/{up_to}") == list(range(up_to))
    assert ask(page, "/refused/count") == "invalid_argument"
    assert ask(page, "/refused/watch") == "permission_denied"
    assert run(page, SETTLE + "return [warnings, __TAURI_INTERNALS__.callbacks.size - callbacks]") == [[], 0]
    run(page, SETTLE + "__TAURI_INTERNALS__.runCallback(1, {})")
    assert len(run(page, "return warnings")) == 1, "what Tauri says of a callback that the page does not know"


def test_the_page_s_own_channels_still_work(page: Page) -> None:
    assert ask(page, "/count/1") == [0]
    heard = """
      const { Channel } = await import("@tauri-apps/api/core");
      const channel = new Channel(), heard = [];
      channel.onmessage = (number) => heard.push(number);
      await invoke("count", { upTo: 3, onNumber: channel });
      for (let n = 0; n < 3; n++) await invoke("plugin:app|version");
      return heard;
    """
    assert run(page, heard) == [0, 1, 2]
