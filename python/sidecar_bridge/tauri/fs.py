# Generated from `tools/tauri-api/tauri-api.json` by `tools/tauri-api/emit.py`: do not edit.
# Descriptions are Tauri's, adapted: see NOTICE in the package's licences.

"""Types of Tauri's plugin fs: files, as far as its scope goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sidecar_bridge.tauri import _results as results
from sidecar_bridge.tauri._changes import Change as Change  # noqa: PLC0414
from sidecar_bridge.tauri._changes import ChangeType as ChangeType  # noqa: PLC0414

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Self


@dataclass(frozen=True, slots=True)
class DirEntry:
    """A disk entry which is either a file, a directory or a symlink.

    This is the result of the `read_dir`.

    Attributes:
        name: The name of the entry (file name with extension or directory name).
        is_directory: Specify whether this entry is a directory or not.
        is_file: Specify whether this entry is a file or not.
        is_symlink: Specify whether this entry is a symlink or not.
    """

    name: str
    is_directory: bool
    is_file: bool
    is_symlink: bool

    @classmethod
    def _read(cls, value: Any) -> Self:
        results.members(value)
        return cls(
            name=results.text(value["name"]),
            is_directory=results.boolean(value["isDirectory"]),
            is_file=results.boolean(value["isFile"]),
            is_symlink=results.boolean(value["isSymlink"]),
        )


@dataclass(frozen=True, slots=True)
class FileInfo:
    """A FileInfo describes a file and is returned by `stat`, `lstat` or `fstat`.

    Attributes:
        is_file: True if this is info for a regular file. Mutually exclusive to `FileInfo.is_directory` and
            `FileInfo.is_symlink`.
        is_directory: True if this is info for a regular directory. Mutually exclusive to `FileInfo.is_file` and
            `FileInfo.is_symlink`.
        is_symlink: True if this is info for a symlink. Mutually exclusive to `FileInfo.is_file` and
            `FileInfo.is_directory`.
        size: The size of the file, in bytes.
        mtime: The last modification time of the file. This corresponds to the `mtime` field from `stat` on Linux/Mac OS
            and `ftLastWriteTime` on Windows. This may not be available on all platforms.
        atime: The last access time of the file. This corresponds to the `atime` field from `stat` on Unix and
            `ftLastAccessTime` on Windows. This may not be available on all platforms.
        birthtime: The creation time of the file. This corresponds to the `birthtime` field from `stat` on Mac/BSD and
            `ftCreationTime` on Windows. This may not be available on all platforms.
        readonly: Whether this is a readonly (unwritable) file.
        file_attributes: This field contains the file system attribute information for a file or directory. For possible
            values and their descriptions, see File Attribute Constants in the Windows Dev Center
        dev: ID of the device containing the file.
        ino: Inode number.
        mode: The underlying raw `st_mode` bits that contain the standard Unix permissions for this file/directory.
        nlink: Number of hard links pointing to this file.
        uid: User ID of the owner of this file.
        gid: Group ID of the owner of this file.
        rdev: Device ID of this file.
        blksize: Blocksize for filesystem I/O.
        blocks: Number of blocks allocated to the file, in 512-byte units.
    """

    is_file: bool
    is_directory: bool
    is_symlink: bool
    size: int
    mtime: datetime | None
    atime: datetime | None
    birthtime: datetime | None
    readonly: bool
    file_attributes: int | None
    dev: int | None
    ino: int | None
    mode: int | None
    nlink: int | None
    uid: int | None
    gid: int | None
    rdev: int | None
    blksize: int | None
    blocks: int | None

    @classmethod
    def _read(cls, value: Any) -> Self:
        results.members(value)
        return cls(
            is_file=results.boolean(value["isFile"]),
            is_directory=results.boolean(value["isDirectory"]),
            is_symlink=results.boolean(value["isSymlink"]),
            size=results.integer(value["size"]),
            mtime=results.maybe(results.moment)(value.get("mtime")),
            atime=results.maybe(results.moment)(value.get("atime")),
            birthtime=results.maybe(results.moment)(value.get("birthtime")),
            readonly=results.boolean(value["readonly"]),
            file_attributes=results.maybe(results.integer)(value.get("fileAttribues")),
            dev=results.maybe(results.integer)(value.get("dev")),
            ino=results.maybe(results.integer)(value.get("ino")),
            mode=results.maybe(results.integer)(value.get("mode")),
            nlink=results.maybe(results.integer)(value.get("nlink")),
            uid=results.maybe(results.integer)(value.get("uid")),
            gid=results.maybe(results.integer)(value.get("gid")),
            rdev=results.maybe(results.integer)(value.get("rdev")),
            blksize=results.maybe(results.integer)(value.get("blksize")),
            blocks=results.maybe(results.integer)(value.get("blocks")),
        )
