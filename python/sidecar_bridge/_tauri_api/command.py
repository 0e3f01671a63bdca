"""`python -m sidecar_bridge tauri-api`: its arguments, and what it does."""

from __future__ import annotations

import difflib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sidecar_bridge._tauri_api.module import module
from sidecar_bridge._tauri_api.package import PackageError, permissions, read

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what may be given."""
    parser.add_argument("package", type=Path, help="the package's folder, such as `node_modules/some-plugin-api`")
    parser.add_argument(
        "--permissions",
        type=Path,
        metavar="FOLDER",
        help="the folder `permissions` of the plugin's crate, so that each docstring names the permission",
    )
    parser.add_argument("--name", help="the name of the class; by default that of the plugin")
    parser.add_argument("--check", type=Path, metavar="FILE", help="print nothing, but fail if FILE is out of date")


def run(given: argparse.Namespace) -> int:
    """Print the module, or compare it with a file."""
    if given.name is not None and not given.name.isidentifier():
        msg = f"`{given.name}` is no name of a class"
        raise PackageError(msg)
    allowed = None if given.permissions is None else permissions(given.permissions)
    text = module(read(given.package), allowed, given.name)
    if given.check is None:
        sys.stdout.write(text)
        return 0
    committed = given.check.read_text(encoding="utf-8") if given.check.exists() else ""
    if committed == text:
        return 0
    lines = difflib.unified_diff(committed.splitlines(), text.splitlines(), str(given.check), "made", "", n=1)
    sys.stderr.write("\n".join(lines))
    sys.stderr.write(f"\n{given.check} is out of date; run `python -m sidecar_bridge tauri-api` again\n")
    return 1
