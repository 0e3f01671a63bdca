# Generated from `tools/tauri-api/tauri-api.json` by `tools/tauri-api/emit.py`: do not edit.
# Descriptions are Tauri's, adapted: see NOTICE in the package's licences.

"""Types of Tauri's plugin sql: databases of the app."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sidecar_bridge.tauri import _results as results

if TYPE_CHECKING:
    from typing import Self


@dataclass(frozen=True, slots=True)
class QueryResult:
    """The outcome of a statement run through `Database.execute`.

    Attributes:
        rows_affected: The number of rows affected by the query.
        last_insert_id: The last inserted `id`.
    """

    rows_affected: int
    last_insert_id: int | None = None

    @classmethod
    def _read(cls, value: Any) -> Self:
        results.row(2, value)
        return cls(
            rows_affected=results.integer(value[0]),
            last_insert_id=results.maybe(results.integer)(value[1]),
        )
