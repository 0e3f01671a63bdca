"""CSV files of orders, and their way through the native dialog."""

from __future__ import annotations

from pathlib import Path

from desktop import Desktop, until
from ledger import Ledger

HEADER = "date,customer,product,quantity,unit_price\n"
MONTHS = 6
DIALOG = "Import orders"
SAVING = "Save File"
FOCUS = "#3584E4"
"""The colour of what has the keyboard in Adwaita, which is GTK's own theme."""


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
    window = screen.window(DIALOG)[0]
    screen.run("xdotool", "windowactivate", "--sync", window)
    if path is not None:
        enter(screen, window, str(path))
    screen.run("xdotool", "key", "Escape" if path is None else "Return")
    until(f"the end of the dialog `{DIALOG}`", lambda: screen.find_window(DIALOG) is None)


def save_as(screen: Desktop, path: Path) -> None:
    """Choose that file in the native dialog to save, where the field for the name has the keyboard."""
    window = screen.window(SAVING)[0]
    screen.run("xdotool", "windowactivate", "--sync", window)
    screen.run("xdotool", "key", "ctrl+a")
    screen.run("xdotool", "type", "--delay", "1", str(path))
    screen.run("xdotool", "key", "Return")
    until(f"the end of the dialog `{SAVING}`", lambda: screen.find_window(SAVING) is None)


def enter(screen: Desktop, window: str, path: str) -> None:
    """Type a path. GTK shows a field for it at the first `/`, and loses what comes before that has the keyboard."""

    def has_field() -> bool:
        # At the top of the files: their headings are grey, and a field that has the keyboard has a ring in blue.
        picture = str(screen.directory / "dialog.png")
        screen.run("import", "-window", window, "-crop", "400x40+400+0", picture)
        colours = screen.run("convert", picture, "-unique-colors", "txt:-")
        return FOCUS in colours

    screen.run("xdotool", "key", "slash")
    until("the field for a path", has_field)
    screen.run("xdotool", "type", "--delay", "1", path.removeprefix("/"))


def orders_of(ledger: Ledger) -> int:
    """How many orders the database has."""
    return int(ledger.home.query("SELECT count(*) FROM orders")[0][0])


def imports_of(ledger: Ledger) -> list[tuple[str, str, int]]:
    """Name, state and rows of all imports, the newest first."""
    found = ledger.home.query("SELECT file_name, state, rows FROM imports ORDER BY id DESC")
    return [(str(name), str(state), int(rows)) for name, state, rows in found]
