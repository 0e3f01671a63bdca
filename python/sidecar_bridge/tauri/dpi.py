"""Sizes and positions of windows, in physical pixels or in logical ones, which the scale factor multiplies."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias


class PhysicalSize(NamedTuple):
    """Width and height in physical pixels."""

    width: int
    height: int


Size: TypeAlias = PhysicalSize
"""The sizes that windows have, by the name that `sidecar_bridge` has for them."""


class LogicalSize(NamedTuple):
    """Width and height in logical pixels: `LogicalSize(800, 600)` is as large on every screen."""

    width: float
    height: float


class PhysicalPosition(NamedTuple):
    """A position in physical pixels. As an argument it is whole; the pointer may stand between two pixels."""

    x: float
    y: float


class LogicalPosition(NamedTuple):
    """A position in logical pixels."""

    x: float
    y: float


Color: TypeAlias = str | tuple[int, int, int] | tuple[int, int, int, int]
"""A colour: `#rgb`, `#rrggbb` or `#rrggbbaa`, or three or four numbers from 0 to 255, the last one how opaque it is."""
