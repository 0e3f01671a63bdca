"""The full-stack example as it is installed, on a desktop of its own, and its page as a person uses it."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from selenium.common.exceptions import StaleElementReferenceException, WebDriverException
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from desktop import App, Desktop, DesktopError, Page, desktop, driven, until
from shell import Shell, shell

T = TypeVar("T")

LEDGER = App("Ledger", "SIDECAR_BRIDGE_LEDGER", "/sidecar/python/python")
PACKAGE = "SIDECAR_BRIDGE_LEDGER_PACKAGE"
IDENTIFIER = "io.github.tauri-plugin-sidecar-bridge.ledger"
ORIGIN = "tauri://localhost"

NAME, EMAIL, PASSWORD = "Ada Lovelace", "ada@example.com", "difference engine"

FIND = (Path(__file__).parent / "find.js").read_text()
# What is only for the eye, such as initials, is no text of a cell.
CELLS = """
  const textOf = (cell) => [...cell.querySelectorAll("[aria-hidden=true]")]
    .reduce((text, { innerText }) => text.replace(innerText ?? "", ""), cell.innerText).trim();
  return [...arguments[0].tBodies[0].rows].map(({ cells }) => [...cells].map(textOf));
"""
# What has just come begins to move with the next frame.
IS_STILL = """
  const done = arguments[arguments.length - 1];
  const isStill = () => document.getAnimations().every(({ playState, effect }) =>
    playState !== "running" || effect.getTiming().iterations === Infinity);
  requestAnimationFrame(() => requestAnimationFrame(() => done(isStill())));
"""
IS_MOVING = """
  const [element] = arguments;
  return document.getAnimations().some(({ playState, effect }) =>
    playState === "running" && effect?.target?.contains(element));
"""


def though_redrawn(use: Callable[[], T]) -> T:
    """Use an element, and the one in its place when the page draws it anew: then the driver calls the first stale."""
    while True:
        with suppress(StaleElementReferenceException):
            return use()


def package() -> Path:
    """The package that was built for this run."""
    path = Path(os.environ.get(PACKAGE, ""))
    if not path.is_file():
        raise DesktopError(f"{PACKAGE}={str(path)!r} is no package; run scripts/package-fullstack, which builds it")
    return path.resolve()


@contextmanager
def unpacked() -> Iterator[None]:
    """Makes the program of the package, which is only unpacked, the app of this run."""
    with TemporaryDirectory(prefix="ledger-package-") as name:
        os.environ[LEDGER.variable] = str(unpack(package(), Path(name) / "data"))
        yield
        del os.environ[LEDGER.variable]


def unpack(deb: Path, to: Path) -> Path:
    """Unpacks a package into a new folder, and gives its program."""
    subprocess.run(["dpkg-deb", "-x", deb, to], check=True, timeout=120)
    return to / "usr/bin/ledger"


def environment(home: Path, bus: str) -> dict[str, str]:
    """What the app finds: a home of its own, and no Python, Node or Rust."""
    nothing = home / "bin"
    nothing.mkdir(exist_ok=True)
    places = {"XDG_DATA_HOME": "share", "XDG_CONFIG_HOME": "config", "XDG_CACHE_HOME": "cache"}
    return {
        **{name: str(home / place) for name, place in places.items()},
        "HOME": str(home),
        "PATH": str(nothing),
        "DBUS_SESSION_BUS_ADDRESS": bus,
        # Dialogs look as they do at first, and leave nothing.
        "GSETTINGS_BACKEND": "memory",
        # No bus of accessibility is there to wait for.
        "NO_AT_BRIDGE": "1",
        "LANG": "en_US.UTF-8",
        "LC_ALL": "en_US.UTF-8",
        "TZ": "UTC",
    }


@dataclass(frozen=True)
class Home:
    """Where a person keeps files, and the desktop around the app."""

    directory: Path
    shell: Shell
    screen: Desktop

    @property
    def data(self) -> Path:
        """Where the app keeps its own."""
        return self.directory / "share" / IDENTIFIER

    @property
    def database(self) -> Path:
        """The app's database."""
        return self.data / "ledger.db"

    def query(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Ask or change the database behind the app's back."""
        with closing(sqlite3.connect(self.database, timeout=10)) as connection, connection:
            return connection.execute(sql, values).fetchall()


@contextmanager
def home(app: App = LEDGER, **env: str) -> Iterator[Home]:
    """A desktop on which the app was never started; it gets `env`, too."""
    with (
        TemporaryDirectory(prefix="ledger-") as name,
        shell(Path(name)) as around,
        desktop(app, **environment(Path(name), around.address) | env) as screen,
    ):
        yield Home(Path(name), around, screen)
        screen.expect_nothing_left()


@contextmanager
def opened(at: Home, *inside: str | Path) -> Iterator[Ledger]:
    """The app, driven, with what it finds there; with a command `inside`, that starts it in a place of its own."""
    with driven(at.screen, *inside) as page:
        yield Ledger(page.driver, page.desktop, at)


def is_hidden(ledger: Ledger) -> bool:
    """Whether the main window is minimized."""
    window = ledger.desktop.window()[0]
    return "_NET_WM_STATE_HIDDEN" in ledger.desktop.run("xprop", "-id", window, "_NET_WM_STATE")


@contextmanager
def fresh() -> Iterator[Ledger]:
    """The app as it is when it was never started before."""
    with home() as at, opened(at) as ledger:
        yield ledger


@dataclass(frozen=True)
class Ledger(Page):
    """The app's page. Things are found by what they are and say, and waited for."""

    home: Home

    # --- looking

    def find(self, role: str, name: str | None = None) -> WebElement | None:
        """What is seen with that role and accessible name now."""
        found: WebElement | None = though_redrawn(lambda: self.driver.execute_script(FIND, role, name))
        return found

    def see(self, role: str, name: str | None = None, timeout_s: float = 15) -> WebElement:
        """What is seen with that role and accessible name, soon."""
        with self.noting_text():
            return until(f"{role} {name or ''}", lambda: self.find(role, name), timeout_s)

    def gone(self, role: str, name: str | None = None, timeout_s: float = 15) -> None:
        """Waits until nothing of that role and name is seen."""
        with self.noting_text():
            until(f"no {role} {name or ''}", lambda: self.find(role, name) is None, timeout_s)

    def shown(self) -> str:
        """The text of the page."""
        return str(self.driver.execute_script("return document.body.innerText"))

    def says(self, text: str, timeout_s: float = 15) -> None:
        """Waits until the page says that."""
        with self.noting_text():
            until(f"“{text}”", lambda: text in self.shown(), timeout_s)

    def path(self) -> str:
        """The page's own address."""
        return str(self.driver.execute_script("return location.pathname"))

    def still(self) -> None:
        """Waits until nothing moves, but for what always does."""
        until("stillness", lambda: self.driver.execute_async_script(IS_STILL))

    @contextmanager
    def noting_text(self) -> Iterator[None]:
        """Adds what the page says to an error."""
        try:
            yield
        except DesktopError as error:
            error.add_note(f"The page at {self.path()} says:\n{self.shown()}")
            raise

    def rows(self, table: str) -> list[list[str]]:
        """The texts of a table's cells."""
        found: list[list[str]] = though_redrawn(lambda: self.driver.execute_script(CELLS, self.see("table", table)))
        return found

    # --- doing

    def press(self, name: str, role: str = "button") -> None:
        """Presses what has that name, when it is there, is enabled, and nothing lies over it."""
        with self.noting_text():
            until(f"a {role} `{name}` to press", lambda: self._press(role, name))

    def _press(self, role: str, name: str) -> bool:
        self.settle()
        try:
            element = self.find(role, name)
            if element is None or not element.is_enabled() or self.driver.execute_script(IS_MOVING, element):
                return False
            element.click()
        except WebDriverException:  # it is covered by a toast, or was just drawn anew
            return False
        return True

    def fill(self, **fields: str) -> None:
        """Types into the fields with these labels; `_` stands for a blank."""
        for name, text in fields.items():
            though_redrawn(partial(self._fill, name.replace("_", " "), text))

    def _fill(self, label: str, text: str) -> None:
        element = self.see("field", label)
        if element.get_property("value"):
            element.send_keys(Keys.CONTROL, "a", Keys.NULL, Keys.DELETE)
        element.send_keys(text)
        assert element.get_property("value") == text, label

    def go(self, page: str) -> None:
        """Goes to another page of the app."""
        self.press(page, "link")
        self.see("heading", page)

    # --- being logged in

    def set_up(self) -> None:
        """Creates the first account."""
        self.see("heading", "Welcome")
        self.fill(Name=NAME, Email=EMAIL, Password=PASSWORD, Repeat_password=PASSWORD)
        self.press("Create account")
        self.see("heading", "Dashboard")

    def log_in(self, email: str = EMAIL, password: str = PASSWORD) -> None:
        """Logs in, or tries to."""
        self.see("heading", "Log in")
        self.fill(Email=email, Password=password)
        self.press("Log in")

    def log_out(self) -> None:
        """Logs out."""
        self.press("Log out")
        self.see("heading", "Log in")

    def begin(self) -> None:
        """Goes to the dashboard from wherever the page is."""
        self.driver.get(f"{ORIGIN}/")
        with self.noting_text():
            until("a page", lambda: self.find("heading", "Dashboard") or self.find("heading", "Log in"))
        if self.find("heading", "Log in"):
            self.log_in()
            self.see("heading", "Dashboard")
