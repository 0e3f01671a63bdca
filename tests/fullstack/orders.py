"""CSV files of orders, and their way through the native dialog."""

from __future__ import annotations

from pathlib import Path

from desktop import Desktop
from dialogs import cancel, open_file
from ledger import Ledger

HEADER = "date,customer,product,quantity,unit_price\n"
MONTHS = 6
DIALOG = "Import orders"


def write_orders(path: Path, rows: int) -> Path:
    """Write a file with so many orders, evenly over six months, each of two pieces for 10.50."""
    block = "".join(f"2026-{n % MONTHS + 1:02}-15,Customer {n % 50},Product {n % 7},2,10.50\n" for n in range(600))
    lines = block.splitlines(keepends=True)
    with path.open("w") as file:
        file.write(HEADER)
        for _ in range(rows // len(lines)):
            file.write(block)
        file.writelines(lines[: rows % len(lines)])
    return path


def choose(ledger: Ledger, path: Path) -> None:
    """Choose that file in the native dialog, which Python opens for the page's button."""
    ledger.press("Choose CSV file")
    answer_dialog(ledger.desktop, path)


def answer_dialog(screen: Desktop, path: Path | None) -> None:
    """Choose that file in the native dialog, or cancel it."""
    if path is None:
        cancel(screen, DIALOG)
    else:
        open_file(screen, DIALOG, path)


def orders_of(ledger: Ledger) -> int:
    """How many orders the database has."""
    return int(ledger.home.query("SELECT count(*) FROM orders")[0][0])


def imports_of(ledger: Ledger) -> list[tuple[str, str, int]]:
    """Name, state and rows of all imports, the newest first."""
    found = ledger.home.query("SELECT file_name, state, rows FROM imports ORDER BY id DESC")
    return [(str(name), str(state), int(rows)) for name, state, rows in found]
