"""Pictures by URL, loaded while the page gives them up, goes elsewhere or is closed: the app lives."""

from __future__ import annotations

from pathlib import Path

from selenium.common.exceptions import NoSuchFrameException

from bridge_page import ask, bridge_page, run
from desktop import Page, until
from figures import note
from world import SOAK

LOADS = 200_000 if SOAK else 4_000

WHOLE, LEFT = 400, 100
"""How many loads of a round are waited for, and how many the page is left with."""

GROWTH_MIB = 32
"""How much memory the app may take more than after its first rounds: the allocator keeps the pages of the fullest
moment. In the long form, one forgotten answer in a hundred would be 80 MiB."""

ROUND = """
  const url = await bridge.mediaUrl("/media/picture");
  const [count, first] = args;
  let next = 0, shown = 0, failed = 0;
  const picture = (i) => new Promise((resolve) => {
    const image = new Image();
    image.onload = () => { shown++; resolve(); };
    image.onerror = () => { failed++; resolve(); };
    const side = i % 7 === 0 ? 300 : i % 3 + 1, delay = i % 17 === 0 ? 120 : i % 5 === 0 ? 3 : 0;
    image.src = `${url}?side=${side}&delay_ms=${delay}&i=${first + i}`;
    if (i % 2) {
      const abort = () => { image.onload = image.onerror = null; image.src = ""; resolve(); };
      if (i % 4 === 1) queueMicrotask(abort); else setTimeout(abort, i % 13);
    }
  });
  const bytes = async (i) => {
    const abort = new AbortController();
    setTimeout(() => abort.abort(), i % 11);
    const asked = globalThis.fetch(`${url}?side=200&i=${first + i}`, { signal: abort.signal });
    await asked.then((response) => response.arrayBuffer()).catch(() => {});
  };
  const some = async () => { while (next < count) { const i = next++; await (i % 10 === 9 ? bytes(i) : picture(i)); } };
  const all = Promise.all(Array.from({ length: 24 }, some));
"""
"""Loads pictures, 24 at once: small ones and large ones, soon and late ones. The page gives up every second one."""

LEAVE = ["location.reload()", "location.href = `/index.html?${Math.random()}`"]


def open_and_close_a_window(page: Page) -> None:
    """Close a window while it loads."""
    options = "{ label: 'second', url: 'index.html#pictures' }"
    before = ask(page, "/media/asked/picture")
    run(page, f"await invoke('plugin:webview|create_webview_window', {{ options: {options} }})")
    until("loads of the window", lambda: ask(page, "/media/asked/picture") > before + 24)
    run(page, "await invoke('plugin:window|close', { label: 'second' })")


def is_loaded(page: Page) -> bool:
    """Whether a page has all that it needs; one that is just being left has not."""
    try:
        return bool(page.driver.execute_script("return document.body?.textContent") == "ready")
    except NoSuchFrameException:
        return False


def memory_mib(pid: int) -> float:
    """The resident memory of a process."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


def test_the_app_lives_through_loads_that_are_given_up() -> None:
    with bridge_page() as page:
        (app,) = (pid for pid, words in page.desktop.processes().items() if words.endswith("webview-test"))
        loads, rounds, began_mib = 0, 0, 0.0
        while loads < LOADS:
            shown, failed = run(page, f"{ROUND} await all; return [shown, failed]", WHOLE, loads)
            assert (shown > WHOLE // 3, failed) == (True, 0)
            run(page, f"{ROUND} void all; await new Promise((r) => setTimeout(r, 30))", LEFT, loads + WHOLE)
            loads += WHOLE + LEFT
            rounds += 1
            if rounds % 4 == 0:
                open_and_close_a_window(page)
            else:
                page.driver.execute_script(f"document.body.textContent = ''; {LEAVE[rounds % 2]}")
                until("the next page", lambda: is_loaded(page))
            assert app in page.desktop.processes()
            if rounds == 4:
                began_mib = memory_mib(app)
        grown_mib = memory_mib(app) - began_mib
        note(
            f"{loads} loads by URL, half of them given up; {rounds} reloads, navigations and closed windows meanwhile",
            f"the app lives; ≤ {GROWTH_MIB} MiB growth",
            f"it lives; {grown_mib:+.1f} MiB",
            holds=grown_mib <= GROWTH_MIB,
        )
        assert grown_mib <= GROWTH_MIB
