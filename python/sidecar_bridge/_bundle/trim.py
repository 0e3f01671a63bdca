"""What `--optimize` takes out of a build. PyInstaller's spec calls `trim`, between the analysis and the archives.

Only what nothing can miss is left out: code that neither the app nor anything that it requires has asked for, and
symbols that debuggers read. What the app could use one day stays, such as encodings, docstrings and `assert`; see
docs/guides/package.md.
"""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
import sys
from contextlib import suppress
from importlib import import_module, metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sidecar_bridge._bundle.declared import strangers
from sidecar_bridge._bundle.elf import fits

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

_REPORT = "trimmed.json"

_V1 = "pydantic.v1"
_NAMES_V1 = re.compile(rb"pydantic\.v1|from pydantic import (?:[\w, ]*\b)?v1\b")
_ASKS_FOR_V1 = ("pydantic", "fastapi", "sidecar_bridge")
"""Who imports it only in order to refuse its models, or only has its name in a text."""

_FOREIGN = {"site-packages", "dist-packages"}


class Trimmed(NamedTuple):
    """What was taken out of a build.

    Attributes:
        left_out: Packages, each with the reason.
        stripped: How many libraries have lost their symbols.
        stripped_bytes: How large those were.
        unstripped: Why no library has lost any, if that is so.
        stored: How many modules lie in the archive as they are.
    """

    left_out: dict[str, str]
    stripped: int
    stripped_bytes: int
    unstripped: str
    stored: int


def trim(found: Any, *, requirements: list[str] | None, named: list[str], start: list[str], work: str) -> None:
    """Take out of an analysis what nothing needs, and note what that was.

    Args:
        found: PyInstaller's `Analysis`.
        requirements: What the app's `pyproject.toml` requires, if there is one that says so.
        named: Modules that somebody has named, which stay with all that their packages require.
        start: The modules that the start imports. They lie in the archive as they are: to unpack them takes time.
        work: The folder for what is made here.
    """
    left_out: dict[str, str] = {}
    if requirements is not None:
        imported = {name for file in _own(found) for name in _imports(file)}
        unknown = strangers(requirements, [*imported, *named])
        for package in sorted({unknown[top] for top in _tops(found) & unknown.keys()}):
            count = _drop(found, lambda top, package=package: unknown.get(top) == package)  # type: ignore[misc]
            left_out[f"{package} {metadata.version(package)}"] = (
                f"{count} modules; nothing that the app requires needs it, and the app does not import it"
            )
    if not any(name.startswith(_V1) for name in named) and not _uses_v1(found):
        before = len(found.pure)
        found.pure[:] = [entry for entry in found.pure if not f"{entry[0]}.".startswith(f"{_V1}.")]
        if count := before - len(found.pure):
            left_out[_V1] = f"{count} modules; FastAPI alone imports it, in order to refuse its models"
    stripped = _strip(found, Path(work) / "stripped")
    trimmed = Trimmed(left_out, *stripped, stored=_store(frozenset(start)))
    (Path(work) / _REPORT).write_text(json.dumps(trimmed._asdict()), encoding="utf-8")


def trimmed(work: Path) -> Trimmed:
    """Give what the last build has noted."""
    return Trimmed(**json.loads((work / _REPORT).read_text(encoding="utf-8")))


def _own(found: Any) -> Iterator[Path]:
    """Give the app's own sources: those that nobody has installed, and that are not Python's."""
    standard = sys.stdlib_module_names
    for name, source, _kind in [*found.scripts, *found.pure]:
        file = Path(source or "")
        if name.partition(".")[0] not in standard and not _is_foreign(file) and file.suffix == ".py":
            yield file


def _is_foreign(file: Path) -> bool:
    return bool(_FOREIGN & {*file.parts})


def _imports(file: Path) -> Iterator[str]:
    with suppress(OSError, SyntaxError, ValueError):
        for node in ast.walk(ast.parse(file.read_bytes())):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                yield node.module


def _tops(found: Any) -> set[str]:
    places = (Path(place) for place, *_ in [*found.binaries, *found.datas])
    tops = {place.parts[0].partition(".")[0] for place in places}
    return tops | {name.partition(".")[0] for name, *_ in found.pure}


def _drop(found: Any, is_unknown: Callable[[str], bool]) -> int:
    """Take the modules and files of some top-level names out, and give how many modules those were."""
    before = len(found.pure)
    # In place: PyInstaller finds the code by the list.
    found.pure[:] = [entry for entry in found.pure if not is_unknown(entry[0].partition(".")[0])]
    for files in (found.binaries, found.datas):
        files[:] = [entry for entry in files if not is_unknown(Path(entry[0]).parts[0].partition(".")[0])]
    # What PyInstaller runs before the program to make a package fit, which would miss it.
    found.scripts[:] = [
        (name, source, kind)
        for name, source, kind in found.scripts
        if not (
            _is_foreign(Path(source)) and any(is_unknown(each.partition(".")[0]) for each in _imports(Path(source)))
        )
    ]
    return before - len(found.pure)


def _uses_v1(found: Any) -> bool:
    """Tell whether any code names pydantic's old models, but to ask for them; compiled code counts as well."""
    for name, source, _kind in [*found.scripts, *found.pure, *found.binaries]:
        if f"{name}.".startswith(tuple(f"{one}." for one in _ASKS_FOR_V1)) or not source:
            continue
        with suppress(OSError):
            if _NAMES_V1.search(Path(source).read_bytes()):
                return True
    return False


def _strip(found: Any, folder: Path) -> tuple[int, int, str]:
    """Put copies without symbols in the place of libraries, and give how many, how much less, and why none.

    Not on macOS, where that breaks signatures, nor on Windows, whose libraries have none.
    """
    shutil.rmtree(folder, ignore_errors=True)
    if sys.platform != "linux":
        return 0, 0, f"on {sys.platform} libraries stay as they are"
    if shutil.which("strip") is None:
        return 0, 0, "there is no program `strip`; install binutils"
    count = less = 0
    for at, (place, source, kind) in enumerate(found.binaries):
        smaller = folder / place
        smaller.parent.mkdir(parents=True, exist_ok=True)
        command = ["strip", "--strip-unneeded", "--preserve-dates", "-o", str(smaller), source]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)  # noqa: S603 - the system's
        if done.returncode or not fits(smaller):
            smaller.unlink(missing_ok=True)
            continue
        if (saved := Path(source).stat().st_size - smaller.stat().st_size) > 0:
            found.binaries[at] = (place, str(smaller), kind)
            count, less = count + 1, less + saved
    return count, less, ""


def _store(start: Collection[str]) -> int:
    """Let PyInstaller pack only the modules that the start does not import, and give how many it stores as they are."""
    writer: Any = import_module("PyInstaller.archive.writers").ZlibArchiveWriter
    packed, write = writer._COMPRESSION_LEVEL, writer._write_entry.__func__

    def write_entry(cls: Any, file: Any, entry: Any, code: Mapping[str, Any]) -> Any:
        # Level 0 of zlib is its own form without its work, so nothing that reads the archive knows.
        cls._COMPRESSION_LEVEL = 0 if entry[0] in start else packed
        return write(cls, file, entry, code)

    writer._write_entry = classmethod(write_entry)
    return len(start)
