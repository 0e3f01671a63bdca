# Generated from `_client/tauri/async_image.py` by `python/tools/blocking.py`: do not edit.

"""Tauri's images, for blocking code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar_bridge._client.failure import no_answer_of_tauri
from sidecar_bridge._client.resource import Resource, invoke_undoably
from sidecar_bridge._client.tauri.plugin import Plugin
from sidecar_bridge._client.undo import Undo
from sidecar_bridge.tauri import _arguments as arguments
from sidecar_bridge.tauri import _results as results

if TYPE_CHECKING:
    from os import PathLike

    from sidecar_bridge.tauri.dpi import PhysicalSize
    from sidecar_bridge.tauri.rgba import Rgba

CLOSE = Undo("plugin:resources|close", answer={"rid": ""})
"""What undoes a command whose answer is the number of a resource."""


class Image(Resource):
    """An image that the app holds. Give it wherever a command takes an image, in its window."""

    def rgba(self, *, timeout_s: float | None = None) -> bytes:
        """Give its pixels: four bytes for each, red, green, blue and how opaque, row by row.

        Needs `core:image:allow-rgba`, which `core:image:default` has.
        """
        return results.data(self._invoke("plugin:image|rgba", {"rid": self}, timeout_s=timeout_s))

    def size(self, *, timeout_s: float | None = None) -> PhysicalSize:
        """Give its width and height in pixels.

        Needs `core:image:allow-size`, which `core:image:default` has.
        """
        return results.physical_size(self._invoke("plugin:image|size", {"rid": self}, timeout_s=timeout_s))


class Images(Plugin):
    """Images that the app holds, so that their pixels travel once.

    Each ends with `close`, with its block, when nobody has it any more, or with its window; closing needs
    `core:resources:allow-close`, which `core:resources:default` has.
    """

    _prefix = "plugin:image|"

    def new(self, image: Rgba) -> Image:
        """Make one of pixels.

        Needs `core:image:allow-new`, which `core:image:default` has.
        """
        pixels = arguments.rgba(image, "image")
        return self._image("new", pixels)

    def from_path(self, path: str | PathLike[str]) -> Image:
        """Make one of a file. The app needs Tauri's feature `image-png` or `image-ico`.

        Needs `core:image:allow-from-path`, which `core:image:default` has.
        """
        return self._image("from_path", {"path": arguments.path(path, "path")})

    def from_bytes(self, data: bytes) -> Image:
        """Make one of the bytes of a file. The app needs Tauri's feature `image-png` or `image-ico`.

        Needs `core:image:allow-from-bytes`, which `core:image:default` has.
        """
        return self._image("from_bytes", {"bytes": arguments.data(data, "data")})

    def _image(self, command: str, args: dict[str, object]) -> Image:
        return the_image_of(self, self._prefix + command, args)


def image_of(plugin: Plugin, command: str, args: dict[str, object]) -> Image | None:
    """Run a command that gives an image, or none."""
    made = invoke_undoably(plugin, command, args, undo=CLOSE, window=plugin._label, timeout_s=plugin._timeout_s)
    return Image(plugin, made, results.integer(made.answer)) if made.number else None


def the_image_of(plugin: Plugin, command: str, args: dict[str, object]) -> Image:
    """Run a command that gives an image."""
    made = image_of(plugin, command, args)
    if made is None:
        raise no_answer_of_tauri(f"the answer of command `{command}`", "is no image")
    return made
