# Generated from `_client/tauri/async_file.py` by `python/tools/blocking.py`: do not edit.

"""An open file of the app, for blocking code."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from sidecar_bridge._client.tauri.handle import Handle
from sidecar_bridge.tauri import _arguments as arguments
from sidecar_bridge.tauri import _results as results
from sidecar_bridge.tauri.fs import FileInfo

if TYPE_CHECKING:
    from collections.abc import Iterator

_COUNT_BYTES = 8
"""An answer of `read` ends with the number of bytes that were read, most significant byte first."""

_READ_AT_ONCE = 1024 * 1024
_WRITE_AT_ONCE = 64 * 1024
"""Tauri takes what is written to an open file as a list of numbers, some four characters for a byte."""


class File(Handle):
    """A file that the app has open for this sidecar, made by `host.fs.open` and `host.fs.create`.

    It has one position, at which it reads and writes. To close it needs `core:resources:allow-close`.
    """

    _prefix = "plugin:fs|"

    def read(self, size: int | None = None) -> bytes:
        """Read at most `size` bytes, fewer if the system gives fewer, and none at the end; without `size` all the rest.

        Needs `fs:allow-read`, and that the file was opened with `read`.
        """
        if size is not None:
            return self._read(arguments.not_negative(size, "size"))
        pieces = []
        while piece := self._read(_READ_AT_ONCE):
            pieces.append(piece)
        return b"".join(pieces)

    def write(self, data: bytes | bytearray | memoryview) -> int:
        """Write all of `data`, and give how many bytes that were.

        Tauri takes the data as a list of numbers. For much data `host.fs.write_bytes(…, append=True)` is several times
        quicker, since it sends the bytes themselves.

        Needs `fs:allow-write`, and that the file was opened with `write` or `append`.
        """
        left = arguments.buffer(data, "data")
        while left:
            written = self._call("write", {"data": list(left[:_WRITE_AT_ONCE])}, results.some)
            left = left[written:]
        return memoryview(data).nbytes

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move the position, and give the new one, counted from the file's beginning.

        Needs `fs:allow-seek`.

        Args:
            offset: By how many bytes; behind the file's end is allowed.
            whence: From where: `io.SEEK_SET`, the beginning; `io.SEEK_CUR`, the present position; `io.SEEK_END`.
        """
        places = (io.SEEK_SET, io.SEEK_CUR, io.SEEK_END)
        args = {"offset": arguments.integer(offset, "offset"), "whence": arguments.one_of(places)(whence, "whence")}
        return self._call("seek", args, results.integer)

    def truncate(self, size: int = 0) -> None:
        """Shorten the file to that many bytes, or fill it up with zeros. The position stays.

        Needs `fs:allow-ftruncate`.
        """
        self._call("ftruncate", {"len": arguments.not_negative(size, "size")}, results.nothing)

    def stat(self) -> FileInfo:
        """Give the file's size, times and so on.

        Needs `fs:allow-fstat`.
        """
        return self._call("fstat", {}, FileInfo._read)

    def _read(self, size: int) -> bytes:
        return self._call("read", {"len": size}, _without_count)


class Lines(Handle):
    """The lines of a text file in UTF-8, read as they are asked for; made by `host.fs.read_lines`.

    The file is closed at its end, with the block of `with`, and when nobody has this any more.
    """

    _prefix = "plugin:fs|"

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self._ended == _AT_END:
            raise StopIteration
        line = self._call("read_text_file_lines_next", {}, _line)
        if line is None:
            # Tauri has closed it.
            self.leave(timeout_s=self._timeout_s)
            self._ended = _AT_END
            raise StopIteration
        return line


_AT_END = "at its end"


def _without_count(value: object) -> bytes:
    data = results.data(value)
    count = int.from_bytes(data[-_COUNT_BYTES:])
    if not count <= len(data) - _COUNT_BYTES:
        msg = f"the count {count} behind {len(data) - _COUNT_BYTES} bytes"
        raise ValueError(msg)
    return data[:count]


def _line(value: object) -> str | None:
    """Give a line without its end; `None` at the end of the file, which the last byte tells."""
    data = results.data(value)
    return None if data[-1] else data[:-1].decode("utf-8")
