"""What changes in an app so that it has the bridge: each edit gives nothing where it is made already."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sidecar_bridge._app.documents import Document, at, elements, read_text, table, texts
from sidecar_bridge._app.errors import AppError
from sidecar_bridge._app.formats import open_document
from sidecar_bridge._app.places import PythonProject
from sidecar_bridge._init.ignored import COMPILED, ENVIRONMENT, with_lines
from sidecar_bridge._init.python_project import with_package
from sidecar_bridge._init.rust import register
from sidecar_bridge._init.sidecars import Sidecar, find_sidecar, new_place
from sidecar_bridge._init.writing import Change

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sidecar_bridge._app.places import App

CRATE = "tauri-plugin-sidecar-bridge"
PACKAGE = "tauri-plugin-sidecar-bridge-api"

_RUST = (1, 90)
"""The oldest Rust that builds the plugin."""


@dataclass(frozen=True)
class Order:
    """What was asked for."""

    app: App
    version: str
    """The version of the three packages."""
    checkout: Path | None
    """Where the repository is checked out, when the packages come from there."""
    builder: str | None
    """`FILE:LINE` of the builder, where there are several."""


@dataclass
class Plan:
    """The files as they will be, and what a person has to know or do."""

    order: Order
    sidecar: Sidecar
    project: PythonProject
    files: dict[Path, tuple[str | None, str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def changes(self) -> list[Change]:
        """The files that differ from what is there."""
        return [Change(path, before, after) for path, (before, after) in self.files.items() if before != after]

    def write(self, path: Path, text: str) -> None:
        """Say what a file will be."""
        before = self.files[path][0] if path in self.files else (read_text(path) if path.exists() else None)
        self.files[path] = (before, text)

    def document(self, path: Path) -> Document:
        """Give a file as it will be."""
        return open_document(path, self.files[path][1] if path in self.files else None)

    def edit(self, path: Path, change: Callable[[Document], None]) -> None:
        """Change a file as it will be."""
        document = self.document(path)
        change(document)
        self.write(path, document.text)


def plan(order: Order) -> Plan:
    """Say how the app gets the bridge.

    Raises:
        AppError: The app has something that cannot be changed by rule.
    """
    app = order.app
    sidecar = find_sidecar(app) or Sidecar(new_place(app), is_new=True, serves=True)
    project = app.python(sidecar.folder) or PythonProject(sidecar.folder / "requirements.txt", "pip")
    made = Plan(order, sidecar, project)
    _cargo(made)
    _rust(made)
    _configuration(made)
    _page_capability(made)
    _sidecar_capability(made)
    _node(made)
    _python(made)
    _git(made)
    return made


def _cargo(made: Plan) -> None:
    order, path = made.order, made.order.app.tauri / "Cargo.toml"
    value = made.document(path).value
    if any(CRATE in table(each, "dependencies") for each in (value, *table(value, "target").values())):
        return
    source: Any = order.version
    if order.checkout is not None:
        source = {"path": _relative(order.checkout, order.app.tauri)}
    if phones := [name for name in ("android", "apple") if (order.app.tauri / "gen" / name).is_dir()]:
        made.notes.append(
            f"gen/{phones[0]} is there, and the plugin is for desktops; put its lines behind `cfg(desktop)`"
        )
    floor = at(value, "package", "rust-version")
    if isinstance(floor, str) and tuple(map(int, re.findall(r"\d+", floor))) < _RUST:
        made.notes.append(f"rust-version in {path.name} is {floor}, and the plugin needs Rust {_RUST[0]}.{_RUST[1]}")
    made.edit(path, lambda document: document.put(["dependencies", CRATE], source))


def _rust(made: Plan) -> None:
    app = made.order.app
    files = list(app.sources(".rs", under=app.tauri / "src"))
    if place := register(files, made.order.builder):
        made.write(place.path, place.after)


def _configuration(made: Plan) -> None:
    app, sidecar = made.order.app, made.sidecar
    if at(app.settings, "plugins", "sidecar-bridge") is not None:
        return
    source, entry = _relative(sidecar.folder, app.tauri), sidecar.entry.name
    globs = {f"{source}/*.py": "sidecar/"}
    globs |= {f"{source}/{name}/": f"sidecar/{name}/" for name in sidecar.packages}
    listed = isinstance(at(app.settings, "bundle", "resources"), list)
    # Tauri puts what a list names with `..` into `_up_`.
    cwd = "$RESOURCE/" + source.replace("..", "_up_") if listed else "$RESOURCE/sidecar"
    spawn = {"command": ["python3", entry], "cwd": cwd, "dev": {"cwd": source, "reload": [source]}}

    def change(document: Document) -> None:
        for glob, place in globs.items():
            if listed:
                document.append(["bundle", "resources"], glob)
            else:
                document.put(["bundle", "resources", glob], place)
        document.put(["plugins", "sidecar-bridge", "sidecars", "python", "spawn"], spawn)

    made.edit(app.config, change)
    _windows(made, ["python", entry])


def _windows(made: Plan, command: list[str]) -> None:
    """Say what Python is called on Windows, in the file that Tauri merges there."""
    app = made.order.app
    is_toml = app.config.suffix == ".toml"
    path = app.tauri / ("Tauri.windows.toml" if is_toml else "tauri.windows.conf.json")
    keys = ["plugins", "sidecar-bridge", "sidecars", "python", "spawn", "command"]
    if not path.exists():
        made.write(path, "" if is_toml else "{}\n")
    made.edit(path, lambda document: document.put(keys, command))


def _capabilities(made: Plan) -> Iterator[tuple[Path, list[str | int], dict[str, Any]]]:
    """Give all capabilities: the file, where in it, and what it says."""
    app = made.order.app
    inline: tuple[str, ...] = ("app", "security", "capabilities")
    for path, inside in [*((path, ()) for path in app.capabilities()), (app.config, inline)]:
        value = made.document(path).value
        found = at(value, *inside) if inside else value
        keys: list[str | int] = list(inside)
        if isinstance(found, dict) and "capabilities" in found:
            found, keys = found["capabilities"], ["capabilities"]
        for number, each in enumerate(elements(found)):
            if isinstance(each, dict):
                yield path, [*keys, number], each
        if isinstance(found, dict):
            yield path, keys, found


def _page_capability(made: Plan) -> None:
    app = made.order.app
    of_pages = [each for each in _capabilities(made) if each[2].get("local", True) is not False]
    if any(_grants(capability, "sidecar-bridge:") for _, _, capability in of_pages):
        return
    label = app.windows()[0]
    found = [
        each
        for each in of_pages
        if any(fnmatchcase(label, pattern) for pattern in (*texts(each[2], "windows"), *texts(each[2], "webviews")))
        and "permissions" in each[2]
    ]
    if not found:
        made.notes.append(f"no capability for the window `{label}` was there, so the page has one of its own")
        page = {"identifier": "sidecar-bridge", "windows": [label], "permissions": ["sidecar-bridge:default"]}
        _new_capability(made, "sidecar-bridge", page)
        return
    path, keys, _ = next((each for each in found if _grants(each[2], "core:default")), found[0])
    made.edit(path, lambda document: document.append([*keys, "permissions"], "sidecar-bridge:default"))


def _sidecar_capability(made: Plan) -> None:
    for _, _, capability in _capabilities(made):
        if any(url.startswith("sidecar-bridge:") for url in texts(capability, "remote", "urls")):
            return
    capability = {
        "identifier": "sidecar",
        "local": False,
        "remote": {"urls": ["sidecar-bridge://python"]},
        "windows": [made.order.app.windows()[0]],
        "permissions": ["core:window:allow-set-title"],
    }
    _new_capability(made, "sidecar", capability)


def _new_capability(made: Plan, name: str, capability: dict[str, Any]) -> None:
    app = made.order.app
    path = app.tauri / "capabilities" / f"{name}.json"
    if path.exists():
        raise AppError(f"{path} is there and grants nothing to a sidecar; rename it, then call this again")
    made.write(path, "{\n}\n")
    document = made.document(path)
    for key, value in capability.items():
        document.put([key], value)
    made.write(path, document.text)
    # A list in the configuration says which files count.
    keys = ["app", "security", "capabilities"]
    if elements(app.settings, *keys):
        made.edit(app.config, lambda document: document.append(keys, capability["identifier"]))


def _grants(capability: dict[str, Any], prefix: str) -> bool:
    entries = elements(capability, "permissions")
    names = [each if isinstance(each, str) else at(each, "identifier") for each in entries]
    return any(isinstance(name, str) and name.startswith(prefix) for name in names)


def _node(made: Plan) -> None:
    order, folder = made.order, made.order.app.page
    if folder is None:
        made.notes.append("the page has no package.json, so it takes the npm package's one script, `global.js`")
        return
    path = folder / "package.json"
    value = made.document(path).value
    if any(PACKAGE in table(value, name) for name in ("dependencies", "devDependencies", "peerDependencies")):
        return
    version = f"^{order.version}"
    if order.checkout is not None:
        version = f"file:{_relative(order.checkout / 'guest-js', folder)}"
    made.edit(path, lambda document: document.put(["dependencies", PACKAGE], version, sort=True))


def _python(made: Plan) -> None:
    order, sidecar, path = made.order, made.sidecar, made.project.file
    if sidecar.is_new:
        template = resources.files("sidecar_bridge._init").joinpath("sidecar.py.txt")
        made.write(sidecar.entry, template.read_text("utf-8").replace("main", order.app.windows()[0], 1))
    text = made.files[path][1] if path in made.files else (read_text(path) if path.exists() else "")
    made.write(path, with_package(made.project, text, order.version, order.checkout))


def _git(made: Plan) -> None:
    """Keep out of git what Python makes: the environment that is to be made here, and what it compiles."""
    app, wanted = made.order.app, {}
    if made.project.manager == "pip":
        # The environments of the others lie elsewhere, or leave themselves out.
        wanted[ENVIRONMENT] = Path.cwd()
    wanted[COMPILED] = made.sidecar.folder
    if changed := with_lines(wanted, app.root):
        made.write(*changed)


def _relative(path: Path, folder: Path) -> str:
    return Path(os.path.relpath(path, folder)).as_posix()
