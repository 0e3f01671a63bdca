"""What Python makes in an app's folder, and git is to leave out, where nothing says so yet."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from sidecar_bridge._app.documents import read_text

if TYPE_CHECKING:
    from collections.abc import Mapping

ENVIRONMENT, COMPILED = ".venv/", "__pycache__/"
"""Lines of a `.gitignore`: for a virtual environment, and for what Python compiles."""
_FILES = {ENVIRONMENT: "pyvenv.cfg", COMPILED: "main.cpython-311.pyc"}
"""What is in such a folder: git takes one that is not there yet for no folder, and so for none that a line means."""
_NOT_IGNORED = 1
"""See git-check-ignore(1); it is 128 outside of a repository."""


def with_lines(wanted: Mapping[str, Path], root: Path) -> tuple[Path, str] | None:
    """Give a `.gitignore` and what it will be; `None` where git leaves all of it out, or there is no git.

    Each wanted line means a folder in the one that is given with it. The file is the nearest one around these and the
    app's root, else a new one there.
    """
    missing = [line for line, folder in wanted.items() if _is_seen(folder / line / _FILES[line])]
    if not missing:
        return None
    around = Path(os.path.commonpath([root, *wanted.values()]))
    above = [each for each in (around, *around.parents) if (each / ".gitignore").is_file()]
    path = (above[0] if above and _is_below_git(above[0]) else around) / ".gitignore"
    text = read_text(path) if path.is_file() else ""
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = "".join(f"{line}{newline}" for line in missing)
    return path, text + ("" if not text or text.endswith("\n") else newline) + lines


def _is_seen(path: Path) -> bool:
    """Tell whether git would add that file."""
    git = shutil.which("git")
    there = next(each for each in path.parents if each.is_dir())
    if git is None or not _is_below_git(there):
        return False
    command = [git, "-C", str(there), "check-ignore", "-q", str(path)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=30, check=False, stdin=subprocess.DEVNULL)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == _NOT_IGNORED


def _is_below_git(folder: Path) -> bool:
    return any((each / ".git").exists() for each in (folder, *folder.parents))
