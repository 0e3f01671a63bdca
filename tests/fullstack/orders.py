"""CSV files of orders, and their way through the native dialog."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from desktop import Desktop, until
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


def imports_of(ledger: Ledger) -> list[tuple[str, int]]:
    """Name and rows of the files whose orders the database has, the newest first."""
    found = ledger.home.query("SELECT file_name, rows FROM imports ORDER BY id DESC")
    return [(str(name), int(rows)) for name, rows in found]


def until_running(ledger: Ledger, name: str) -> None:
    """Waits until rows of that file are read, and none is imported yet."""
    bar = ledger.see("progressbar", f"Import of {name}")
    until("rows", lambda: int(bar.get_attribute("aria-valuenow") or 0) > 0)
    assert orders_of(ledger) == 0


def importer_of(ledger: Ledger, file: Path) -> int:
    """The process that reads that file: not the sidecar, but another one of the same program."""
    sidecar = ledger.desktop.sidecar()
    readers = [pid for pid in ledger.desktop.processes() if has_open(pid, file)]
    (reader,) = readers
    assert reader != sidecar
    assert program_of(reader) == program_of(sidecar)
    assert program_of(reader).match("lib/ledger/sidecar/python/python")
    return reader


def program_of(pid: int) -> Path:
    """What that process runs."""
    return Path(f"/proc/{pid}/exe").readlink()


def has_open(pid: int, file: Path) -> bool:
    """Whether a process has that file open, whatever it calls it in a root of its own."""
    with suppress(OSError):  # it has just ended
        for each in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                if each.samefile(file):
                    return True
    return False
