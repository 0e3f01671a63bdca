"""An image as its pixels."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rgba:
    """An image of `width` times `height` pixels: four bytes for each, red, green, blue and how opaque, row by row.

    Raises:
        ValueError: On making one whose bytes are not as many as its pixels need.
    """

    data: bytes
    width: int
    height: int

    def __post_init__(self) -> None:
        if self.width < 1 or self.height < 1 or len(self.data) != 4 * self.width * self.height:
            # Tauri does not look, and one such image has ended a whole app by an abort in a native callback.
            msg = f"{self.width} x {self.height} pixels are {4 * self.width * self.height} bytes, not {len(self.data)}"
            raise ValueError(msg)
