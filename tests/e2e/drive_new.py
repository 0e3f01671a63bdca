"""Uses an app that `new` made and that was built, in its window, and looks at which Python package it runs on."""

import argparse
import os
import re
import signal
import sys
from pathlib import Path

from selenium.webdriver.common.by import By

from desktop import Desktop, DesktopError, Page, desktop, driven, until
from try_new import APP


def main() -> int:
    """Gives the exit status: 0 when the page, Python and Rust have answered each other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="the app's folder")
    parser.add_argument("binary", type=Path, help="its program")
    parser.add_argument("picture", type=Path, help="where the picture of its window goes (PNG)")
    given = parser.parse_args()
    # A step that is stopped must end what it has started, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    environment = given.folder.resolve() / ".venv"
    os.environ[APP.variable] = str(given.binary)
    os.environ["PATH"] = f"{environment / 'bin'}:{os.environ['PATH']}"
    try:
        with desktop(APP) as screen:
            with driven(screen) as page:
                use(page)
                expect_wheel(screen, environment)
                screen.screenshot(given.picture)
            screen.expect_nothing_left()
    except DesktopError as error:
        print(f"drive-new: {error}", *getattr(error, "__notes__", ()), sep="\n", file=sys.stderr)
        return 1
    return 0


def use(page: Page) -> None:
    """Greets somebody else, as a person would, and then nobody."""
    expect(page, "output", APP.title)
    expect(page, "footer", r"Python 3\.\d+\.\d+")
    # While the window has this title, by which it is found.
    page.settle()
    greet(page, "Eve", "Hello from Rust, Eve!")
    page.desktop.window("Hello from Rust, Eve!")
    greet(page, "", ".*emptyName.*")
    greet(page, "Ada", APP.title)
    page.desktop.window()


def greet(page: Page, name: str, answer: str) -> None:
    """Fills in a name, and expects that answer."""
    field = page.driver.find_element(By.TAG_NAME, "input")
    field.clear()
    if name:
        field.send_keys(name)
    page.driver.find_element(By.TAG_NAME, "button").click()
    expect(page, "output", answer)


def expect(page: Page, tag: str, pattern: str) -> None:
    """Waits until the element shows that, and says so."""
    until(f"<{tag}> with `{pattern}`", lambda: re.fullmatch(pattern, page.driver.find_element(By.TAG_NAME, tag).text))
    print(f"<{tag}>: {page.driver.find_element(By.TAG_NAME, tag).text}", flush=True)


def expect_wheel(screen: Desktop, environment: Path) -> None:
    """`DesktopError` when the sidecar's native part is not that of the app's own environment."""
    maps = Path(f"/proc/{screen.sidecar()}/maps").read_text()
    found = set(re.findall(r"/\S+/sidecar_bridge/_native\.abi3\.so", maps))
    if len(found) != 1 or not Path(*found).is_relative_to(environment):
        raise DesktopError(f"the sidecar has loaded {found or 'no native part'}, not that of {environment}")
    print(f"sidecar: {found.pop()}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
