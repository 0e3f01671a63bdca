"""A call of an app at a fake host."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sidecar_bridge._testing.replies import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Never


class Call(NamedTuple):
    """A command that the app has run.

    Attributes:
        command: The command's name, such as `greet` or `plugin:dialog|open`.
        args: The arguments, or the raw bytes that came instead.
        window: The label of the window that the app named.
        headers: The headers that the app gave the command, their names in lower case.
    """

    command: str
    args: Any
    window: str | None
    headers: Mapping[str, str] = {}


class FailedError(Exception):
    """A command answers with this text as its error, as Tauri's commands do."""


def refuse_argument(command: str, name: str, why: str) -> Never:
    """Refuse an argument in the words of the host."""
    raise Refused("invalid_argument", f"command `{command}`: argument `{name}`: {why}")
