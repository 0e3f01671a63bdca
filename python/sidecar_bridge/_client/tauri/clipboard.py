# Generated from `_client/tauri/async_clipboard.py` by `python/tools/blocking.py`: do not edit.

# Generated from `tools/tauri-api/tauri-api.json` by `tools/tauri-api/emit.py`: do not edit.
# Descriptions are Tauri's, adapted: see NOTICE in the package's licences.

"""Tauri's plugin clipboard-manager: the clipboard, for blocking code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar_bridge._client.failure import loading
from sidecar_bridge._client.tauri.plugin import Plugin
from sidecar_bridge.tauri import _arguments as arguments
from sidecar_bridge.tauri import _results as results

if TYPE_CHECKING:
    from os import PathLike

    from sidecar_bridge._client.tauri.image import Image
    from sidecar_bridge.tauri.rgba import Rgba


class Clipboard(Plugin):
    """Plugin clipboard-manager: the clipboard.

    Every method has Tauri's own meaning, and needs its permission.
    """

    _prefix = "plugin:clipboard-manager|"

    def write_text(self, text: str) -> None:
        """Write plain text to the clipboard.

        Needs `clipboard-manager:allow-write-text`.
        """
        return self._call("write_text", {"text": arguments.text(text, "text")}, results.nothing)

    def read_text(self) -> str:
        """Give the clipboard content as plain text.

        An empty clipboard, or one with something else, is a `CommandError`.

        Needs `clipboard-manager:allow-read-text`.
        """
        return self._call("read_text", {}, results.text)

    def write_image(self, image: Image | Rgba | str | PathLike[str] | bytes) -> None:
        """Write an image to the clipboard.

        Needs `clipboard-manager:allow-write-image`.
        """
        return self._call("write_image", {"image": arguments.image(image, "image")}, results.nothing)

    def write_html(self, html: str, alt_text: str | None = None) -> None:
        """Write HTML to the clipboard, and a plain text for programs that take no HTML.

        Without `alt_text` nothing can be read as text afterwards.

        Needs `clipboard-manager:allow-write-html`.
        """
        args: dict[str, object] = {"html": arguments.text(html, "html")}
        if alt_text is not None:
            args["altText"] = arguments.text(alt_text, "alt_text")
        return self._call("write_html", args, results.nothing)

    def clear(self) -> None:
        """Clear the clipboard.

        Needs `clipboard-manager:allow-clear`.
        """
        return self._call("clear", {}, results.nothing)

    def write_secret(self, text: str) -> None:
        """Write a secret to the clipboard, such as a password, and asks clipboard managers not to keep it.

        Needs `clipboard-manager:allow-write-secret`.
        """
        return self._call("write_secret", {"text": arguments.text(text, "text")}, results.nothing)

    def read_image(self) -> Image:
        """Give the image that the clipboard has; an empty clipboard, or one with something else, is a `CommandError`.

        Needs `clipboard-manager:allow-read-image`, and `core:resources:allow-close` for the end of the image.
        """
        with loading:
            from sidecar_bridge._client.tauri.image import the_image_of  # noqa: PLC0415 - only this needs it

        return the_image_of(self, "plugin:clipboard-manager|read_image", {})
