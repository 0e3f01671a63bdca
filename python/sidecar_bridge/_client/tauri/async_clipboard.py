# Generated from `tools/tauri-api/tauri-api.json` by `tools/tauri-api/emit.py`: do not edit.
# Descriptions are Tauri's, adapted: see NOTICE in the package's licences.

"""Tauri's plugin clipboard-manager: the clipboard, for asyncio."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar_bridge._client.failure import loading
from sidecar_bridge._client.tauri.async_plugin import AsyncPlugin
from sidecar_bridge.tauri import _arguments as arguments
from sidecar_bridge.tauri import _results as results

if TYPE_CHECKING:
    from os import PathLike

    from sidecar_bridge._client.tauri.async_image import AsyncImage
    from sidecar_bridge.tauri.rgba import Rgba


class AsyncClipboard(AsyncPlugin):
    """Plugin clipboard-manager: the clipboard.

    Every method has Tauri's own meaning, and needs its permission.
    """

    _prefix = "plugin:clipboard-manager|"

    async def write_text(self, text: str) -> None:
        """Write plain text to the clipboard.

        Needs `clipboard-manager:allow-write-text`.
        """
        return await self._call("write_text", {"text": arguments.text(text, "text")}, results.nothing)

    async def read_text(self) -> str:
        """Give the clipboard content as plain text.

        An empty clipboard, or one with something else, is a `CommandError`.

        Needs `clipboard-manager:allow-read-text`.
        """
        return await self._call("read_text", {}, results.text)

    async def write_image(self, image: AsyncImage | Rgba | str | PathLike[str] | bytes) -> None:
        """Write an image to the clipboard.

        Needs `clipboard-manager:allow-write-image`.
        """
        return await self._call("write_image", {"image": arguments.image(image, "image")}, results.nothing)

    async def write_html(self, html: str, alt_text: str | None = None) -> None:
        """Write HTML to the clipboard, and a plain text for programs that take no HTML.

        Without `alt_text` nothing can be read as text afterwards.

        Needs `clipboard-manager:allow-write-html`.
        """
        args: dict[str, object] = {"html": arguments.text(html, "html")}
        if alt_text is not None:
            args["altText"] = arguments.text(alt_text, "alt_text")
        return await self._call("write_html", args, results.nothing)

    async def clear(self) -> None:
        """Clear the clipboard.

        Needs `clipboard-manager:allow-clear`.
        """
        return await self._call("clear", {}, results.nothing)

    async def write_secret(self, text: str) -> None:
        """Write a secret to the clipboard, such as a password, and asks clipboard managers not to keep it.

        Needs `clipboard-manager:allow-write-secret`.
        """
        return await self._call("write_secret", {"text": arguments.text(text, "text")}, results.nothing)

    async def read_image(self) -> AsyncImage:
        """Give the image that the clipboard has; an empty clipboard, or one with something else, is a `CommandError`.

        Needs `clipboard-manager:allow-read-image`, and `core:resources:allow-close` for the end of the image.
        """
        with loading:
            from sidecar_bridge._client.tauri.async_image import the_image_of  # noqa: PLC0415 - only this needs it

        return await the_image_of(self, "plugin:clipboard-manager|read_image", {})
