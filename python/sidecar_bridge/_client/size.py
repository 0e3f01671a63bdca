"""The size of a window."""

from __future__ import annotations

from typing import NamedTuple


class Size(NamedTuple):
    """Width and height in physical pixels."""

    width: int
    height: int
