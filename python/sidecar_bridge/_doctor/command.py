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
    from collections.abc import Callable, Iterable

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
        AppError: There is no app.
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
        sys.stdout.write(f"{_counted(findings)}\n")
    return 1 if errors else 0


def _counted(findings: list[Finding]) -> str:
    """Say how many findings there are of each level, the worst first."""
    counts = ((level, sum(each.level == level for each in findings)) for level in _ORDER)
    return ", ".join(f"{count} {level}{'s' if count > 1 else ''}" for level, count in counts if count) or "no findings"


def _findings(tauri: Path | None) -> list[Finding]:
    # Only now, since these need the extra.
    from sidecar_bridge._app.places import find_app  # noqa: PLC0415
    from sidecar_bridge._doctor import bindings, grants, interpreter, setup, surroundings, versions  # noqa: PLC0415

    app = find_app(Path.cwd(), tauri)
    python: list[interpreter.Interpreter] = []

    def of_python() -> list[Finding]:
        python.append(interpreter.check(app))
        return python[0].findings

    found = [
        *_read(of_python),
        *_read(lambda: setup.check(app)),
        *_read(lambda: versions.check(app, python[0].version if python else None)),
        *_read(lambda: grants.check(app, interpreter.sidecar_folder(app))),
        *_read(lambda: bindings.check(app)),
        *_read(lambda: surroundings.check(app, os.environ)),
    ]
    return list(dict.fromkeys(found))


def _read(check: Callable[[], Iterable[Finding]]) -> list[Finding]:
    """Run a check; a file that it cannot read is a finding, and the other checks go on."""
    from sidecar_bridge._doctor.finding import Finding  # noqa: PLC0415 - as above

    found: list[Finding] = []
    try:
        found += check()
    except AppError as error:
        message, _, remedy = str(error).rpartition("; ")
        found.append(Finding("error", "files", message, remedy))
    return found
