"""Methods of `AsyncApp` that are written by hand; `emit.py` puts them into the class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar_bridge._client.failure import loading
from sidecar_bridge._client.tauri.async_app import AsyncApp as _Made

if TYPE_CHECKING:
    from sidecar_bridge._client.tauri.async_image import AsyncImage


class AsyncApp(_Made):
    """The class that is made, with these."""

    async def default_window_icon(self) -> AsyncImage | None:
        """Give the app's icon; `None` if it has none.

        Needs `core:app:allow-default-window-icon`, and `core:resources:allow-close` for the end of the image.
        """
        with loading:
            from sidecar_bridge._client.tauri.async_image import image_of  # noqa: PLC0415 - only this needs it

        return await image_of(self, "plugin:app|default_window_icon", {})
