# Generated from `tools/tauri-api/tauri-api.json` by `tools/tauri-api/emit.py`: do not edit.
# Descriptions are Tauri's, adapted: see NOTICE in the package's licences.

"""Tauri's plugin opener: files and links in other programs, for asyncio."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar_bridge._client.tauri.async_plugin import AsyncPlugin
from sidecar_bridge.tauri import _arguments as arguments
from sidecar_bridge.tauri import _results as results

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike


class AsyncOpener(AsyncPlugin):
    """Plugin opener: files and links in other programs.

    Every method has Tauri's own meaning, and needs its permission.
    """

    _prefix = "plugin:opener|"

    async def open_url(self, url: str, open_with: str | None = None) -> None:
        """Open a url with the system's default app, or the one specified with `open_with`.

        The default permission has http, https, mailto and tel.

        Needs `opener:allow-open-url`, which `opener:default` has.

        Args:
            url: The URL to open.
            open_with: The app to open the URL with. If not specified, defaults to the system default application for
                the specified url type. Otherwise, it will open the URL in the system default browser.
        """
        args: dict[str, object] = {"url": arguments.text(url, "url")}
        if open_with is not None:
            args["with"] = arguments.text(open_with, "open_with")
        return await self._call("open_url", args, results.nothing)

    async def open_path(self, path: str | PathLike[str], open_with: str | None = None) -> None:
        """Open a path with the system's default app, or the one specified with `open_with`.

        Needs `opener:allow-open-path`.

        Args:
            path: The path to open.
            open_with: The app to open the path with. If not specified, defaults to the system default application for
                the specified path type.
        """
        args: dict[str, object] = {"path": arguments.path(path, "path")}
        if open_with is not None:
            args["with"] = arguments.text(open_with, "open_with")
        return await self._call("open_path", args, results.nothing)

    async def reveal(self, paths: Sequence[str | PathLike[str]]) -> None:
        """Reveal a path with the system's default explorer.

        Needs `opener:allow-reveal-item-in-dir`, which `opener:default` has.
        """
        return await self._call(
            "reveal_item_in_dir", {"paths": arguments.many(arguments.path)(paths, "paths")}, results.nothing
        )
