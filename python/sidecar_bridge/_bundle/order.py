"""What `bundle` is asked to build, see `build`."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from importlib import util
from pathlib import Path
from platform import libc_ver, machine
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

EX_USAGE = 64
"""Wrong usage, see sysexits(3)."""

EXE = ".exe" if sys.platform == "win32" else ""

_LAYOUTS = ("resources", "external-bin")
_SYSTEMS = {"linux": "linux", "darwin": "darwin", "win32": "windows"}
_ARCHITECTURES = {"amd64": "x86_64", "arm64": "aarch64", "win32": "i686", "i386": "i686", "armv7l": "armv7"}


class BundleError(Exception):
    """Why there is no new sidecar; the message says what to change."""

    def __init__(self, message: str, status: int = 1) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be built; all paths are absolute.

    Attributes:
        entry: The file that calls `serve`.
        name: The program's.
        to: The directory of the result.
        triple: What it is for, in Rust's words.
        layout: How it lies in the app: `resources`, a folder, or `external-bin`, one file that unpacks itself.
        include: Files and folders that the sidecar opens.
        hidden: Modules that no code names.
        work: What is kept from one build to the next.
        optimize: Whether to measure the start, to leave out what nothing needs, and to say so.
    """

    entry: Path
    name: str
    to: Path
    triple: str
    layout: str
    include: list[Path]
    hidden: list[str]
    work: Path
    optimize: bool = False

    @property
    def is_folder(self) -> bool:
        """Whether the result is a folder with the program in it, and not the program alone."""
        return self.layout == "resources"

    @property
    def destination(self) -> Path:
        """Where the result is in the end."""
        return self.to / (self.name if self.is_folder else f"{self.name}-{self.triple}{EXE}")

    @property
    def cache(self) -> Path:
        """PyInstaller's own files, which may be removed at any time between two builds."""
        return self.work / "pyinstaller"

    @property
    def log(self) -> Path:
        """What PyInstaller and the check say."""
        return self.work / "build.log"


def bare_environment() -> dict[str, str]:
    """Give the variables of this process without those by which a sidecar would find a Python or a running app."""
    ours = ("PYTHON", "SIDECAR_BRIDGE", "VIRTUAL_ENV", "XDG_RUNTIME_DIR", "_PYI_")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `run` takes."""
    parser.add_argument("entry", type=Path, help="the file that calls `serve`, such as main.py")
    parser.add_argument("--name", default="python", help="the program's (default: %(default)s)")
    to = Path("src-tauri/sidecar")
    parser.add_argument("--to", type=Path, default=to, metavar="DIRECTORY", help="where it goes (default: %(default)s)")
    parser.add_argument("--target", metavar="TRIPLE", help="this machine's (default: what Tauri builds for, or rustc)")
    parser.add_argument(
        "--layout",
        choices=_LAYOUTS,
        default="resources",
        help="a folder for Tauri's `resources` (the default), or one file for its `externalBin`",
    )
    include = "files and folders that the sidecar opens; they lie beside the code as they do now"
    parser.add_argument("--include", type=Path, action="extend", nargs="+", default=[], metavar="PATH", help=include)
    hidden = "modules that no code names in an import"
    parser.add_argument("--hidden-import", action="extend", nargs="+", default=[], metavar="NAME", help=hidden)
    less = "measure which imports take how long, leave out what nothing needs, and say both"
    parser.add_argument("--optimize", action="store_true", help=less)
    work = "keeps, in .sidecar-bridge, what the next build need not do again (default: where the directory of --to is)"
    parser.add_argument("--work", type=Path, metavar="DIRECTORY", help=work)


def read_order(given: argparse.Namespace) -> Order:
    """Read the command line; `BundleError` for what cannot be built."""
    if not given.entry.is_file():
        raise BundleError(f"no file `{given.entry}` here; name the one that calls `serve`", EX_USAGE)
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,31}", given.name):
        msg = f"`{given.name}` is no name; use 1 to 32 of a-z, 0-9 and -, beginning with a letter"
        raise BundleError(msg, EX_USAGE)
    if given.layout == "external-bin" and re.fullmatch(r"python\d*", given.name):
        msg = f"a package would install `{given.name}` as /usr/bin/{given.name}; say another name with --name"
        raise BundleError(msg, EX_USAGE)
    for path in given.include:
        if not path.exists():
            raise BundleError(f"no file or folder `{path}` here; correct --include", EX_USAGE)
    triple = _triple(given.target)
    if util.find_spec("PyInstaller") is None:
        raise BundleError("no module PyInstaller; install it with pip install 'tauri-sidecar-bridge[bundle]'", EX_USAGE)
    to = _writable(given.to.resolve(), "--to")
    base = (given.work or to.parent).resolve()
    return Order(
        entry=given.entry.resolve(),
        name=given.name,
        to=to,
        triple=triple,
        layout=given.layout,
        include=[path.resolve() for path in given.include],
        hidden=given.hidden_import,
        work=_writable(base / ".sidecar-bridge" / given.name, "--work"),
        optimize=given.optimize,
    )


def _writable(directory: Path, option: str) -> Path:
    try:
        directory.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=directory).close()
    except OSError as error:
        msg = f"{directory} cannot be written: {error.strerror}; name another directory with {option}"
        raise BundleError(msg, EX_USAGE) from error
    return directory


def _triple(wanted: str | None) -> str:
    """Give the target triple, if this Python can build for it: PyInstaller does not cross."""
    own = own_triple()
    # Tauri sets the variable for `beforeBuildCommand`.
    triple = wanted or os.environ.get("TAURI_ENV_TARGET_TRIPLE") or _rustc_host() or own
    if triple.partition("-")[0] != own.partition("-")[0] or _SYSTEMS.get(sys.platform, sys.platform) not in triple:
        msg = f"this Python is of {own} and cannot build for {triple}; use one of that system and architecture"
        raise BundleError(msg, EX_USAGE)
    return triple


def _rustc_host() -> str | None:
    with suppress(OSError, subprocess.SubprocessError):
        told = subprocess.run(["rustc", "-vV"], capture_output=True, text=True, timeout=30, check=True).stdout  # noqa: S607 - the one on PATH is cargo's too
        if found := re.search(r"^host: (\S+)$", told, re.MULTILINE):
            return found[1]
    return None


def own_triple() -> str:
    """Give Rust's name of what this Python is built for."""
    # On 64-bit Windows `machine()` is that of the system, also for a 32-bit Python.
    name = (sysconfig.get_platform().rpartition("-")[2] if sys.platform == "win32" else machine()).lower()
    architecture = _ARCHITECTURES.get(name, name)
    if sys.platform == "win32":
        return f"{architecture}-pc-windows-msvc"
    elif sys.platform == "darwin":  # noqa: RET505 - mypy reads it as a question of the platform
        return f"{architecture}-apple-darwin"
    else:
        libc = "gnu" if libc_ver()[0] == "glibc" else "musl"
        return f"{architecture}-unknown-linux-{libc}{'eabihf' if architecture == 'armv7' else ''}"
