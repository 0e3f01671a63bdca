"""What this process has imported that is not the app's own: what its spare imports ahead."""

from __future__ import annotations

import logging
import os
import sys
from contextlib import suppress
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from sidecar_bridge._client import wire
from sidecar_bridge._client.async_host import link_of
from sidecar_bridge._client.errors import BridgeError

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterable, Sequence

    from sidecar_bridge._serve.current import Hosts

_AFTER_S = (1, 9, 50, 540)
"""How long each look at the imports is after the one before, in s: routes import, too, when they are first used."""

_FOREIGN = {"site-packages", "dist-packages", "node_modules"}
"""Folders with other people's code, also inside of the app's own folder."""

_logger = logging.getLogger("sidecar_bridge")


class Telling:
    """Tells the host what was imported, and tells it again when there is more."""

    def __init__(self, hosts: Hosts, sources: Iterable[str]) -> None:
        """Take the folders whose modules are the app's own, beside those in which the program is."""
        self._hosts = hosts
        self._sources = [*sources, *_own_folders()]
        self._told: list[str] = []
        self._task: asyncio.Task[None] | None = None

    def begin(self, loop: asyncio.AbstractEventLoop) -> None:
        """Look a few times, for as long as the loop turns."""
        words = program_words()
        if words is None:
            _logger.debug("no spare: it is not clear how this program was started: %s", sys.orig_argv)
            return
        at_s = 0.0
        for after_s in _AFTER_S:
            at_s += after_s
            loop.call_later(at_s, self._look, loop, words)

    def _look(self, loop: asyncio.AbstractEventLoop, words: list[str]) -> None:
        names = imported(self._sources)
        if len(names) > len(self._told):
            self._told = names
            self._task = loop.create_task(self._tell(words, names))

    async def _tell(self, words: list[str], names: list[str]) -> None:
        try:
            await link_of(self._hosts.for_asyncio).ask(wire.imports(words, names, environment()), None)
        except BridgeError as error:
            # A host of another version, or one that ends.
            _logger.debug("the host was not told of the imports: %s", error)


def imported(sources: Sequence[str]) -> list[str]:
    """Give the modules that are imported from files outside of those folders, in the order of their imports."""
    roots = _roots(sources)
    names = []
    for name, module in list(sys.modules.items()):
        spec = attribute(module, "__spec__")
        if spec is None or spec.name != name or _is_lazy(module):
            continue  # the program itself, other names of modules, and what nobody has used yet
        places = [spec.origin] if spec.has_location else list(spec.submodule_search_locations or ())
        if places and all(isinstance(place, str) and not _is_own(place, roots) for place in places):
            names.append(name)
    return names


def environment() -> str:
    """Give the folder of the environment from which this process has its packages.

    `uv run --with …` lays an environment of its own over it, a new one at each start, and notes there what it covers.
    """
    notes = os.path.join(sys.prefix, "pyvenv.cfg")  # noqa: PTH118 - fast
    with suppress(OSError), open(notes, encoding="utf-8") as config:  # noqa: PTH123 - fast
        for line in config:
            key, _, value = line.partition("=")
            if key.strip() == "extends-environment":
                return value.strip()
    return sys.prefix


def attribute(module: object, name: str) -> Any:
    """Give an attribute as it is noted, or `None`: asking a module for it loads a lazy one, and may raise anything."""
    try:
        return object.__getattribute__(module, "__dict__").get(name)
    except AttributeError:
        return None


def own_folders_of_path(sources: Sequence[str]) -> list[str]:
    """Give the folders of `sys.path` that are in those folders, such as `src`."""
    roots = _roots(sources)
    return [path for path in sys.path if _is_own(os.path.join(path, ""), roots)]  # noqa: PTH118 - fast


def program_words() -> list[str] | None:
    """Give the end of the command that started this process: the script, or `-m` and the module, and the arguments."""
    rest = sys.argv[1:]
    before = sys.orig_argv[: len(sys.orig_argv) - len(rest)]
    if getattr(sys, "frozen", False) or sys.orig_argv[len(before) :] != rest:
        return None
    main = sys.modules["__main__"]
    if getattr(main, "__spec__", None) is not None:
        return [*before[-2:], *rest] if before[-2:-1] == ["-m"] else None
    file = getattr(main, "__file__", None)
    is_script = len(before) > 1 and file is not None and PurePath(file).name == PurePath(before[-1]).name
    return [before[-1], *rest] if is_script else None


def _is_lazy(module: object) -> bool:
    """Tell whether `importlib.util.LazyLoader` will load it at its first use."""
    lazy = getattr(sys.modules.get("importlib.util"), "_LazyModule", None)
    return lazy is not None and type(module) is lazy


def _own_folders() -> list[str]:
    main = sys.modules["__main__"]
    file = getattr(main, "__file__", None)
    return [os.getcwd(), *([os.path.dirname(os.path.realpath(file))] if file else [])]  # noqa: PTH109, PTH120 - fast


def _roots(sources: Sequence[str]) -> tuple[str, ...]:
    return tuple({os.path.join(path, "") for source in sources for path in (source, os.path.realpath(source))})  # noqa: PTH118 - fast


def _is_own(place: str, roots: tuple[str, ...]) -> bool:
    standard = os.path.join(os.path.dirname(os.__file__), "")  # noqa: PTH118, PTH120 - fast
    if place.startswith(standard) or not place.startswith(roots):
        return False
    root = max((root for root in roots if place.startswith(root)), key=len)
    parts = PurePath(place[len(root) :]).parts
    return not any(part in _FOREIGN or part.startswith(".") for part in parts)
