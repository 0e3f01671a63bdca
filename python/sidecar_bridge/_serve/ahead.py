"""`python -m sidecar_bridge._serve.ahead main.py …`: a spare that has imported what is not the app's own.

The host starts it. When the host calls, it runs the program as `python main.py …` would have.
"""

from __future__ import annotations

import os
import runpy
import sys
from functools import partial
from importlib import import_module
from importlib.machinery import SourceFileLoader
from types import ModuleType
from typing import TYPE_CHECKING

from sidecar_bridge._client.errors import BridgeError
from sidecar_bridge._serve.imported import environment, imported, own_folders_of_path
from sidecar_bridge._serve.output import print_by_lines
from sidecar_bridge._serve.spare import KEY, the_spare

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sidecar_bridge._serve.spare import Spare

_EX_USAGE = 64
"""Wrong usage, see sysexits(3)."""


def main(words: Sequence[str]) -> None:
    """Import, wait, and be the program with these words."""
    print_by_lines()
    # What `-m` has put there; the program may have another folder in its place.
    own = None if sys.flags.safe_path else sys.path.pop(0)
    try:
        spare = the_spare()
    except BridgeError as error:
        sys.stderr.write(f"sidecar_bridge: only a host starts this, as a spare ({error}); start the Tauri app\n")
        sys.exit(_EX_USAGE)
    _refuse_another_environment(spare)
    spare.import_ahead()
    # The server, which each sidecar needs, also one that has told of its imports before it served.
    import_module("sidecar_bridge._serve.server")
    folders = [] if words[0] == "-m" else [os.path.dirname(os.path.realpath(words[0]))]  # noqa: PTH120 - as Python has it
    own_folders = [*spare.sources, *folders]
    _refuse_own(spare, own_folders)
    spare.wait(own_folders_of_path(own_folders))
    if own is not None:
        sys.path.insert(0, *(folders or [own]))
    _program(words)()


def _refuse_another_environment(spare: Spare) -> None:
    """Refuse when a launcher looks at the program to choose the packages, and did not see it behind this module."""
    before, now = spare.environment, environment()
    if before not in {None, now}:
        spare.refuse(
            f"it runs in the environment `{now}`, and the last generation in `{before}`, as under `uv run` when the "
            "script names its own dependencies; set `standby` to `app` or `off`"
        )


def _refuse_own(spare: Spare, own_folders: Sequence[str]) -> None:
    """Refuse when the app's own modules came along: they may change before this process is called."""
    outside = set(imported(own_folders))
    inside = [name for name in imported([]) if name not in outside and name.partition(".")[0] != "sidecar_bridge"]
    if inside:
        spare.refuse(f"an import has imported `{inside[0]}` too, which is the app's own; name what did so in {KEY}")


def _program(words: Sequence[str]) -> Callable[[], object]:
    """Give what runs the program in place of this module, as if Python had been started with these words."""
    # As the program would have found it, and as its own spare will be started.
    place = len(sys.orig_argv) - len(words)
    sys.orig_argv[place - 2 : place] = []
    if words[0] == "-m":
        sys.argv[:] = list(words[1:])
        return lambda: runpy.run_module(words[1], run_name="__main__", alter_sys=True)
    sys.argv[:] = list(words)
    # As Python does: a program may look beside its `__file__` once it is in another folder.
    return partial(_run_script, os.path.abspath(words[0]))  # noqa: PTH100 - no links are followed


def _run_script(path: str) -> None:
    """Run a file as Python does; `runpy.run_path` would put the absolute path into `sys.argv` too."""
    if path.endswith(".pyc"):
        runpy.run_path(path, run_name="__main__")
        return
    loader = SourceFileLoader("__main__", path)
    code = loader.source_to_code(loader.get_data(path), path)
    main = ModuleType("__main__")
    main.__file__, main.__loader__ = path, loader
    sys.modules["__main__"] = main
    exec(code, main.__dict__)  # noqa: S102 - the program itself


if __name__ == "__main__":
    main(sys.argv[1:])
