"""What a plugin's npm package says, read by Node, and which permissions its crate has."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_READER = Path(__file__).with_name("read.mjs")
_NO_TYPESCRIPT = 3
_LIMIT_S = 120


class PackageError(Exception):
    """A package cannot be read; the message says what to change."""


@dataclass
class Package:
    """An npm package, as `read.mjs` prints it."""

    name: str
    version: str
    calls: list[dict[str, Any]]
    named: dict[str, dict[str, Any]]
    silent: list[str]
    """Functions that call no command."""


@dataclass
class Permissions:
    """Which permissions allow each command of a crate."""

    allow: dict[str, str] = field(default_factory=dict)
    """The permission of each command, without the plugin's name."""
    by_default: set[str] = field(default_factory=set)


def read(folder: Path) -> Package:
    """Read an npm package from its folder, such as `node_modules/tauri-plugin-some-api`."""
    if not (folder / "package.json").is_file():
        msg = f"{folder} is no npm package: it has no `package.json`; name a folder in `node_modules`"
        raise PackageError(msg)
    if (node := shutil.which("node")) is None:
        msg = "`node` is not there, which reads TypeScript's declarations; install Node 20 or newer"
        raise PackageError(msg)
    command = [node, str(_READER), str(folder), str(Path.cwd())]
    done = subprocess.run(  # noqa: S603 - the package is read, not run
        command, capture_output=True, text=True, encoding="utf-8", timeout=_LIMIT_S, check=False
    )
    if done.returncode == _NO_TYPESCRIPT:
        places = f"{folder.resolve()} and {Path.cwd()}"
        msg = f"no `typescript` with a compiler API above {places}; run `npm install --save-dev typescript@5`"
        raise PackageError(msg)
    if done.returncode:
        msg = f"{folder} cannot be read: {done.stderr.strip().splitlines()[-1:] or ['node failed']}"
        raise PackageError(msg)
    package = Package(**json.loads(done.stdout))
    if not any(each["command"] for each in package.calls):
        msg = f"{folder} calls no command with `invoke`; is it the package of a plugin, and built?"
        raise PackageError(msg)
    return package


def permissions(folder: Path) -> Permissions:
    """Read the folder `permissions` of a plugin's crate, or a file of it."""
    found, sets, default = Permissions(), dict[str, list[str]](), list[str]()
    paths = [folder] if folder.is_file() else sorted(folder.rglob("*.toml"))
    allowed: dict[str, list[str]] = {}
    for path in paths:
        try:
            document = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            msg = f"{path} cannot be read: {error}"
            raise PackageError(msg) from error
        for each in document.get("permission", []):
            allowed[each["identifier"]] = each.get("commands", {}).get("allow", [])
        sets |= {each["identifier"]: each["permissions"] for each in document.get("set", [])}
        default += document.get("default", {}).get("permissions", [])
    if not allowed:
        msg = f"{folder} has no permissions; name the folder `permissions` of the plugin's crate"
        raise PackageError(msg)
    for identifier, commands in allowed.items():
        for command in commands:
            own = f"allow-{command.replace('_', '-')}"
            if command not in found.allow or identifier == own:
                found.allow[command] = identifier
    pending, seen = list(default), set[str]()
    while pending:
        name = pending.pop()
        if name not in seen:
            seen.add(name)
            pending += sets.get(name, [])
            found.by_default |= set(allowed.get(name, ()))
    return found


def snake(name: str) -> str:
    """Give a name of JavaScript as Python writes it: `uris` of `URIs`, too."""
    name = re.sub(r"([A-Z]{2,})s(?![a-z])", lambda match: f"{match[1].capitalize()}s", name)
    parts = re.sub(r"([a-z0-9])([A-Z])|([A-Z])([A-Z][a-z])", r"\1\3_\2\4", name)
    return re.sub(r"\W+", "_", parts).lower().strip("_") or "value"
