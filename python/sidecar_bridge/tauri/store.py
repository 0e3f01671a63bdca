"""Types of Tauri's plugin store: values in files of the app."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sidecar_bridge.tauri import _results as results

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Self


@dataclass(frozen=True, slots=True)
class StoreChange:
    """A value of a store that has changed, whoever changed it.

    Attributes:
        path: The path of the store's file.
        key: The key.
        value: The new value; `None` if it was taken away, and if it is null.
        exists: Whether the key has a value now.
        rid: The number of the store, `None` if it has none.
    """

    path: Path
    key: str
    value: Any
    exists: bool
    rid: int | None

    @classmethod
    def _read(cls, value: Any) -> Self:
        results.members(value)
        return cls(
            path=results.path(value["path"]),
            key=results.text(value["key"]),
            value=value.get("value"),
            exists=results.boolean(value["exists"]),
            rid=results.maybe(results.integer)(value.get("resourceId")),
        )
