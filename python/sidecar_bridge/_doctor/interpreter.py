"""The Python that starts as the sidecar, and its packages."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sidecar_bridge._app.documents import at, read_text, texts
from sidecar_bridge._doctor.finding import Finding
from sidecar_bridge._init.sidecars import find_sidecar, parsed

if TYPE_CHECKING:
    from sidecar_bridge._app.places import App

_FLOOR = (3, 11)
_ASK = """
import importlib.metadata, importlib.util, json, os, sys
try:
    package = importlib.metadata.distribution("tauri-sidecar-bridge")
    version, wheel = package.version, package.read_text("WHEEL") or ""
except importlib.metadata.PackageNotFoundError:
    version, wheel = None, ""
try:
    libc = os.confstr("CS_GNU_LIBC_VERSION") or ""
except (AttributeError, OSError, ValueError):  # only glibc has a name for its version
    libc = ""
missing = [name for name in sys.argv[1:] if importlib.util.find_spec(name) is None]
answer = {"python": sys.version_info[:2], "version": version, "wheel": wheel, "libc": libc, "missing": missing}
print(json.dumps({**answer, "path": sys.executable}))
"""


class Interpreter(NamedTuple):
    """What was found."""

    version: str | None
    """The version of the Python package in it."""
    findings: list[Finding]


def check(app: App) -> Interpreter:
    """Ask the Python that the configuration starts in development; nothing is known of a program without a Python."""
    findings: list[Finding] = []
    version = None
    for name, sidecar in app.sidecars.items():
        command = command_of(sidecar)
        if not command or not Path(command[0]).stem.startswith("python"):
            continue
        program = command[0]
        if program.startswith("$"):
            # A sidecar that brings its Python.
            continue
        if "/" in program:
            program = str(app.tauri / program)
        version = _python(name, program, _folder(app, sidecar), findings)
    return Interpreter(version, findings)


def sidecar_folder(app: App) -> Path | None:
    """Give the folder with the sources of the app's sidecar."""
    return next((folder for each in app.sidecars.values() if (folder := _folder(app, each))), None)


def command_of(sidecar: Any) -> list[str]:
    """Give what starts a sidecar in development; nothing where that is no list of texts."""
    return texts(sidecar, "spawn", "dev", "command") or texts(sidecar, "spawn", "command")


def cwd_of(app: App, sidecar: Any) -> Path | None:
    """Give where a sidecar is started in development, if the configuration says it in a path."""
    cwd = at(sidecar, "spawn", "dev", "cwd") or at(sidecar, "spawn", "cwd")
    # `tauri dev` starts the app in its Tauri folder.
    return (app.tauri / cwd).resolve() if isinstance(cwd, str) and not cwd.startswith("$") else None


def _folder(app: App, sidecar: Any) -> Path | None:
    if cwd := cwd_of(app, sidecar):
        return cwd
    found = find_sidecar(app)
    return found.folder if found else None


def _python(name: str, program: str, folder: Path | None, findings: list[Finding]) -> str | None:
    if folder is not None and not folder.is_dir():
        findings.append(Finding("error", "python", f"`cwd` of `{name}` is {folder}, which is not there", "correct it"))
        return None
    path = shutil.which(program)
    if path is None:
        remedy = "install Python, activate the virtual environment, or correct `command`"
        findings.append(Finding("error", "python", f"`{program}`, which starts `{name}`, is not found", remedy))
        return None
    wanted = sorted(_imports(folder)) if folder else []
    answer = _asked([path, "-c", _ASK, *wanted], folder)
    if isinstance(answer, str):
        findings.append(Finding("error", "python", f"{path} does not run: {answer}", "install it anew"))
        return None
    if tuple(answer["python"]) < _FLOOR:
        said = f"{path} is Python {'.'.join(map(str, answer['python']))}"
        findings.append(Finding("error", "python", said, f"take {'.'.join(map(str, _FLOOR))} or newer"))
    if answer["version"] is None:
        remedy = "install it there, or activate the environment that has it"
        findings.append(Finding("error", "python", f"{answer['path']} has no `tauri-sidecar-bridge`", remedy))
    if too_old := _older_than_the_wheel(answer["libc"], answer["wheel"]):
        said = f"{answer['path']} runs on {answer['libc']}, and its `tauri-sidecar-bridge` needs {too_old}"
        remedy = "install it anew on this system, with `pip install --force-reinstall`"
        findings.append(Finding("error", "python", said, remedy))
    for missing in answer["missing"]:
        if missing != "sidecar_bridge":
            said = f"the sidecar imports `{missing}`, which {answer['path']} has not"
            findings.append(Finding("error", "python", said, "install it there"))
    version: str | None = answer["version"]
    return version


def _older_than_the_wheel(libc: str, wheel: str) -> str | None:
    """Give the glibc that a wheel needs if this one is older: pip refuses it, so it comes from elsewhere."""
    here = re.match(r"glibc (\d+)\.(\d+)", libc)
    tags = re.findall(r"^Tag: (.*)$", wheel, re.MULTILINE)
    floors = [re.search(r"-manylinux_(\d+)_(\d+)_", tag) for tag in tags]
    # A tag without a number of glibc, as of a wheel that was built here, promises none.
    if here is None or not floors or None in floors:
        return None
    needed = min((int(floor[1]), int(floor[2])) for floor in floors if floor)
    return f"{needed[0]}.{needed[1]} or newer" if (int(here[1]), int(here[2])) < needed else None


def _asked(command: list[str], folder: Path | None) -> Any:
    try:
        done = subprocess.run(  # noqa: S603 - the Python that the app runs
            command, cwd=folder, capture_output=True, text=True, timeout=30, check=True, stdin=subprocess.DEVNULL
        )
        return json.loads(done.stdout)
    except subprocess.CalledProcessError as error:
        return (error.stderr.strip().splitlines() or [f"exit code {error.returncode}"])[-1]
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        return str(error)


def _imports(folder: Path) -> set[str]:
    """Give what the sidecar's modules import without a condition, and is neither Python's nor their own."""
    own = {path.stem for path in folder.iterdir()}
    found = set()
    for path in [*folder.glob("*.py"), *folder.glob("*/*.py")]:
        if path.parent.name in ("tests", "test") or path.parent.name.startswith((".", "__")):
            continue
        tree = parsed(read_text(path))
        for node in tree.body if tree else ():
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                found.add(node.module.partition(".")[0])
    return found - own - set(sys.stdlib_module_names)
