"""Files of a fake host, which are real ones, and Tauri's commands of paths."""

from __future__ import annotations

import json
import os
import shutil
import stat
import tempfile
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from sidecar_bridge._testing.call import FailedError, refuse_argument

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sidecar_bridge._testing.call import Call
    from sidecar_bridge._testing.handles import Handles

_DIRECTORIES = (
    "audio", "cache", "config", "data", "localData", "document", "download", "picture", "public", "video", "resource",
    "temp", "appConfig", "appData", "appLocalData", "appCache", "appLog", "desktop", "executable", "font", "home",
    "runtime", "template",
)  # fmt: skip
"""The directories of Tauri's `BaseDirectory`, whose members are numbers from 1."""


class Directories:
    """The directories of the app, all of them in the folder of the fake host."""

    def __init__(self, root: Path) -> None:
        """Have the directories below `root`; those of the app are not there until the app makes them, as in reality."""
        self._root = root.resolve()
        self._picked: set[Path] = set()

    def of(self, number: int) -> Path:
        """Give the directory that has that number."""
        name = _DIRECTORIES[number - 1]
        path = self._root / name
        if not name.startswith("app"):
            path.mkdir(exist_ok=True)
        return path

    def pick(self, answer: object) -> None:
        """Put what a dialog has answered into the scope: a path, or several."""
        for each in answer if isinstance(answer, list | tuple) else [answer]:
            if isinstance(each, str | os.PathLike):
                self._picked.add(Path(each).resolve())

    def allow(self, path: Path) -> Path:
        """Give a path that is in the scope: below the fake host's folder or the one for temporary files, or picked."""
        scope = {self._root, Path(tempfile.gettempdir()).resolve(), *self._picked}
        if not any(path.resolve().is_relative_to(each) for each in scope):
            msg = (
                f"forbidden path: {path}, maybe it is not allowed on the scope; a fake host allows {self._root}, "
                f"{tempfile.gettempdir()}, and what `fake_host.answers` lets a dialog give"
            )
            raise FailedError(msg)
        return path


class FakePath:
    """The commands of `plugin:path`."""

    def __init__(self, directories: Directories) -> None:
        """Answer with those directories."""
        self._directories = directories

    def resolve_directory(self, call: Call, _label: str) -> str:
        """Give a directory, or a path below one."""
        number = call.args["directory"]
        if not isinstance(number, int) or not 1 <= number <= len(_DIRECTORIES):
            wanted = ", ".join(map(str, range(1, len(_DIRECTORIES) + 1)))
            refuse_argument(call.command, "directory", f"invalid value: {number}, expected one of: {wanted}")
        return str(self._directories.of(number) / (call.args.get("path") or ""))

    def resolve(self, call: Call, _label: str) -> str:
        """Join paths to an absolute one."""
        return os.path.normpath(Path.cwd().joinpath(*call.args["paths"]))

    def normalize(self, call: Call, _label: str) -> str:
        """Take `.` and `..` out."""
        path = call.args["path"]
        found = _normal(path)
        if not found and path in {"", ".", ".."}:
            return path or "."
        return found + os.sep if path.endswith(("/", "\\")) and not found.endswith(os.sep) else found

    def join(self, call: Call, _label: str) -> str:
        """Join paths, absolute ones too."""
        return _normal("/".join(filter(None, call.args["paths"]))) or "."

    def dirname(self, call: Call, _label: str) -> str:
        """Give the directory of a path."""
        path = PurePath(call.args["path"])
        if path.parent == path:
            msg = "path does not have a parent"
            raise FailedError(msg)
        return "" if path.parent == PurePath() else str(path.parent)

    def extname(self, call: Call, _label: str) -> str:
        """Give the extension of a name."""
        if not (suffix := PurePath(call.args["path"]).suffix):
            msg = "path does not have an extension"
            raise FailedError(msg)
        return suffix[1:]

    def basename(self, call: Call, _label: str) -> str:
        """Give the last part of a path."""
        if not (name := PurePath(call.args["path"]).name):
            msg = "path does not have a basename"
            raise FailedError(msg)
        return name.removesuffix(call.args.get("ext") or "")

    def is_absolute(self, call: Call, _label: str) -> bool:
        """Tell whether a path is absolute."""
        return PurePath(call.args["path"]).is_absolute()


def _normal(path: str) -> str:
    kept: list[str] = []
    pure = PurePath(path)
    for part in pure.parts[bool(pure.anchor) :]:
        if part != "..":
            kept.append(part)
        elif kept:
            kept.pop()
    return pure.anchor + str(PurePath(*kept)) if kept else pure.anchor


class FakeFs:
    """The commands of `plugin:fs`, on real files."""

    def __init__(self, directories: Directories, handles: Handles) -> None:
        """Work in those directories."""
        self._directories = directories
        self._handles = handles

    def mkdir(self, call: Call, _label: str) -> None:
        """Make a directory."""
        path = self._path(call)
        with _failing("create directory at path", path):
            if _options(call).get("recursive"):
                path.mkdir(parents=True, exist_ok=True)
            else:
                path.mkdir()

    def copy_file(self, call: Call, _label: str) -> None:
        """Copy a file."""
        source = self._path(call, "fromPath", "fromPathBaseDir")
        with _failing("copy file from path", source):
            shutil.copyfile(source, self._path(call, "toPath", "toPathBaseDir"))

    def remove(self, call: Call, _label: str) -> None:
        """Remove a file or a directory."""
        path = self._path(call)
        with _failing("get metadata of path", path):
            is_folder = stat.S_ISDIR(path.lstat().st_mode)
        with _failing("remove path", path):
            if is_folder and _options(call).get("recursive"):
                shutil.rmtree(path)
            elif is_folder:
                path.rmdir()
            else:
                path.unlink()

    def rename(self, call: Call, _label: str) -> None:
        """Rename or move a file."""
        path = self._path(call, "oldPath", "oldPathBaseDir")
        with _failing("rename old path", path):
            path.replace(self._path(call, "newPath", "newPathBaseDir"))

    def truncate(self, call: Call, _label: str) -> None:
        """Cut a file, or make it longer."""
        path = self._path(call)
        with _failing("open file at path", path), path.open("r+b") as file:
            file.truncate(call.args.get("len") or 0)

    def read_dir(self, call: Call, _label: str) -> list[dict[str, object]]:
        """List a directory."""
        path = self._path(call)
        with _failing("read directory at path", path):
            return [{"name": each.name, **_kind(each.lstat())} for each in sorted(path.iterdir())]

    def read_file(self, call: Call, _label: str) -> bytes:
        """Read a file."""
        path = self._path(call)
        with _failing("open file at path", path):
            return path.read_bytes()

    read_text_file = read_file

    def write_file(self, call: Call, _label: str) -> None:
        """Write a file, whose path is a header and whose content is the whole body."""
        if "path" not in call.headers:
            msg = "missing file path"
            raise FailedError(msg)
        header = call.headers.get("options", "")
        options = json.loads(header) if header not in {"", "undefined", "null"} else {}
        path = self._resolved(unquote(call.headers["path"]), options.get("baseDir"), call.command, "path")
        mode = "x" if options.get("createNew") else "a" if options.get("append") else "w"
        with _failing("open file at path", path):
            if options.get("create") is False:
                path.stat()
            with path.open(f"{mode}b") as file:
                file.write(bytes(call.args))

    write_text_file = write_file

    def stat(self, call: Call, _label: str) -> dict[str, object]:
        """Tell about a file."""
        path = self._path(call)
        with _failing("get metadata of path", path):
            return _about(path.stat())

    def lstat(self, call: Call, _label: str) -> dict[str, object]:
        """Tell about a file, or a link."""
        path = self._path(call)
        with _failing("get metadata of path", path):
            return _about(path.lstat())

    def exists(self, call: Call, _label: str) -> bool:
        """Tell whether a file is there."""
        return self._path(call).exists()

    def size(self, call: Call, _label: str) -> int:
        """Give the size of a file, or of all files in a directory."""
        path = self._path(call)
        with _failing("get metadata of path", path):
            return sum(each.stat().st_size for each in _below(path))

    def open(self, call: Call, _label: str) -> int:
        """Open a file."""
        path, options = self._path(call), _options(call)
        writes = options.get("write") or options.get("append")
        if not writes and any(options.get(each) for each in ("create", "createNew", "truncate")):
            why = "creating or truncating a file requires write or append access"
            msg = f"failed to open file at path: {path} with error: {why}"
            raise FailedError(msg)
        mode = os.O_RDWR if writes else os.O_RDONLY
        for name, flag in (("create", os.O_CREAT), ("truncate", os.O_TRUNC), ("append", os.O_APPEND)):
            mode |= flag if options.get(name) else 0
        mode |= os.O_CREAT | os.O_EXCL if options.get("createNew") else 0
        with _failing("open file at path", path):
            number = os.open(path, mode | getattr(os, "O_BINARY", 0), 0o666)
        return self._handles.add(os.fdopen(number, "r+b" if writes else "rb", buffering=0))

    def create(self, call: Call, _label: str) -> int:
        """Make a file, and open it."""
        path = self._path(call)
        with _failing("open file at path", path):
            return self._handles.add(path.open("w+b", buffering=0))

    def read(self, call: Call, _label: str) -> bytes:
        """Read from an open file: as many bytes as were asked for, then how many of them were read."""
        data = self._file(call).read(call.args["len"])
        return bytes(data.ljust(call.args["len"], b"\0")) + len(data).to_bytes(8, "big")

    def write(self, call: Call, _label: str) -> int:
        """Write to an open file."""
        return self._file(call).write(bytes(call.args["data"]))

    def seek(self, call: Call, _label: str) -> int:
        """Move in an open file."""
        return self._file(call).seek(call.args["offset"], call.args["whence"])

    def ftruncate(self, call: Call, _label: str) -> None:
        """Cut an open file."""
        self._file(call).truncate(call.args.get("len") or 0)

    def fstat(self, call: Call, _label: str) -> dict[str, object]:
        """Tell about an open file."""
        return _about(os.fstat(self._file(call).fileno()))

    def read_text_file_lines(self, call: Call, _label: str) -> int:
        """Open a file to read its lines."""
        path = self._path(call)
        with _failing("open file at path", path):
            return self._handles.add(path.open("rb"))

    def read_text_file_lines_next(self, call: Call, _label: str) -> bytes:
        """Read a line and one more byte, which is 1 at the end."""
        line = self._file(call).readline()
        if not line:
            self._handles.close(call.args["rid"])
            return b"\1"
        return line.removesuffix(b"\n").removesuffix(b"\r") + b"\0"

    def _file(self, call: Call) -> BinaryIO:
        file: BinaryIO = self._handles.of(call.args["rid"])
        return file

    def _path(self, call: Call, name: str = "path", base: str = "baseDir") -> Path:
        return self._resolved(call.args[name], _options(call).get(base), call.command, name)

    def _resolved(self, text: str, base: int | None, command: str, name: str) -> Path:
        if text.startswith("file:"):
            text = url2pathname(urlsplit(text).path)
        elif "://" in text:
            msg = "URL is not a valid path"
            raise FailedError(msg)
        if ".." in PurePath(text).parts:
            why = "expected Unsafe PathBuf: cannot traverse directory, rewrite the path without the use of `../`"
            refuse_argument(command, name, f'invalid value: string "{text}", {why}')
        return self._directories.allow(Path(text) if base is None else self._directories.of(base) / text)


class _failing:  # noqa: N801 - reads as a statement
    """Turns what the system says into what the command would answer."""

    def __init__(self, what: str, path: Path) -> None:
        self._what = f"failed to {what}: {path}"

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, _traceback: object) -> None:
        if isinstance(error, OSError):
            why = str(error) if error.errno is None else f"{error.strerror} (os error {error.errno})"
            msg = f"{self._what} with error: {why}"
            raise FailedError(msg) from error


def _options(call: Call) -> dict[str, Any]:
    return call.args.get("options") or {}


def _below(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from (each for each in path.rglob("*") if each.is_file())
    else:
        yield path


def _kind(about: os.stat_result) -> dict[str, object]:
    checks = {"isDirectory": stat.S_ISDIR, "isFile": stat.S_ISREG, "isSymlink": stat.S_ISLNK}
    return {name: check(about.st_mode) for name, check in checks.items()}


def _about(about: os.stat_result) -> dict[str, object]:
    times = {f"{name}time": int(getattr(about, f"st_{name}time") * 1000) for name in ("a", "m")}
    numbers = ("dev", "ino", "mode", "nlink", "uid", "gid", "rdev", "blksize", "blocks")
    return {
        **_kind(about),
        **times,
        **{name: getattr(about, f"st_{name}", None) for name in numbers},
        "birthtime": None,
        "fileAttribues": None,  # as Tauri misspells it
        "readonly": not about.st_mode & stat.S_IWUSR,
        "size": about.st_size,
    }
