"""`python -m sidecar_bridge new`: what is asked, said and written."""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from importlib import metadata, resources
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sidecar_bridge._app.errors import AppError
from sidecar_bridge._app.packages import CRATE_FOLDER, is_checkout, packages_of, unpacked
from sidecar_bridge._new.starting import Tools, start

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable

_NAME = "my-app"
_BINARY = {".png", ".ico"}
_BY_NAME = (
    "note: cargo, npm and pip have to find `tauri-plugin-sidecar-bridge`, `tauri-plugin-sidecar-bridge-api` and "
    "`tauri-sidecar-bridge` by these names; where they do not, make it with --from and a checkout of the repository\n"
)


class _File(NamedTuple):
    path: str
    content: bytes


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what `new` takes."""
    parser.add_argument("folder", type=Path, help="the app's folder, which is made; its name is the app's name")
    parser.add_argument("--react", action="store_true", help="a page with React, where the plain one has none")
    parser.add_argument("--identifier", help="the app's identifier; `com.example.` and its name, unless said")
    parser.add_argument(
        "--from",
        type=Path,
        dest="source",
        metavar="PATH",
        help="take the packages from a checkout of the repository, or from a folder with all three",
    )
    parser.add_argument("--start", action="store_true", help="install what the app needs, and start it")


def run(given: argparse.Namespace) -> int:
    """Make the app, and say what comes next, or do it; give the exit status.

    Raises:
        AppError: The name is none, something is there already, or what is needed is not.
    """
    folder = given.folder.resolve()
    name = folder.name
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name):
        raise AppError(f"`{name}` is no name of an app; take small letters, digits and hyphens, such as `{_NAME}`")
    identifier = given.identifier or f"com.example.{name}"
    if not re.fullmatch(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", identifier):
        raise AppError(f"`{identifier}` is no identifier; take letters, digits, hyphens and dots: `com.example.{name}`")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise AppError(f"{folder} is there and not empty; name another folder")
    tools = Tools.found() if given.start else None
    packages = packages_of(given.source, metadata.version("tauri-sidecar-bridge"), folder)
    guest = _guest_to_build(given.source)
    if guest is not None and given.start:
        raise AppError(f"{given.source} has no guest-js/dist-js; run: {guest}")
    # The identifier contains the name, so it goes first.
    words = {f"com.example.{_NAME}": identifier, _NAME: name}
    words |= {"@CRATE@": packages.crate, "@NPM@": packages.npm, "@PIP@": packages.pip}
    files = [_filled(each, words) for each in _template("react" if given.react else "vanilla")]
    if packages.archive is not None:
        crate = unpacked(packages.archive)
        files += [_File(f"src-tauri/{CRATE_FOLDER}/{path}", content) for path, content in crate.items()]
    _write(folder, files)
    where = Path(os.path.relpath(folder)).as_posix()
    sys.stdout.write(f"{where}: {len(files)} files. ")
    if tools is not None:
        sys.stdout.write("It is installed and built:\n")
        return start(folder, tools)
    activate = r".venv\Scripts\activate" if sys.platform == "win32" else ". .venv/bin/activate"
    python = "python" if sys.platform == "win32" else "python3"
    lines = [] if guest is None else [guest]
    lines += [f"cd {where}", "npm install", f"{python} -m venv .venv && {activate}"]
    lines += ["pip install -r sidecar/requirements-dev.txt", "npm run tauri dev"]
    sys.stdout.write("Next:\n" + "".join(f"  {line}\n" for line in lines))
    if given.source is None:
        sys.stdout.write(_BY_NAME)
    return 0


def _guest_to_build(source: Path | None) -> str | None:
    """Give the command that builds the npm package of a checkout, which has it from nowhere else."""
    if source is None or not is_checkout(source) or (source / "guest-js/dist-js").is_dir():
        return None
    guest = (source / "guest-js").as_posix()
    return f"npm --prefix {guest} ci && npm --prefix {guest} run build"


def _template(page: str) -> list[_File]:
    """Give the files of an app with that page, each without its `.txt`."""
    root = resources.files("sidecar_bridge._new").joinpath("template")
    return [file for part in ("base", page) for file in _files(root.joinpath(part), "")]


def _files(folder: Traversable, place: str) -> Iterator[_File]:
    for each in sorted(folder.iterdir(), key=lambda each: each.name):
        if each.is_dir():
            yield from _files(each, f"{place}{each.name}/")
        else:
            # maturin leaves out of a wheel what begins with a dot.
            name = each.name.removesuffix(".txt").replace("_gitignore", ".gitignore")
            yield _File(place + name, each.read_bytes())


def _filled(file: _File, words: dict[str, str]) -> _File:
    if Path(file.path).suffix in _BINARY:
        return file
    text = file.content.decode()
    for word, value in words.items():
        text = text.replace(word, value)
    return file._replace(content=text.encode())


def _write(folder: Path, files: list[_File]) -> None:
    """Make the folder in one step: an app is there whole, or not at all."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.parent) as staging:
        made = Path(staging) / folder.name
        for file in files:
            path = made / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.content)
        if folder.exists():
            folder.rmdir()
        shutil.move(made, folder)
