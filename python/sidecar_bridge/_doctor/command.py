"""`python -m sidecar_bridge doctor`: all checks, and what they found."""

from __future__ import annotations

import json
import os
import sys
from importlib import util
from pathlib import Path
from typing import TYPE_CHECKING

from sidecar_bridge._app.errors import AppError

if TYPE_CHECKING:
    import argparse

    from sidecar_bridge._doctor.finding import Finding

_NEEDED = ("tomlkit", "tree_sitter", "tree_sitter_javascript", "tree_sitter_rust")
_ORDER = ("error", "warning", "note")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what `doctor` takes."""
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    parser.add_argument("--tauri", type=Path, metavar="FOLDER", help="the Tauri folder, where there are several")


def run(given: argparse.Namespace) -> int:
    """Print what was found; give 1 when an error is among that, else 0.

    Raises:
        AppError: There is no app, or one of its files cannot be read.
    """
    if missing := [name for name in _NEEDED if util.find_spec(name) is None]:
        raise AppError(f"no module {', '.join(f'`{name}`' for name in missing)}; install `tauri-sidecar-bridge[init]`")
    findings = sorted(_findings(given.tauri), key=lambda each: _ORDER.index(each.level))
    errors = sum(each.level == "error" for each in findings)
    if given.json:
        listed = [each._asdict() | {"link": each.link} for each in findings]
        sys.stdout.write(json.dumps({"findings": listed, "errors": errors}, indent=2, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write("".join(f"{each.line}\n" for each in findings))
        sys.stdout.write(f"{len(findings)} findings, {errors} of them errors\n")
    return 1 if errors else 0


def _findings(tauri: Path | None) -> list[Finding]:
    # Only now, since these need the extra.
    from sidecar_bridge._app.places import find_app  # noqa: PLC0415
    from sidecar_bridge._doctor import bindings, grants, interpreter, setup, surroundings, versions  # noqa: PLC0415

    app = find_app(Path.cwd(), tauri)
    python = interpreter.check(app)
    return [
        *setup.check(app),
        *versions.check(app, python.version),
        *python.findings,
        *grants.check(app, interpreter.sidecar_folder(app)),
        *bindings.check(app),
        *surroundings.check(app, os.environ),
    ]
