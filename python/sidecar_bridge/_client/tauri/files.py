# Generated from `_client/tauri/async_files.py` by `python/tools/blocking.py`: do not edit.

"""What the plugin fs does with headers, handles and channels, for blocking code: `host.fs` has these methods."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sidecar_bridge._client import wire
from sidecar_bridge._client.resource import Resource
from sidecar_bridge._client.tauri.file import File, Lines
from sidecar_bridge._client.tauri.handle import CLOSE, channel_of
from sidecar_bridge._client.tauri.plugin import Plugin
from sidecar_bridge._native import encode_json, quote
from sidecar_bridge.tauri import _arguments as arguments
from sidecar_bridge.tauri._changes import Change
from sidecar_bridge.tauri.path import BaseDirectory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import timedelta
    from os import PathLike

    from sidecar_bridge._client.messages import Messages


class Files(Plugin):
    """Files that stay open, are watched, or are written."""

    def write_bytes(
        self,
        path: str | PathLike[str],
        data: bytes | bytearray | memoryview,
        *,
        append: bool | None = None,
        create: bool | None = None,
        create_new: bool | None = None,
        mode: int | None = None,
        base_dir: BaseDirectory | None = None,
    ) -> None:
        """Write a whole file: a new one, or in the place of what it had.

        Needs `fs:allow-write-file`.

        Args:
            path: The path of the file.
            data: What to write.
            append: Whether to write behind what the file has. Left out, it is overwritten.
            create: Whether to make the file if it is missing; left out, that is done.
            create_new: Whether the file must not be there yet.
            mode: The permissions of a new file, `0o666` before the umask if left out. Ignored on Windows.
            base_dir: Base directory for `path`.
        """
        options = _writing(append, create, create_new, mode, base_dir)
        self._write("write_file", path, arguments.buffer(data, "data"), options)

    def write_text(
        self,
        path: str | PathLike[str],
        data: str,
        *,
        append: bool | None = None,
        create: bool | None = None,
        create_new: bool | None = None,
        mode: int | None = None,
        base_dir: BaseDirectory | None = None,
    ) -> None:
        """Write a whole file of text in UTF-8, its line ends as they are.

        Needs `fs:allow-write-text-file`.

        Args:
            path: The path of the file.
            data: What to write.
            append: Whether to write behind what the file has. Left out, it is overwritten.
            create: Whether to make the file if it is missing; left out, that is done.
            create_new: Whether the file must not be there yet.
            mode: The permissions of a new file, `0o666` before the umask if left out. Ignored on Windows.
            base_dir: Base directory for `path`.
        """
        options = _writing(append, create, create_new, mode, base_dir)
        self._write("write_text_file", path, arguments.text(data, "data").encode(), options)

    def open(
        self,
        path: str | PathLike[str],
        *,
        read: bool | None = None,
        write: bool | None = None,
        append: bool | None = None,
        truncate: bool | None = None,
        create: bool | None = None,
        create_new: bool | None = None,
        mode: int | None = None,
        base_dir: BaseDirectory | None = None,
    ) -> File:
        """Open a file: `with host.fs.open("notes.txt", base_dir=BaseDirectory.APP_DATA) as file: ...`.

        Without options it is opened to be read.

        Needs `fs:allow-open`, and `core:resources:allow-close` to close it.

        Args:
            path: The path of the file.
            read: Whether it can be read; left out, it can.
            write: Whether it can be written, at first at its beginning and over what it has.
            append: Whether what is written goes behind what it has, wherever the position is.
            truncate: Whether it loses what it has; needs `write`.
            create: Whether to make it if it is missing; needs `write` or `append`.
            create_new: Whether it must not be there yet; `create` and `truncate` then mean nothing.
            mode: The permissions of a new file, `0o666` before the umask if left out. Ignored on Windows.
            base_dir: Base directory for `path`.
        """
        flags = {"read": read, "write": write, "append": append, "truncate": truncate, "create": create}
        options = _flags(flags) | _options(create_new, mode, base_dir)
        return File._made_by(self, "open", _args(path, options))

    def create(self, path: str | PathLike[str], *, base_dir: BaseDirectory | None = None) -> File:
        """Make a file, or empty one that is there, and open it to be written.

        Needs `fs:allow-create`, and `core:resources:allow-close` to close it.

        Args:
            path: The path of the file.
            base_dir: Base directory for `path`.
        """
        return File._made_by(self, "create", _args(path, _options(None, None, base_dir)))

    def read_lines(self, path: str | PathLike[str], *, base_dir: BaseDirectory | None = None) -> Lines:
        r"""Open a text file in UTF-8 and read it line by line: `for line in host.fs.read_lines(path): ...`.

        Lines come without `\n` and `\r\n`, one call each: a file that is not too large for it is read sooner with
        `read_text`.

        Needs `fs:allow-read-text-file-lines` and `fs:allow-read-text-file-lines-next`, and `core:resources:allow-close`
        for a file that is not read to its end.

        Args:
            path: The path of the file.
            base_dir: Base directory for `path`.
        """
        return Lines._made_by(self, "read_text_file_lines", _args(path, _options(None, None, base_dir)))

    @contextmanager
    def watch(
        self,
        paths: str | PathLike[str] | Sequence[str | PathLike[str]],
        *,
        recursive: bool | None = None,
        delay: timedelta | None = None,
        base_dir: BaseDirectory | None = None,
        on_lost: Callable[[int | None], object] | None = None,
    ) -> Iterator[Messages[Change]]:
        """Watch files and directories: `with host.fs.watch(path) as changes: for change in changes: ...`.

        The watch is in place once the block is entered, and ends with the block, its window and this sidecar's
        generation. A reader that is too slow misses the oldest changes, see `Host.channel`.

        Needs `fs:allow-watch`, the feature `watch` of the plugin, without which the command is not found, and
        `core:resources:allow-close`.

        Args:
            paths: What to watch. All of it has to be there.
            recursive: Whether to watch what is below the directories, too.
            delay: How long changes are collected: several of one file become one, and what is made and gone meanwhile
                is not told. Left out, each is told at once, as the system tells it.
            base_dir: Base directory for `paths`.
            on_lost: Called with the number of changes that were missed, in place of an `EventsLostError`.
        """
        options = _options(None, None, base_dir)
        if recursive is not None:
            options["recursive"] = arguments.boolean(recursive, "recursive")
        if delay is not None:
            options["delayMs"] = arguments.milliseconds(delay, "delay")
        several = [paths] if arguments.is_path(paths) else paths
        args: dict[str, object] = {"paths": arguments.many(arguments.path)(several, "paths"), "options": options}
        with channel_of(self, "watch", Change._read, on_lost) as changes:
            watch = Resource._make(
                self,
                "plugin:fs|watch",
                {**args, "onEvent": changes},
                undo=CLOSE,
                window=changes.window,
                timeout_s=self._timeout_s,
            )
            watch._closes_within_s = self._timeout_s
            with watch:
                yield changes

    def _write(
        self, command: str, path: str | PathLike[str], data: bytes | memoryview, options: dict[str, object]
    ) -> None:
        headers = [("path", quote(arguments.path(path, "path")))]
        if options:
            headers.append(("options", encode_json(options, "the options").decode()))
        request = wire.invoke(self._prefix + command, data, self._label, headers=headers)
        wire.decode(self._link.exchange(request, self._timeout_s))


def _args(path: object, options: dict[str, object]) -> dict[str, object]:
    args: dict[str, object] = {"path": arguments.path(path, "path")}
    return {**args, "options": options} if options else args


def _flags(flags: dict[str, bool | None]) -> dict[str, object]:
    return {name: arguments.boolean(value, name) for name, value in flags.items() if value is not None}


def _options(create_new: bool | None, mode: int | None, base_dir: BaseDirectory | None) -> dict[str, object]:
    options: dict[str, object] = {}
    if create_new is not None:
        options["createNew"] = arguments.boolean(create_new, "create_new")
    if mode is not None:
        options["mode"] = arguments.integer(mode, "mode")
    if base_dir is not None:
        options["baseDir"] = arguments.member(BaseDirectory)(base_dir, "base_dir")
    return options


def _writing(
    append: bool | None,
    create: bool | None,
    create_new: bool | None,
    mode: int | None,
    base_dir: BaseDirectory | None,
) -> dict[str, object]:
    return _flags({"append": append, "create": create}) | _options(create_new, mode, base_dir)
