"""What PyInstaller is told to build, see `build`."""

from __future__ import annotations

import ast
import hashlib
import shutil
import sys
from contextlib import suppress
from importlib import metadata, util
from pathlib import Path
from typing import TYPE_CHECKING

import sidecar_bridge
from sidecar_bridge._bundle.declared import declared

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sidecar_bridge._bundle.order import Order
    from sidecar_bridge._bundle.profile import Profile

_FOUND = """\
# Written by `python -m sidecar_bridge bundle`, with packages {packages}.
found = Analysis(
    [{entry!r}],
    pathex={paths!r},
    datas={files!r},
    hiddenimports={hidden!r},
    excludes={excluded!r},
    runtime_hooks={hooks!r},
)
# What the sidecar prints reaches the app's log at once: a program of PyInstaller does not heed PYTHONUNBUFFERED.
options = [("u", None, "OPTION")]
"""
_TRIM = """\
from sidecar_bridge._bundle.trim import trim
trim(found, requirements={requirements!r}, named={named!r}, start={start!r}, work={work!r})
"""
_FOLDER = """\
modules = PYZ(found.pure)
program = EXE(modules, found.scripts, options, exclude_binaries=True, name={name!r}, upx=False, console=True)
COLLECT(program, found.binaries, found.datas, name={name!r}, upx=False)
"""
_FILE = """\
modules = PYZ(found.pure)
EXE(modules, found.scripts, options, found.binaries, found.datas, name={name!r}, upx=False, console=True)
"""

_DRIVERS = ("aiomysql", "aiosqlite", "asyncmy", "asyncpg", "psycopg", "pymysql")
"""Drivers that SQLAlchemy imports by the name in a URL, and no code does; PyInstaller's hook knows other drivers."""

_NOT_SHIPPED = ("_pytest", "gunicorn", "hypothesis", "mypy", "pytest")
"""Tools with plugins in pydantic, anyio or uvicorn: PyInstaller would take them from a developer's environment."""

_IMPORTS_MODULE = "sidecar_bridge_imports_of_included_files"


def write_spec(order: Order, profile: Profile | None) -> Path:
    """Write down what to build, and give the file; `SyntaxError` when the entry is no Python.

    PyInstaller's own hooks know what uvicorn, pydantic, SQLAlchemy and many others need; here is what they cannot know.
    With a profile of the start the build is trimmed.
    """
    spec = order.work / f"{order.name}.spec"
    analysis = _analysis(order)
    packages, trim, hooks = _packages(), "", []
    if profile is not None:
        trim, hooks = _trim(order, profile), [str(Path(__file__).with_name("hook.py"))]
        # PyInstaller does not see that modules are to be stored in another way.
        packages = hashlib.sha256(f"{packages} {trim}".encode()).hexdigest()[:16]
    if not (spec.exists() and packages in spec.read_text(encoding="utf-8")):
        # PyInstaller looks at the times of the files that it has found, and not for others.
        shutil.rmtree(order.cache, ignore_errors=True)
    text = _FOUND.format(packages=packages, entry=str(order.entry), hooks=hooks, **analysis) + trim
    text += (_FOLDER if order.is_folder else _FILE).format(name=order.name)
    spec.write_text(text, encoding="utf-8")
    return spec


def _trim(order: Order, profile: Profile) -> str:
    told = declared(order.entry)
    named = [*_named(order), *_served(order.entry)]
    requirements = None if told is None else told[1]
    return _TRIM.format(requirements=requirements, named=named, start=sorted(profile.modules), work=str(order.work))


def _named(order: Order) -> list[str]:
    """Give the modules that are imported by names in strings: what somebody has said, and SQLAlchemy's drivers."""
    return [*(name for name in _DRIVERS if util.find_spec(name)), *order.hidden]


def _analysis(order: Order) -> dict[str, list[str] | list[tuple[str, str]]]:
    files = sorted(_files(order))
    imports = order.work / "imports"
    _write_never(imports, _imports(Path(source) for source, _ in files if source.endswith(".py")))
    hidden = {_IMPORTS_MODULE, *sidecar_bridge._LAZY.values(), *_served(order.entry), *_named(order)}
    wanted = {name.partition(".")[0] for name in order.hidden}
    return {
        "paths": [str(order.entry.parent), str(imports)],
        "files": files,
        "hidden": sorted(hidden),
        # PyInstaller adds `__main__` itself, and would find a list that has changed each time.
        "excluded": [*(name for name in _NOT_SHIPPED if name.lstrip("_") not in wanted), "__main__"],
    }


def _packages() -> str:
    """Give a name that stands for all installed packages with their versions."""
    installed = sorted(f"{package.name} {package.version}" for package in metadata.distributions())
    return hashlib.sha256("\n".join([sys.version, *installed]).encode()).hexdigest()[:16]


def _files(order: Order) -> Iterator[tuple[str, str]]:
    """Give the included files and the folder of each: beside the code as it is in the source tree."""
    base = order.entry.parent
    for path in order.include:
        place = path.relative_to(base) if path.is_relative_to(base) else Path(path.name)
        for file in [path] if path.is_file() else path.rglob("*"):
            if file.is_file() and "__pycache__" not in file.parts:
                yield str(file), str((place / file.relative_to(path)).parent)


def _imports(sources: Iterable[Path]) -> set[str]:
    """Give the imports of files that are run from disk, such as Alembic's migrations: PyInstaller only copies those."""
    found = set()
    for source in sources:
        # A template need not be Python.
        with suppress(SyntaxError, ValueError):
            for node in ast.walk(ast.parse(source.read_bytes())):
                if isinstance(node, ast.Import):
                    found |= {f"import {alias.name}" for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module != "__future__":
                    found |= {f"from {node.module} import {alias.name}" for alias in node.names if alias.name != "*"}
                    found.add(f"import {node.module}")
    return found


def _write_never(folder: Path, imports: Iterable[str]) -> None:
    """Write code that imports nothing, in which PyInstaller reads all these imports, and takes those that there are."""
    folder.mkdir(exist_ok=True)
    file = folder / f"{_IMPORTS_MODULE}.py"
    code = "\n    ".join(["def never() -> None:", "pass", *sorted(imports)]) + "\n"
    # A file with a new time makes PyInstaller begin anew.
    if not (file.exists() and file.read_text(encoding="utf-8") == code):
        file.write_text(code, encoding="utf-8")


def _served(entry: Path) -> Iterator[str]:
    """Give the modules that `serve("module:app")` names."""
    for node in ast.walk(ast.parse(entry.read_bytes(), str(entry))):
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "serve" and node.args:
            app = node.args[0]
            if isinstance(app, ast.Constant) and isinstance(app.value, str):
                yield app.value.partition(":")[0]
