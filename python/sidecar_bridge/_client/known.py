"""What a refusal of a command of Tauri's leaves open: whether the name is misspelt, or the command another system's."""

from __future__ import annotations

import re
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_COMMAND = re.compile(r"command `(plugin:[^`|]+\|[^`]+)`")
_ALIKE = 0.85
"""How much of two names is to be the same: `difflib.SequenceMatcher.ratio`."""


def explained(code: str, detail: str) -> str:
    """Give the detail of a `not_found` or `permission_denied`, and what else is known of the command that it names."""
    if (found := _COMMAND.search(detail)) is None:
        return detail
    command = found[1]
    # At the limit of open files, the refusal is told as it came.
    with suppress(OSError):
        from sidecar_bridge._client.commands import ONLY_ON  # noqa: PLC0415 - refusals alone need it

        system = ONLY_ON.get(command)
        if system is not None and system != _SYSTEMS.get(_platform):
            if code == "not_found":
                detail = f"no command `{command}` on this system: Tauri has it on {system} alone"
            else:
                detail += f"; that is of no use on this system, since Tauri has it on {system} alone"
            return f"{detail}; ask `sys.platform` before"
        return detail + suggested(command)
    return detail


def misnamed(command: str) -> str | None:
    """Say what a name lacks that no command has; `None` for one that a command may have. The host says the same."""
    plugin, _, own = command.removeprefix("plugin:").partition("|")
    is_whole = bool(plugin and own)
    if is_whole is command.startswith("plugin:"):
        return None
    asks = f"; did you mean `plugin:{command}`?" if is_whole else ""
    return f"no command `{command}`: those of a plugin are named `plugin:<plugin>|<command>`{asks}"


def suggested(command: str) -> str:
    """Give the question whether another command was meant; nothing where none is alike, or the name is right."""
    from sidecar_bridge._client.commands import COMMANDS  # noqa: PLC0415 - refusals alone need it

    return "" if command in COMMANDS else meant(command, COMMANDS)


def meant(name: str, known: Sequence[str]) -> str:
    """Give the question whether the most alike of these names was meant; nothing where none is alike."""
    from difflib import get_close_matches  # noqa: PLC0415 - takes its time

    alike = get_close_matches(name, known, n=1, cutoff=_ALIKE)
    return f"; did you mean `{alike[0]}`?" if alike else ""


_platform = sys.platform
_SYSTEMS = {"darwin": "macOS", "win32": "Windows", "linux": "Linux"}
