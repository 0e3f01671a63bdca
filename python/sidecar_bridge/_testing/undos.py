"""What an app's calls at a fake host say of how they are undone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from sidecar_bridge._client import wire
from sidecar_bridge._testing.replies import Refused

if TYPE_CHECKING:
    from sidecar_bridge._testing.replies import Reply


class _Undo(NamedTuple):
    command: str
    args: dict[str, Any]
    window: str


class FakeUndos:
    """What is left to undo, by its number."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._left: dict[str, _Undo] = {}
        self._newest = 0

    def add(self, order: str, result: Reply, window: str) -> Reply:
        """Keep the order of a call that gave this result, and give the reply that names it."""
        undo = json.loads(order)
        args, answer = dict(undo.get("args", {})), undo.get("answer", {})
        if answer and result.content_type != wire.JSON:
            return result
        for name, pointer in answer.items():
            args[name] = _at(json.loads(result.body), pointer)
            if args[name] is None:
                return result
        self._newest += 1
        self._left[str(self._newest)] = _Undo(undo["command"], args, window)
        return result._replace(undo=f"{self._newest}; window={window}")

    def take(self, number: str) -> _Undo:
        """Give what has that number, and forget it."""
        if number not in self._left:
            raise Refused("not_found", f"nothing is left to undo under `{number}`")
        return self._left.pop(number)


def _at(value: Any, pointer: str) -> Any:
    """Give what a JSON Pointer (RFC 6901) says; `None` if nothing is there."""
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        try:
            value = value[int(name)] if isinstance(value, list) else value[name]
        except (KeyError, IndexError, TypeError, ValueError):
            return None
    return value
