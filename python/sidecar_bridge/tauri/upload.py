"""Types of Tauri's plugin upload: files to and from servers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from sidecar_bridge.tauri import _results as results

if TYPE_CHECKING:
    from typing import Self

HttpMethod: TypeAlias = Literal["POST", "PUT", "PATCH"]
"""How a file is sent."""
HTTP_METHOD: tuple[HttpMethod, ...] = ("POST", "PUT", "PATCH")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a file has got.

    Attributes:
        progress: The bytes of the last piece.
        progress_total: The bytes so far.
        total: The bytes of the whole file; 0 if a server does not say it.
        transfer_speed: Bytes a second; 0 until it is known.
    """

    progress: int
    progress_total: int
    total: int
    transfer_speed: int

    @classmethod
    def _read(cls, value: Any) -> Self:
        results.members(value)
        return cls(
            progress=results.integer(value["progress"]),
            progress_total=results.integer(value["progressTotal"]),
            total=results.integer(value["total"]),
            transfer_speed=results.integer(value["transferSpeed"]),
        )
