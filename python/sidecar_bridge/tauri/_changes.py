"""What happened to a file or a directory that is watched; `sidecar_bridge.tauri.fs` has these."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from sidecar_bridge.tauri import _results as results

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Self


class ChangeType(Enum):
    """What kind of a change it was, as far as the system says."""

    ANY = "any"
    """The system does not say."""
    ACCESS = "access"
    """Something was opened or closed, and perhaps read."""
    CREATE = "create"
    """Something is there that was not."""
    MODIFY = "modify"
    """Something has other content, another name, or other metadata."""
    REMOVE = "remove"
    """Something is there no more."""
    OTHER = "other"
    """None of these."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a file or a directory, as the system tells it: systems differ in how much they say.

    Attributes:
        type: What kind of a change it was.
        paths: What has changed. A rename has two paths if the system tells both at once, the old one first.
        kind: More of it, else `any`: `file` and `folder` of what was made or removed; `data`, `metadata` and `rename`
            of what was modified; `open` and `close` of what was accessed.
        mode: More of that, else `None`: `from`, `to` and `both` of a rename; `read` and `write` of an access; `size`
            and `content` of data; `permissions`, `ownership` and so on of metadata; or `any`.
        tracker: A number that the two halves of a rename have in common, where the system gives one.
    """

    type: ChangeType
    paths: tuple[Path, ...]
    kind: str = "any"
    mode: str | None = None
    tracker: int | None = None

    @classmethod
    def _read(cls, value: Any) -> Self:
        results.members(value)
        what = value["type"]
        # Types without more to say are words.
        ((name, more),) = what.items() if isinstance(what, dict) else ((what, {}),)
        return cls(
            type=ChangeType(name),
            paths=tuple(results.many(results.path)(value["paths"])),
            kind=results.text(more.get("kind", "any")),
            mode=results.maybe(results.text)(more.get("mode")),
            tracker=results.maybe(results.integer)(value.get("attrs", {}).get("tracker")),
        )
