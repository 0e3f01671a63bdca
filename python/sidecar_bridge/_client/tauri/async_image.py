"""Tauri's images, for asyncio."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar_bridge._client.async_resource import AsyncResource, invoke_undoably
from sidecar_bridge._client.failure import no_answer_of_tauri
from sidecar_bridge._client.tauri.async_plugin import AsyncPlugin
from sidecar_bridge._client.undo import Undo
from sidecar_bridge.tauri import _arguments as arguments
from sidecar_bridge.tauri import _results as results

if TYPE_CHECKING:
    from os import PathLike

    from sidecar_bridge.tauri.dpi import PhysicalSize
    from sidecar_bridge.tauri.rgba import Rgba

CLOSE = Undo("plugin:resources|close", answer={"rid": ""})
"""What undoes a command whose answer is the number of a resource."""


class AsyncImage(AsyncResource):
    """An image that the app holds. Give it wherever a command takes an image, in its window."""

    async def rgba(self, *, timeout_s: float | None = None) -> bytes:
        """Give its pixels: four bytes for each, red, green, blue and how opaque, row by row.

        Needs `core:image:allow-rgba`, which `core:image:default` has.
        """
        return results.data(await self._invoke("plugin:image|rgba", {"rid": self}, timeout_s=timeout_s))

    async def size(self, *, timeout_s: float | None = None) -> PhysicalSize:
        """Give its width and height in pixels.

        Needs `core:image:allow-size`, which `core:image:default` has.
        """
        return results.physical_size(await self._invoke("plugin:image|size", {"rid": self}, timeout_s=timeout_s))


class AsyncImages(AsyncPlugin):
    """Images that the app holds, so that their pixels travel once.

    Each ends with `close`, with its block, when nobody has it any more, or with its window; closing needs
    `core:resources:allow-close`, which `core:resources:default` has.
    """

    _prefix = "plugin:image|"

    async def new(self, image: Rgba) -> AsyncImage:
        """Make one of pixels.

        Needs `core:image:allow-new`, which `core:image:default` has.
        """
        pixels = arguments.rgba(image, "image")
        return await self._image("new", pixels)

    async def from_path(self, path: str | PathLike[str]) -> AsyncImage:
        """Make one of a file. The app needs Tauri's feature `image-png` or `image-ico`.

        Needs `core:image:allow-from-path`, which `core:image:default` has.
        """
        return await self._image("from_path", {"path": arguments.path(path, "path")})

    async def from_bytes(self, data: bytes) -> AsyncImage:
        """Make one of the bytes of a file. The app needs Tauri's feature `image-png` or `image-ico`.

        Needs `core:image:allow-from-bytes`, which `core:image:default` has.
        """
        return await self._image("from_bytes", {"bytes": arguments.data(data, "data")})

    async def _image(self, command: str, args: dict[str, object]) -> AsyncImage:
        return await the_image_of(self, self._prefix + command, args)


async def image_of(plugin: AsyncPlugin, command: str, args: dict[str, object]) -> AsyncImage | None:
    """Run a command that gives an image, or none."""
    made = await invoke_undoably(plugin, command, args, undo=CLOSE, window=plugin._label, timeout_s=plugin._timeout_s)
    return AsyncImage(plugin, made, results.integer(made.answer)) if made.number else None


async def the_image_of(plugin: AsyncPlugin, command: str, args: dict[str, object]) -> AsyncImage:
    """Run a command that gives an image."""
    made = await image_of(plugin, command, args)
    if made is None:
        raise no_answer_of_tauri(f"the answer of command `{command}`", "is no image")
    return made
