"""Development: the page from Vite, Python from its sources, and a plain browser beside the window."""

from __future__ import annotations

import json
import os
import shutil
import socket
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver

from desktop import App, Desktop, running, until
from ledger import EMAIL, PASSWORD, home, opened

ROOT = Path(__file__).parents[2]
FULLSTACK = ROOT / "examples/fullstack"
PYTHON = ROOT / ".build/fullstack-venv/bin"
DEVELOPED = App("Ledger", "SIDECAR_BRIDGE_LEDGER_DEVELOPED")
PORT = 1421
"""That of `devUrl` in `tauri.conf.json`."""
PAGE = f"http://localhost:{PORT}"

# What it needs as root, and where it reaches no network.
CHROMIUM = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def vite(on: Desktop) -> Iterator[None]:
    """The development server; it sees the app's connection file, as they share a desktop."""
    log = on.directory / "vite.log"
    words = ["env", "-C", str(FULLSTACK), "node", "node_modules/vite/bin/vite.js", "--host=127.0.0.1"]
    with running(words, on.env, log) as process:

        def listens() -> bool:
            assert process.poll() is None, log.read_text()
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", PORT)) == 0

        until("Vite", listens, 30)
        yield


@contextmanager
def browser(profile: Path) -> Iterator[WebDriver]:
    """A plain browser, with no app around the page."""
    options = webdriver.ChromeOptions()
    for argument in [*CHROMIUM, f"--user-data-dir={profile}"]:
        options.add_argument(argument)
    options.binary_location = "/usr/bin/chromium"
    driver = webdriver.Chrome(options, webdriver.ChromeService("/usr/bin/chromedriver"))
    try:
        yield driver
    finally:
        driver.quit()


def asked(path: str) -> Any:
    """The answer of the app's sidecar to a plain browser."""
    with urllib.request.urlopen(f"{PAGE}/@sidecar-bridge/-{path}", timeout=20) as answer:
        return json.load(answer)


def log_in(driver: WebDriver) -> None:
    """Logs in as a person would."""
    driver.get(PAGE)
    for label, text in [("Email", EMAIL), ("Password", PASSWORD)]:
        field = f"//input[@id = //label[normalize-space() = '{label}']/@for]"
        until(label, partial(driver.find_elements, By.XPATH, field))[0].send_keys(text)
    driver.find_element(By.XPATH, "//button[normalize-space() = 'Log in']").click()
    heading = "//*[self::h1 or self::h2][normalize-space() = 'Dashboard']"
    until("the dashboard", lambda: driver.find_elements(By.XPATH, heading))


def test_a_change_of_python_is_there_at_once_in_the_window_and_in_a_plain_browser(tmp_path: Path) -> None:
    sources = tmp_path / "app/sidecar"
    shutil.copytree(FULLSTACK / "sidecar", sources, ignore=shutil.ignore_patterns("__pycache__", ".*_cache"))
    place = tmp_path / "app/src-tauri"
    place.mkdir()
    path = f"{PYTHON}:{os.environ['PATH']}"
    with home(DEVELOPED, PATH=path) as at, vite(at.screen), opened(at, "env", "-C", place) as ledger:
        # In a new clone Vite bundles all packages first, for which a busy machine needs most of a minute.
        ledger.says("Development build", 120)
        ledger.set_up()
        assert asked("/health")["status"] == "healthy"

        app = sources / "ledger/app.py"
        app.write_text(app.read_text().replace('version="0.1.0"', 'version="0.2.0"'))
        until("the new version", lambda: asked("/openapi.json")["info"]["version"] == "0.2.0", 60)
        ledger.go("Users")
        ledger.says("1 user")

        with browser(tmp_path / "profile") as driver:
            log_in(driver)
            assert not driver.execute_script("return '__TAURI_INTERNALS__' in window")
