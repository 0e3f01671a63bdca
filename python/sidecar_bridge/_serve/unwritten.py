"""What files hold back when a sidecar exits: written, as the collector would have had it written when it freed them."""

from __future__ import annotations

import os
import select
import stat
import sys
import time
from contextlib import suppress
from io import BufferedRandom, BufferedRWPair, BufferedWriter, TextIOWrapper
from itertools import compress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_PATIENCE_S = 0.5
"""How long pipes and sockets that are full may take, all together: nobody may read them ever again."""

_COMPRESSED = (("gzip", "GzipFile"), ("bz2", "BZ2File"), ("lzma", "LZMAFile"))
"""What is whole only once it is closed."""


def write_all(objects: list[Any]) -> None:
    """Write what the files among the objects hold back: from text to bytes, to what is compressed, to the file.

    Other kinds of files are left alone: their `flush` may wait for anything, such as a device, and none of Python's own
    holds anything back.
    """
    loaded = [(sys.modules.get(module), name) for module, name in _COMPRESSED]
    compressed = tuple(getattr(module, name) for module, name in loaded if module is not None)
    files = _those_of([TextIOWrapper, *compressed, BufferedWriter, BufferedRandom, BufferedRWPair], objects)
    until = time.monotonic() + _PATIENCE_S
    for file in files:
        if isinstance(file, TextIOWrapper):
            _end(file, file.flush, until)
    for file in files:
        if isinstance(file, compressed):
            _end(file, file.close, until)
    for file in files:
        if isinstance(file, (BufferedWriter, BufferedRandom, BufferedRWPair)):
            _end(file, file.flush, until)


def _those_of(bases: list[type], objects: list[Any]) -> list[Any]:
    # Nothing but the type is asked, and of that nothing but which it is: an object may be a proxy that loads something,
    # and a type may have a `__hash__` of its own.
    kinds = {id(kind): kind for base in bases for kind in _kinds(base)}
    return list(compress(objects, map(kinds.__contains__, map(id, map(type, objects)))))


def _kinds(of: type) -> Iterator[type]:
    yield of
    derived: list[type] = type.__subclasses__(of)
    for each in derived:
        yield from _kinds(each)


def _end(file: Any, write: Any, until: float) -> None:
    # Of somebody who has not closed it; whatever it raises, nobody is there to hear it.
    with suppress(Exception):
        if file.writable() and _takes_more(file, until):
            write()


def _takes_more(file: Any, until: float) -> bool:
    """Tell whether a write would not wait, perhaps for ever, or for a thread that waits in a write to this file."""
    try:
        descriptor = file.fileno()
    except OSError:
        # It is in memory.
        return True
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return True
    if sys.platform == "win32":
        # Nothing tells it of a pipe.
        return False
    poll = select.poll()
    poll.register(descriptor, select.POLLOUT)
    return bool(poll.poll(max(0, until - time.monotonic()) * 1000))
