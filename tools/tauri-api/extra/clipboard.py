"""Methods of `AsyncClipboard` that are written by hand; `emit.py` puts them into the class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar_bridge._client.failure import loading
from sidecar_bridge._client.tauri.async_clipboard import AsyncClipboard as _Made

if TYPE_CHECKING:
    from sidecar_bridge._client.tauri.async_image import AsyncImage


class AsyncClipboard(_Made):
    """The class that is made, with these."""

    async def read_image(self) -> AsyncImage:
        """Give the image that the clipboard has; an empty clipboard, or one with something else, is a `CommandError`.

        Needs `clipboard-manager:allow-read-image`, and `core:resources:allow-close` for the end of the image.
        """
        with loading:
            from sidecar_bridge._client.tauri.async_image import the_image_of  # noqa: PLC0415 - only this needs it

        return await the_image_of(self, "plugin:clipboard-manager|read_image", {})
