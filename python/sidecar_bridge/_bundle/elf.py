"""Whether a library of Linux can be loaded, see `trim`."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_LOAD = 1
_WIDE = 2
_LITTLE = 1


def fits(library: Path) -> bool:
    """Tell whether each segment lies in the file where the loader can map it.

    Of a library that patchelf has rewritten, as it does for wheels, `strip` may move segments to where the loader
    refuses them: "ELF load command address/offset not properly aligned".
    """
    data = library.read_bytes()
    if data[:4] != b"\x7fELF":
        return False
    wide, order = data[4] == _WIDE, "<" if data[5] == _LITTLE else ">"
    (table,) = struct.unpack_from(f"{order}{'Q' if wide else 'I'}", data, 32 if wide else 28)
    size, count = struct.unpack_from(f"{order}HH", data, 54 if wide else 42)
    form = f"{order}IIQQQQQQ" if wide else f"{order}IIIIIIII"
    for number in range(count):
        fields = struct.unpack_from(form, data, table + number * size)
        kind, align = fields[0], fields[7]
        offset, address = (fields[2], fields[3]) if wide else (fields[1], fields[2])
        if kind == _LOAD and align > 1 and offset % align != address % align:
            return False
    return True
