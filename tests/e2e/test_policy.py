"""Pages whose content security policy lacks what the package needs: the console says what to add, once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bridge_page import bridge_page, run
from desktop import Page

UNDER = """
  const { warn } = console;
  window.warned = [];
  console.warn = (...words) => {
    warned.push(words.join(" "));
    warn(...words);
  };
  const policy = document.createElement("meta");
  policy.httpEquiv = "Content-Security-Policy";
  policy.content = args[0];
  document.head.append(policy);
"""


def warnings(page: Page, words: str) -> list[str]:
    """What the console has warned of with these words."""
    found: list[str] = run(page, "return warned.filter((text) => text.includes(args[0]))", words)
    return found


@pytest.fixture
def page() -> Iterator[Page]:
    """A page that nothing restricts yet."""
    with bridge_page() as page:
        yield page


def test_without_ipc_all_works_slowly_and_the_console_says_so_once(page: Page) -> None:
    run(page, UNDER, "connect-src 'self'")
    body = """
      const body = new Uint8Array(args[0]).map((_, n) => n % 251);
      const response = await bridge.fetch("/echo", { method: "POST", body });
      return (await response.json()).body.every((byte, n) => byte === n % 251);
    """
    assert run(page, body, 1000) is True
    length = "return (await (await bridge.fetch('/bytes/600000')).arrayBuffer()).byteLength"
    assert [run(page, length) for _ in range(2)] == [600_000, 600_000]
    sent = "return (await bridge.fetch('/length', { method: 'POST', body: new Uint8Array(600_000) })).json()"
    assert run(page, sent) == [600_000, "600000"]
    (warning,) = warnings(page, "content security policy")
    assert "add `ipc: http://ipc.localhost` to `connect-src`" in warning


def test_without_the_scheme_of_pictures_there_are_none_and_the_console_says_so_once(page: Page) -> None:
    run(page, UNDER, "img-src 'self'; font-src 'self'")
    shown = """
      const image = new Image();
      image.src = await bridge.mediaUrl("/pixel.png");
      return image.decode().then(() => "shown", () => "nothing");
    """
    assert [run(page, shown) for _ in range(2)] == ["nothing", "nothing"]
    (warning,) = warnings(page, "content security policy")
    assert "add `sidecar-media: http://sidecar-media.bridge.localhost` to `img-src`" in warning
