"""The native dialogs of GTK, answered with the keyboard.

A dialog has its window before it has painted anything, and loses what is typed then. So nothing is typed before the
field for it is seen to have the keyboard.
"""

from __future__ import annotations

from pathlib import Path

from desktop import Desktop, until

SAVING = "Save File"
FOCUS = "#3584E4"
"""The colour of what has the keyboard in Adwaita, which is GTK's own theme."""

NAME = "x50+0+0"
"""Where a dialog to save has the field for the name. No file or folder that is selected is so far up."""
PATH = "400x40+400+0"
"""Where a dialog to open has the field for a path; before it is there, grey headings are."""


def save_as(screen: Desktop, path: Path | None) -> None:
    """Choose that file in the dialog to save, or take the name that it suggests."""
    window = activated(screen, SAVING)
    until_typed_into(screen, window, NAME)
    if path is not None:
        screen.run("xdotool", "key", "ctrl+a")
        screen.run("xdotool", "type", "--delay", "1", str(path))
    screen.run("xdotool", "key", "Return")
    closed(screen, SAVING)


def cancel(screen: Desktop, title: str) -> None:
    """Choose nothing."""
    painted(screen, title)
    screen.run("xdotool", "key", "Escape")
    closed(screen, title)


def open_file(screen: Desktop, title: str, path: Path) -> None:
    """Choose that file in the dialog to open with that title."""
    window = painted(screen, title)
    # GTK shows a field for the path at the first `/`, and loses what comes before that has the keyboard.
    screen.run("xdotool", "key", "slash")
    until_typed_into(screen, window, PATH)
    screen.run("xdotool", "type", "--delay", "1", str(path).removeprefix("/"))
    screen.run("xdotool", "key", "Return")
    closed(screen, title)


def activated(screen: Desktop, title: str) -> str:
    """Give the dialog's window, once the keyboard is the window's."""
    window = screen.window(title)[0]
    screen.run("xdotool", "windowactivate", "--sync", window)
    return window


def painted(screen: Desktop, title: str) -> str:
    """Give the dialog's window, once the window shows something."""
    window = activated(screen, title)
    until("a dialog that is painted", lambda: len(colours(screen, window, NAME).splitlines()) > 2)
    return window


def until_typed_into(screen: Desktop, window: str, field: str) -> None:
    """Wait until a field of a dialog has the keyboard."""
    until("a field that has the keyboard", lambda: FOCUS in colours(screen, window, field))


def colours(screen: Desktop, window: str, part: str) -> str:
    """The colours in a part of a window, one in a line after the first."""
    picture = str(screen.directory / "dialog.png")
    screen.run("import", "-window", window, "-crop", part, picture)
    return screen.run("convert", picture, "-unique-colors", "txt:-")


def closed(screen: Desktop, title: str) -> None:
    """Wait for the end of a dialog."""
    until(f"the end of the dialog `{title}`", lambda: screen.find_window(title) is None)
