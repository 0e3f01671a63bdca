"""What an optimized build says of itself: which packages cost what, and what was left out, see `build`."""

from __future__ import annotations

import sys
from collections import defaultdict
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sidecar_bridge._bundle.declared import declared
from sidecar_bridge._bundle.order import EXE
from sidecar_bridge._bundle.trim import trimmed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sidecar_bridge._bundle.order import Order
    from sidecar_bridge._bundle.profile import Profile

_ROWS = 12
_LEAST_BYTES = 100_000
"""What is smaller is not worth a line."""


class _Package(NamedTuple):
    imports_ms: float
    size_bytes: int
    is_of_start: bool


def report(order: Order, measured: Profile) -> None:
    """Print what the start imports and what was left out, and write the whole list beside the log."""
    packages = _packages(order, measured)
    by_time = sorted(packages.items(), key=lambda item: (-item[1].imports_ms, item[0]))
    total_ms = sum(one.imports_ms for one in packages.values())
    modules = order.work / "modules.txt"
    lines = [f"the start imports {len(measured.modules)} modules in {total_ms:.0f} ms, one by one in {modules}:"]
    lines += [_row(*item) for item in by_time[:_ROWS]]
    lines += _left_out(order)
    idle = [(name, one) for name, one in packages.items() if not one.is_of_start and one.size_bytes >= _LEAST_BYTES]
    if idle:
        named = ", ".join(f"{name} ({one.size_bytes / 1e6:.1f} MB)" for name, one in sorted(idle, key=_size)[:_ROWS])
        lines.append(f"not imported at the start, and kept since it may be later: {named}")
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    each = sorted(measured.self_us.items(), key=lambda item: -item[1])
    modules.write_text("".join(f"{us / 1000:9.2f} ms  {name}\n" for name, us in each), encoding="utf-8")


def _size(item: tuple[str, _Package]) -> int:
    return -item[1].size_bytes


def _row(name: str, one: _Package) -> str:
    return f"  {one.imports_ms:7.1f} ms  {one.size_bytes / 1e6:6.1f} MB  {name}"


def _left_out(order: Order) -> list[str]:
    found = trimmed(order.work)
    lines = [f"left out: {name}, {why}; --hidden-import keeps it" for name, why in found.left_out.items()]
    if declared(order.entry) is None:
        remedy = "say in the `dependencies` of a pyproject.toml what the app requires"
        lines.append(f"no package was left out, for it is not known what is needed; {remedy}")
    if found.unstripped:
        lines.append(f"no symbols were left out: {found.unstripped}")
    else:
        lines.append(
            f"left out: symbols for debuggers in {found.stripped} libraries, {found.stripped_bytes / 1e6:.1f} MB"
        )
    lines.append(f"stored as they are, for the start need not unpack them: {found.stored} modules")
    return lines


def _packages(order: Order, measured: Profile) -> Mapping[str, _Package]:
    """Give what each top-level package costs; Python's own modules are one."""
    times: dict[str, float] = defaultdict(float)
    for name, us in measured.self_us.items():
        times[_top(name)] += us / 1000
    sizes = _sizes(order)
    of_start = {_top(name) for name in measured.modules}
    return {name: _Package(times[name], sizes.get(name, 0), name in of_start) for name in times.keys() | sizes.keys()}


def _top(module: str) -> str:
    top = module.partition(".")[0]
    return "Python" if top in sys.stdlib_module_names else top


def _sizes(order: Order) -> Mapping[str, int]:
    readers: Any = import_module("PyInstaller.archive.readers")  # it has no types
    sizes: dict[str, int] = defaultdict(int)
    program = order.destination / f"{order.name}{EXE}" if order.is_folder else order.destination
    archive = readers.CArchiveReader(str(program))
    for name, entry in archive.toc.items():
        if name.startswith("PYZ"):
            for module, (_kind, _at, length) in archive.open_embedded_archive(name).toc.items():
                sizes[_top(module)] += length
        elif not order.is_folder:
            sizes[_place(Path(name))] += entry[1]
    if order.is_folder:
        inside = order.destination / "_internal"
        for file in inside.rglob("*"):
            if file.is_file():
                sizes[_place(file.relative_to(inside))] += file.stat().st_size
    return sizes


def _place(path: Path) -> str:
    """Give the package that a file is of; the libraries of Python and of the system lie beside the packages."""
    top = path.parts[0]
    if top.startswith(("lib", "python3")) or top.endswith((".zip", ".so", ".dll", ".dylib")):
        return "Python"
    return top.partition(".")[0].partition("-")[0]
