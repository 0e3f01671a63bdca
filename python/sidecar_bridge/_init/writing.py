"""Changes of files: shown before they are made, and made all together or not at all."""

from __future__ import annotations

import difflib
import os
import shutil
import stat
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sidecar_bridge._app.errors import AppError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Change(NamedTuple):
    """A file before and after; `before` is `None` for a new one."""

    path: Path
    before: str | None
    after: str


def difference(changes: Iterable[Change], root: Path) -> str:
    """Give a unified diff of all changes, with paths from `root`."""
    return "".join(_difference(change, Path(os.path.relpath(change.path, root)).as_posix()) for change in changes)


def _difference(change: Change, name: str) -> str:
    before = (change.before or "").splitlines(keepends=True)
    old = "/dev/null" if change.before is None else f"a/{name}"
    lines = difflib.unified_diff(before, change.after.splitlines(keepends=True), old, f"b/{name}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def write_all(changes: Sequence[Change]) -> None:
    """Write all files; when one cannot be written, put back those that were.

    Raises:
        AppError: A file cannot be written, or is no longer what it was; all files are as before.
    """
    done: list[Change] = []
    made: list[Path] = []
    try:
        for change in changes:
            done.append(change)
            _write(change, made)
    except BaseException as error:
        for change in reversed(done[:-1]):
            _put_back(change)
        for folder in reversed(made):
            with suppress(OSError):
                folder.rmdir()
        if not isinstance(error, OSError):
            raise
        msg = f"{done[-1].path} cannot be written: {error.strerror}; make it writable. All files are as they were"
        raise AppError(msg) from error


def _write(change: Change, made: list[Path]) -> None:
    target = change.path.resolve()
    _make_folders(target.parent, made)
    there = target.read_bytes().decode() if target.exists() else None
    if there != change.before:
        raise AppError(f"{change.path} was changed meanwhile; call this again. All files are as they were")
    # A file that takes the place of a read-only one would be written too, and not be what its owner has wanted.
    if there is not None and not target.stat().st_mode & stat.S_IWUSR:
        raise PermissionError(13, "it is read-only", str(target))
    _replace(target, change.after)


def _replace(target: Path, text: str) -> None:
    """Give the file a new content in one step, so that nobody reads half of it."""
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(text.encode())
        if target.exists():
            shutil.copymode(target, name)
        else:
            Path(name).chmod(0o666 & ~_umask())
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _put_back(change: Change) -> None:
    target = change.path.resolve()
    if change.before is None:
        target.unlink(missing_ok=True)
    else:
        _replace(target, change.before)


def _make_folders(folder: Path, made: list[Path]) -> None:
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    for each in reversed(missing):
        each.mkdir()
        made.append(each)


def _umask() -> int:
    umask = os.umask(0)
    os.umask(umask)
    return umask
