"""Pictures of users: chosen in the native dialog, sent from the disk to FastAPI, and got by elements of the page."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

from desktop import until
from dialogs import open_file
from ledger import NAME, Ledger

DIALOG = "Choose a picture"
SIZES = "return [...document.querySelectorAll('img')].map(({ naturalWidth, complete }) => complete && naturalWidth)"


def write_png(path: Path, side: int, colour: tuple[int, int, int]) -> Path:
    """Write a square of one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    rows = chunk(b"IDAT", zlib.compress((b"\0" + bytes(colour) * side) * side))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + head + rows + chunk(b"IEND", b""))
    return path


def choose(ledger: Ledger, path: Path) -> None:
    """Choose that file for the user whose form is open."""
    ledger.press("Choose picture")
    open_file(ledger.desktop, DIALOG, path)


def expect_pictures(ledger: Ledger, *sides: int) -> None:
    """Waits until the page shows pictures of these sizes, and no others."""
    with ledger.noting_text():
        until(f"pictures of {sides}", lambda: ledger.driver.execute_script(SIZES) == list(sides))


def test_one_is_chosen_shown_changed_and_taken_away(ledger: Ledger, tmp_path: Path) -> None:
    ledger.go("Users")
    ledger.press(f"Edit {NAME}")
    ledger.see("dialog", f"Edit {NAME}")
    expect_pictures(ledger)
    choose(ledger, write_png(tmp_path / "blue.png", 64, (60, 90, 200)))
    # In the table, and in the form over it.
    expect_pictures(ledger, 64, 64)
    choose(ledger, write_png(tmp_path / "green.png", 48, (40, 160, 90)))
    expect_pictures(ledger, 48, 48)
    ledger.press("Cancel")
    ledger.driver.refresh()
    ledger.see("heading", "Users")
    expect_pictures(ledger, 48)
    ledger.press(f"Edit {NAME}")
    ledger.press("Remove picture")
    expect_pictures(ledger)
    assert ledger.home.query("SELECT count(*) FROM pictures") == [(0,)]


def test_what_is_no_picture_is_refused_and_said(ledger: Ledger, tmp_path: Path) -> None:
    (tmp_path / "notes.png").write_text("notes")
    ledger.go("Users")
    ledger.press(f"Edit {NAME}")
    choose(ledger, tmp_path / "notes.png")
    ledger.says("notes.png is no picture; choose a PNG, JPEG, GIF or WebP file.")
    expect_pictures(ledger)
