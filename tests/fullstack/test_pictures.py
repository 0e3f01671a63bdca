"""The pictures of the README, when they are wanted: SIDECAR_BRIDGE_PICTURES names the folder that they go to."""

import os
import time
from pathlib import Path

import pytest

from desktop import until
from ledger import Ledger
from orders import HEADER, choose, write_orders

FOLDER = os.environ.get("SIDECAR_BRIDGE_PICTURES", "")
pytestmark = pytest.mark.skipif(not FOLDER, reason="SIDECAR_BRIDGE_PICTURES is not set")

PEOPLE = [
    "Grace Hopper",
    "Alan Turing",
    "Edsger Dijkstra",
    "Barbara Liskov",
    "Donald Knuth",
    "Radia Perlman",
    "Ken Thompson",
]
REVENUE = [310, 420, 380, 510, 590, 640, 560, 720, 810, 770, 930]
POINTS = "return document.querySelector('.recharts-line-curve')?.getAttribute('d').split(/[CL]/).length ?? 0"


@pytest.fixture(scope="module")
def lived_in(app: Ledger, tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    """The app after a year of use."""
    for n, name in enumerate(PEOPLE):
        app.home.query(
            "INSERT INTO users (email, name, role, active, password_hash, created_at) VALUES (?, ?, ?, ?, 'none', ?)",
            *(f"{name.split()[0].lower()}@example.com", name, "admin" if n == 3 else "member", n != 4),
            f"2026-{n + 2:02}-11 09:30:00.000000",
        )
    path = tmp_path_factory.mktemp("pictures") / "orders-2026.csv"
    with path.open("w") as file:
        file.write(HEADER)
        for month, revenue in enumerate(REVENUE, 1):
            file.writelines(
                f"2026-{month:02}-{n % 28 + 1:02},Customer {n % 97},Product {n % 13},2,{n % 7 + 8}.90\n"
                for n in range(revenue * 8)
            )
    app.go("Import")
    choose(app, path)
    app.says("orders imported.")
    return app


def picture(ledger: Ledger, name: str, theme: str) -> None:
    """Takes one when nothing moves any more, and no news lies over it."""
    until("no toast", lambda: ledger.driver.execute_script("return !document.querySelector('[data-sonner-toast]')"))
    ledger.still()
    time.sleep(0.7)  # until it is painted, too
    Path(FOLDER).mkdir(parents=True, exist_ok=True)
    ledger.desktop.screenshot(Path(FOLDER) / f"fullstack-{name}-{theme}.png")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_take_them(lived_in: Ledger, tmp_path: Path, theme: str) -> None:
    ledger = lived_in
    ledger.begin()
    ledger.press("Theme")
    ledger.press(theme.capitalize(), "menuitemradio")
    ledger.gone("menuitemradio")
    ledger.see("figure", "Revenue by month")
    picture(ledger, "dashboard", theme)

    ledger.go("Users")
    ledger.see("button", "Edit Alan Turing")
    picture(ledger, "users", theme)

    ledger.go("Import")
    choose(ledger, write_orders(tmp_path / "november.csv", 2_000_000))
    ledger.see("progressbar")
    bar = "return Number(document.querySelector('[role=progressbar]')?.getAttribute('aria-valuenow'))"
    until("a third", lambda: ledger.driver.execute_script(bar) >= 30)
    picture(ledger, "import", theme)
    ledger.press("Cancel import")
    ledger.says("nothing was imported.")

    ledger.go("Diagnostics")
    until("some seconds of round trips", lambda: ledger.driver.execute_script(POINTS) >= 12, 40)
    picture(ledger, "diagnostics", theme)

    ledger.log_out()
    ledger.driver.refresh()
    ledger.see("field", "Email")
    picture(ledger, "login", theme)
