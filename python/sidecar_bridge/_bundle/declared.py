"""Which packages of an environment a sidecar has asked for, and which are there for something else, see `trim`."""

from __future__ import annotations

import re
import tomllib
from importlib import metadata
from typing import TYPE_CHECKING

from sidecar_bridge._bundle.order import BundleError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from packaging.requirements import Requirement


def declared(entry: Path) -> tuple[Path, list[str]] | None:
    """Give the `pyproject.toml` that is nearest above the entry, and what it requires; `None` when it does not say.

    `BundleError` when that file cannot be read. Groups of dependencies are for whoever develops, extras for whoever
    uses the app.
    """
    for folder in entry.parents:
        file = folder / "pyproject.toml"
        if file.is_file():
            try:
                project = tomllib.loads(file.read_text(encoding="utf-8")).get("project", {})
            except ValueError as error:
                raise BundleError(f"{file} is not valid TOML: {error}; correct it") from error
            if "dependencies" not in project or "dependencies" in project.get("dynamic", ()):
                return None
            extras = project.get("optional-dependencies", {}).values()
            return file, [*project["dependencies"], *(one for extra in extras for one in extra)]
    return None


def strangers(requirements: Iterable[str], modules: Iterable[str]) -> dict[str, str]:
    """Give the top-level modules of installed packages that none of these needs, each with its package.

    Args:
        requirements: What is declared, such as `fastapi[standard]>=0.115`. Their own requirements count as well.
        modules: The modules that the app itself imports, or that somebody has named; they need not be declared.
    """
    providers = metadata.packages_distributions()
    tops = {name.partition(".")[0] for name in modules}
    imported = [package for top in tops for package in providers.get(top, ())]
    needed = _closure([*requirements, *imported])
    return {
        top: packages[0]
        for top, packages in providers.items()
        if top.isidentifier() and not any(_normalized(package) in needed for package in packages)
    }


def _closure(requirements: Iterable[str]) -> set[str]:
    """Give the names of all packages that these need, with the extras that are asked for."""
    from packaging.requirements import Requirement  # noqa: PLC0415 - PyInstaller brings it

    seen: set[tuple[str, str]] = set()
    waiting = [Requirement(one) for one in requirements]
    while waiting:
        wanted = waiting.pop()
        for extra in ("", *wanted.extras):
            key = (_normalized(wanted.name), extra)
            if key not in seen:
                seen.add(key)
                waiting += _needed(wanted.name, extra)
    return {name for name, _ in seen}


def _needed(package: str, extra: str) -> Iterator[Requirement]:
    from packaging.requirements import Requirement  # noqa: PLC0415 - see above

    try:
        found = metadata.requires(package) or ()
    except metadata.PackageNotFoundError:
        return  # for another system, perhaps
    for line in found:
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
            yield requirement


def _normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
