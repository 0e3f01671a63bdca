"""A page that has all of the guest package, in a real window."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from desktop import WEBVIEW_TEST, Page, desktop, driven, until


@contextmanager
def bridge_page(**app_env: str) -> Iterator[Page]:
    """The webview test's page, whose app gets `app_env`, too; nothing of it may be left behind."""
    with tempfile.TemporaryDirectory() as data, desktop(WEBVIEW_TEST, XDG_DATA_HOME=data, **app_env) as screen:
        with driven(screen) as page:
            until_loaded(page)
            yield page
        screen.expect_nothing_left()


def until_loaded(page: Page) -> None:
    """Waits until the page has all that it needs."""
    until("the page", lambda: page.driver.execute_script("return document.body?.textContent") == "ready")


def run(page: Page, script: str, *arguments: Any) -> Any:
    """Runs the body of an async function in the page, with `args`; its error is an `AssertionError` here."""
    whole = f"""
      const args = [...arguments], done = args.pop();
      (async () => {{ {script} }})().then(
        (value) => done({{ value }}), (error) => done({{ error: `${{error?.name}}: ${{error?.message ?? error}}` }}));
    """
    outcome = page.driver.execute_async_script(whole, *arguments)
    if "error" in outcome:
        raise AssertionError(outcome["error"])
    return outcome.get("value")


def ask(page: Page, path: str) -> Any:
    """What the sidecar answers to a GET of the page."""
    return run(page, "return (await bridge.fetch(args[0])).json()", path)
