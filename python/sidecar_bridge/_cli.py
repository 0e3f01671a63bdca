"""The command line: what a developer of a sidecar does without an app."""

from __future__ import annotations

import argparse
import difflib
import json
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sidecar_bridge._app.errors import AppError
from sidecar_bridge._bundle import build
from sidecar_bridge._doctor import command as doctor
from sidecar_bridge._init import command as init
from sidecar_bridge._new import command as new
from sidecar_bridge._tauri_api import command
from sidecar_bridge._tauri_api.package import PackageError

if TYPE_CHECKING:
    from collections.abc import Sequence

_EX_USAGE = 64
"""Wrong usage, see sysexits(3)."""


class _UsageError(Exception):
    """What was asked for cannot be done; the message says what to change."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command, and give the exit status: 0, 1 when a check failed, 64 when something was wrong with the call."""
    parser = argparse.ArgumentParser(prog="python -m sidecar_bridge", description="Tools for sidecars of Tauri apps.")
    commands = parser.add_subparsers(required=True, metavar="command")
    openapi = commands.add_parser(
        "openapi",
        help="print the OpenAPI document of a FastAPI app, without a server",
        description="Print the OpenAPI document of a FastAPI app, without a server, for generators of clients.",
    )
    openapi.add_argument("app", help="where it is, such as `app.main:app`; the working directory is searched first")
    openapi.add_argument("--check", type=Path, metavar="FILE", help="print nothing, but fail if FILE is out of date")
    openapi.set_defaults(run=lambda given: _openapi(given.app, given.check))
    bundle = commands.add_parser(
        "bundle",
        help="build a sidecar that needs no Python, for the bundles of Tauri",
        description="Build a sidecar with PyInstaller, so that a packaged Tauri app starts it without Python. "
        "An interrupted or failed build leaves the former one.",
    )
    build.add_arguments(bundle)
    bundle.set_defaults(run=build.run)
    typed = commands.add_parser(
        "tauri-api",
        help="print typed Python for the npm package of a plugin",
        description="Print a module with a class for the commands that the npm package of a plugin calls, with the "
        "types of its declarations. Needs Node, and `typescript` beside the package or in the working directory.",
    )
    command.add_arguments(typed)
    typed.set_defaults(run=command.run)
    added = commands.add_parser(
        "init",
        help="add the bridge to an existing Tauri app",
        description="Add the bridge to the Tauri app in the working directory: show the changes, ask, then write "
        "all of them or none. A second run has nothing to do.",
    )
    init.add_arguments(added)
    added.set_defaults(run=init.run)
    made = commands.add_parser(
        "new",
        help="make an app that runs",
        description="Make a Tauri app with a page, Rust commands, a FastAPI sidecar, and tests of all three.",
    )
    new.add_arguments(made)
    made.set_defaults(run=new.run)
    looked = commands.add_parser(
        "doctor",
        help="say what is wrong with an app, and what to do about it",
        description="Look at the Tauri app in the working directory: each finding in one line, with a remedy and a "
        "link. The exit status is 1 when one is an error.",
    )
    doctor.add_arguments(looked)
    looked.set_defaults(run=doctor.run)
    given = parser.parse_args(arguments)
    try:
        status: int = given.run(given)
    except (_UsageError, AppError, PackageError) as error:
        sys.stderr.write(f"{parser.prog}: {error}\n")
        return _EX_USAGE
    return status


def _openapi(app: str, check: Path | None) -> int:
    document = json.dumps(_load(app).openapi(), indent=2, ensure_ascii=False) + "\n"
    if check is None:
        sys.stdout.write(document)
        return 0
    try:
        committed = check.read_text(encoding="utf-8")
    except OSError as error:
        remedy = f"write it with `python -m sidecar_bridge openapi {app} > {check}`"
        msg = f"{check} cannot be read: {error.strerror}; {remedy}"
        raise _UsageError(msg) from error
    if committed == document:
        return 0
    lines = difflib.unified_diff(committed.splitlines(), document.splitlines(), str(check), app, lineterm="", n=1)
    sys.stderr.write("\n".join(lines))
    sys.stderr.write(f"\n{check} is out of date; run `python -m sidecar_bridge openapi {app} > {check}`\n")
    return 1


def _load(path: str) -> Any:
    """Give the object at `module:attribute`, if it is an app that describes itself."""
    module, colon, attribute = path.partition(":")
    if not (module and colon and attribute):
        msg = f"`{path}` is no app; say `module:attribute`, such as `app.main:app`"
        raise _UsageError(msg)
    sys.path.insert(0, os.getcwd())  # noqa: PTH109 - as `python -m` itself does
    try:
        found: Any = import_module(module)
    except ModuleNotFoundError as error:
        if error.name is not None and (module == error.name or module.startswith(f"{error.name}.")):
            msg = f"no module `{module}` here; run this in the directory that it is imported from"
            raise _UsageError(msg) from error
        raise
    for name in attribute.split("."):
        found = getattr(found, name, None)
    if not callable(getattr(found, "openapi", None)):
        msg = f"`{path}` is no FastAPI app: it has no `openapi()`; name the object that `FastAPI()` gave"
        raise _UsageError(msg)
    return found
