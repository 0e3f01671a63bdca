"""Methods of `AsyncDeepLink` that no command is behind; `emit.py` puts them into the class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar_bridge._client.failure import loading
from sidecar_bridge._client.tauri.async_deep_link import AsyncDeepLink as _Made

if TYPE_CHECKING:
    from collections.abc import Callable

    from sidecar_bridge._client.async_handlers import AsyncHandling


class AsyncDeepLink(_Made):
    """The class that is made, with these."""

    async def on_open_url(self, handler: Callable[[list[str]], object]) -> AsyncHandling:
        """Call a function with the links that open the app while it runs. `current` has those that have started it.

        On Linux and Windows a link starts the app once more, with nothing else on its command line. The first one hears
        of it if it has the plugin single-instance with the feature `deep-link`, and the scheme in its configuration.

        Needs `core:event:allow-listen`, which `core:event:default` has.

        Args:
            handler: What is called with each list of links.
        """
        with loading:
            from sidecar_bridge._client.async_handlers import handling  # noqa: PLC0415 - only this needs it
            from sidecar_bridge._client.tauri.heard import LINKS  # noqa: PLC0415

        return await handling(self._link, LINKS, self._label, handler, self._timeout_s)
