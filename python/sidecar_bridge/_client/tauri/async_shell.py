# Generated from `tools/tauri-api/tauri-api.json` by `tools/tauri-api/emit.py`: do not edit.
# Descriptions are Tauri's, adapted: see NOTICE in the package's licences.

"""Tauri's plugin shell: other programs, as far as its scope goes, for asyncio."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from sidecar_bridge._client.tauri.async_children import AsyncChildren
from sidecar_bridge.tauri import _arguments as arguments
from sidecar_bridge.tauri import _results as results
from sidecar_bridge.tauri.shell import ChildProcess

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from os import PathLike


class AsyncShell(AsyncChildren):
    """Plugin shell: other programs, as far as its scope goes.

    Every method has Tauri's own meaning, and needs its permission.
    """

    _prefix = "plugin:shell|"

    async def execute(
        self,
        program: str,
        args: Sequence[str] = (),
        *,
        cwd: str | PathLike[str] | None = None,
        env: Mapping[str, str] | None = None,
        encoding: str | None = None,
    ) -> ChildProcess:
        """Run a program to its end, and give its output.

        Output that is not UTF-8 fails the whole call; `encoding="raw"` gives bytes.

        Needs `shell:allow-execute`.

        Args:
            cwd: Current working directory.
            env: Environment variables. set to `None` to clear the process env.
            encoding: Character encoding for stdout/stderr.
        """
        options: dict[str, object] = {}
        if cwd is not None:
            options["cwd"] = arguments.path(cwd, "cwd")
        if env is not None:
            options["env"] = arguments.mapping(arguments.text)(env, "env")
        if encoding is not None:
            options["encoding"] = arguments.text(encoding, "encoding")
        return await self._call(
            "execute",
            {
                "program": arguments.text(program, "program"),
                "args": arguments.many(arguments.text)(args, "args"),
                "options": options,
            },
            ChildProcess._read,
        )

    async def write(self, pid: int, data: str | bytes | bytearray | memoryview) -> None:
        """Write to the standard input of a child process.

        A pid that is gone is no error.

        Needs `shell:allow-stdin-write`.

        Args:
            data: The message to write, either a string or a byte array.
        """
        return await self._call(
            "stdin_write",
            {
                "pid": arguments.integer(pid, "pid"),
                "buffer": arguments.either(arguments.text, arguments.data)(data, "data"),
            },
            results.nothing,
        )

    async def kill(self, pid: int) -> None:
        """Kill the child process.

        A pid that is gone is no error.

        Needs `shell:allow-kill`.
        """
        return await self._call("kill", {"pid": arguments.integer(pid, "pid")}, results.nothing)

    async def open(
        self,
        path: str,
        open_with: Literal[
            "open",
            "start",
            "xdg-open",
            "gio",
            "gnome-open",
            "kde-open",
            "wslview",
            "firefox",
            "chrome",
            "chromium",
            "safari",
        ]
        | None = None,
    ) -> None:
        r"""Open a path or URL with the system's default app, or the one specified with `open_with`.

        The `open_with` value must be one of `firefox`, `google chrome`, `chromium` `safari`, `open`, `start`,
        `xdg-open`, `gio`, `gnome-open`, `kde-open` or `wslview`.

        Needs `shell:allow-open`, which `shell:default` has.

        Args:
            path: The path or URL to open. This value is matched against the string regex defined on `tauri.conf.json >
                plugins > shell > open`, which defaults to `^((mailto:\w+)|(tel:\w+)|(https?://\w+)).+`.
            open_with: The app to open the file or URL with. Defaults to the system default application for the
                specified path type.
        """
        args: dict[str, object] = {"path": arguments.text(path, "path")}
        if open_with is not None:
            args["with"] = arguments.one_of(
                (
                    "open",
                    "start",
                    "xdg-open",
                    "gio",
                    "gnome-open",
                    "kde-open",
                    "wslview",
                    "firefox",
                    "chrome",
                    "chromium",
                    "safari",
                )
            )(open_with, "open_with")
        return await self._call("open", args, results.nothing)
