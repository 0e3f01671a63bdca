# Generated from `_client/tauri/async_fs.py` by `python/tools/blocking.py`: do not edit.

# Generated from `tools/tauri-api/tauri-api.json` by `tools/tauri-api/emit.py`: do not edit.
# Descriptions are Tauri's, adapted: see NOTICE in the package's licences.

"""Tauri's plugin fs: files, as far as its scope goes, for blocking code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar_bridge._client.tauri.files import Files
from sidecar_bridge.tauri import _arguments as arguments
from sidecar_bridge.tauri import _results as results
from sidecar_bridge.tauri.fs import DirEntry, FileInfo
from sidecar_bridge.tauri.path import BaseDirectory

if TYPE_CHECKING:
    from os import PathLike


class Fs(Files):
    """Plugin fs: files, as far as its scope goes.

    Every method has Tauri's own meaning, and needs its permission.
    """

    _prefix = "plugin:fs|"

    def mkdir(
        self,
        path: str | PathLike[str],
        *,
        mode: int | None = None,
        recursive: bool | None = None,
        base_dir: BaseDirectory | None = None,
    ) -> None:
        """Create a new directory with the specified path.

        Without `recursive` the parent has to be there.

        Needs `fs:allow-mkdir`, which `fs:default` has.

        Args:
            path: The path of the directory to create.
            mode: Permission to use when creating the directory (defaults to `0o777`, before the process's umask).
                Ignored on Windows.
            recursive: Default to `False`. If set to `True`, means that any intermediate directories will also be
                created (as with the shell command `mkdir -p`).
            base_dir: Base directory for `path`.
        """
        options: dict[str, object] = {}
        if mode is not None:
            options["mode"] = arguments.integer(mode, "mode")
        if recursive is not None:
            options["recursive"] = arguments.boolean(recursive, "recursive")
        if base_dir is not None:
            options["baseDir"] = arguments.member(BaseDirectory)(base_dir, "base_dir")
        args: dict[str, object] = {"path": arguments.path(path, "path")}
        if options:
            args["options"] = options
        return self._call("mkdir", args, results.nothing)

    def copy_file(
        self,
        from_path: str | PathLike[str],
        to_path: str | PathLike[str],
        *,
        from_path_base_dir: BaseDirectory | None = None,
        to_path_base_dir: BaseDirectory | None = None,
    ) -> None:
        """Copy the contents and permissions of one file to another specified path.

        Copy the contents and permissions of one file to another specified path, by default creating a new file if
        needed, else overwriting.

        Needs `fs:allow-copy-file`.

        Args:
            from_path: The path of the file to copy from.
            to_path: The path of the file to copy to.
            from_path_base_dir: Base directory for `from_path`.
            to_path_base_dir: Base directory for `to_path`.
        """
        options: dict[str, object] = {}
        if from_path_base_dir is not None:
            options["fromPathBaseDir"] = arguments.member(BaseDirectory)(from_path_base_dir, "from_path_base_dir")
        if to_path_base_dir is not None:
            options["toPathBaseDir"] = arguments.member(BaseDirectory)(to_path_base_dir, "to_path_base_dir")
        args: dict[str, object] = {
            "fromPath": arguments.path(from_path, "from_path"),
            "toPath": arguments.path(to_path, "to_path"),
        }
        if options:
            args["options"] = options
        return self._call("copy_file", args, results.nothing)

    def remove(
        self, path: str | PathLike[str], *, recursive: bool | None = None, base_dir: BaseDirectory | None = None
    ) -> None:
        """Remove the named file or directory.

        If the directory is not empty and the `recursive` option isn't set to true, the promise will be rejected.

        A directory that is not empty needs `recursive`.

        Needs `fs:allow-remove`.

        Args:
            path: The path of the file or directory to remove.
            recursive: Default to `False`. If set to `True`, path will be removed even if it's a non-empty directory.
            base_dir: Base directory for `path`.
        """
        options: dict[str, object] = {}
        if recursive is not None:
            options["recursive"] = arguments.boolean(recursive, "recursive")
        if base_dir is not None:
            options["baseDir"] = arguments.member(BaseDirectory)(base_dir, "base_dir")
        args: dict[str, object] = {"path": arguments.path(path, "path")}
        if options:
            args["options"] = options
        return self._call("remove", args, results.nothing)

    def rename(
        self,
        old_path: str | PathLike[str],
        new_path: str | PathLike[str],
        *,
        old_path_base_dir: BaseDirectory | None = None,
        new_path_base_dir: BaseDirectory | None = None,
    ) -> None:
        """Rename or move a file or directory.

        Needs `fs:allow-rename`.

        Args:
            old_path: The path of the file or directory to rename.
            new_path: The path the file or directory is renamed to.
            old_path_base_dir: Base directory for `old_path`.
            new_path_base_dir: Base directory for `new_path`.
        """
        options: dict[str, object] = {}
        if old_path_base_dir is not None:
            options["oldPathBaseDir"] = arguments.member(BaseDirectory)(old_path_base_dir, "old_path_base_dir")
        if new_path_base_dir is not None:
            options["newPathBaseDir"] = arguments.member(BaseDirectory)(new_path_base_dir, "new_path_base_dir")
        args: dict[str, object] = {
            "oldPath": arguments.path(old_path, "old_path"),
            "newPath": arguments.path(new_path, "new_path"),
        }
        if options:
            args["options"] = options
        return self._call("rename", args, results.nothing)

    def truncate(
        self, path: str | PathLike[str], len: int | None = None, *, base_dir: BaseDirectory | None = None
    ) -> None:
        """Truncate or extends the specified file, to reach the specified `len`.

        If `len` is `0` or not specified, then the entire file contents are truncated.

        Needs `fs:allow-truncate`.

        Args:
            path: The path of the file to truncate or extend.
            len: The length the file is resized to, in bytes. Defaults to `0`.
            base_dir: Base directory for `path`.
        """
        options: dict[str, object] = {}
        if base_dir is not None:
            options["baseDir"] = arguments.member(BaseDirectory)(base_dir, "base_dir")
        args: dict[str, object] = {"path": arguments.path(path, "path")}
        if len is not None:
            args["len"] = arguments.integer(len, "len")
        if options:
            args["options"] = options
        return self._call("truncate", args, results.nothing)

    def read_dir(self, path: str | PathLike[str], *, base_dir: BaseDirectory | None = None) -> list[DirEntry]:
        """Read the directory given by path and returns an array of `DirEntry`.

        Needs `fs:allow-read-dir`, which `fs:default` has.

        Args:
            path: The path of the directory to read.
            base_dir: Base directory for `path`.
        """
        options: dict[str, object] = {}
        if base_dir is not None:
            options["baseDir"] = arguments.member(BaseDirectory)(base_dir, "base_dir")
        args: dict[str, object] = {"path": arguments.path(path, "path")}
        if options:
            args["options"] = options
        return self._call("read_dir", args, results.many(DirEntry._read))

    def read_bytes(self, path: str | PathLike[str], *, base_dir: BaseDirectory | None = None) -> bytes:
        """Read a whole file.

        Needs `fs:allow-read-file`, which `fs:default` has.

        Args:
            path: The path of the file to read.
            base_dir: Base directory for `path`.
        """
        options: dict[str, object] = {}
        if base_dir is not None:
            options["baseDir"] = arguments.member(BaseDirectory)(base_dir, "base_dir")
        args: dict[str, object] = {"path": arguments.path(path, "path")}
        if options:
            args["options"] = options
        return self._call("read_file", args, results.data)

    def read_text(self, path: str | PathLike[str], *, base_dir: BaseDirectory | None = None) -> str:
        """Read a whole file as text in UTF-8.

        Needs `fs:allow-read-text-file`, which `fs:default` has.

        Args:
            path: The path of the file to read.
            base_dir: Base directory for `path`.
        """
        options: dict[str, object] = {}
        if base_dir is not None:
            options["baseDir"] = arguments.member(BaseDirectory)(base_dir, "base_dir")
        args: dict[str, object] = {"path": arguments.path(path, "path")}
        if options:
            args["options"] = options
        return self._call("read_text_file", args, results.utf8)

    def stat(self, path: str | PathLike[str], *, base_dir: BaseDirectory | None = None) -> FileInfo:
        """Resolve to a `FileInfo` for the specified `path`.

        Will always follow symlinks but will reject if the symlink points to a path outside of the scope.

        Needs `fs:allow-stat`.

        Args:
            path: The path of the file or directory to inspect.
            base_dir: Base directory for `path`.
        """
        options: dict[str, object] = {}
        if base_dir is not None:
            options["baseDir"] = arguments.member(BaseDirectory)(base_dir, "base_dir")
        args: dict[str, object] = {"path": arguments.path(path, "path")}
        if options:
            args["options"] = options
        return self._call("stat", args, FileInfo._read)

    def lstat(self, path: str | PathLike[str], *, base_dir: BaseDirectory | None = None) -> FileInfo:
        """Resolve to a `FileInfo` for the specified `path`.

        If `path` is a symlink, information for the symlink will be returned instead of what it points to.

        Needs `fs:allow-lstat`.

        Args:
            path: The path of the file, directory or symlink to inspect.
            base_dir: Base directory for `path`.
        """
        options: dict[str, object] = {}
        if base_dir is not None:
            options["baseDir"] = arguments.member(BaseDirectory)(base_dir, "base_dir")
        args: dict[str, object] = {"path": arguments.path(path, "path")}
        if options:
            args["options"] = options
        return self._call("lstat", args, FileInfo._read)

    def exists(self, path: str | PathLike[str], *, base_dir: BaseDirectory | None = None) -> bool:
        """Check if a path exists.

        Needs `fs:allow-exists`, which `fs:default` has.

        Args:
            path: The path to check.
            base_dir: Base directory for `path`.
        """
        options: dict[str, object] = {}
        if base_dir is not None:
            options["baseDir"] = arguments.member(BaseDirectory)(base_dir, "base_dir")
        args: dict[str, object] = {"path": arguments.path(path, "path")}
        if options:
            args["options"] = options
        return self._call("exists", args, results.boolean)

    def size(self, path: str | PathLike[str], *, base_dir: BaseDirectory | None = None) -> int:
        """Get the size of a file or directory.

        For files, the `stat` functions can be used as well.

        If `path` is a directory, this function will recursively iterate over every file and every directory inside of
        `path` and therefore will be very time consuming if used on larger directories.

        Needs `fs:allow-size`.

        Args:
            path: The path of the file or directory to measure.
            base_dir: Base directory for `path`.
        """
        options: dict[str, object] = {}
        if base_dir is not None:
            options["baseDir"] = arguments.member(BaseDirectory)(base_dir, "base_dir")
        args: dict[str, object] = {"path": arguments.path(path, "path")}
        if options:
            args["options"] = options
        return self._call("size", args, results.integer)
