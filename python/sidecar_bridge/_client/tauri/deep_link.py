# Generated from `_client/tauri/async_deep_link.py` by `python/tools/blocking.py`: do not edit.

# Generated from `tools/tauri-api/tauri-api.json` by `tools/tauri-api/emit.py`: do not edit.
# Descriptions are Tauri's, adapted: see NOTICE in the package's licences.

"""Tauri's plugin deep-link: links that open the app, for blocking code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar_bridge._client.failure import loading
from sidecar_bridge._client.tauri.plugin import Plugin
from sidecar_bridge.tauri import _arguments as arguments
from sidecar_bridge.tauri import _results as results

if TYPE_CHECKING:
    from collections.abc import Callable

    from sidecar_bridge._client.handlers import Handling


class DeepLink(Plugin):
    """Plugin deep-link: links that open the app.

    Every method has Tauri's own meaning, and needs its permission.
    """

    _prefix = "plugin:deep-link|"

    def current(self) -> list[str] | None:
        """Get the current URLs that triggered the deep link.

        Use this on app load to check whether your app was started via a deep link.

        Needs `deep-link:allow-get-current`, which `deep-link:default` has.
        """
        return self._call("get_current", {}, results.maybe(results.many(results.text)))

    def register(self, protocol: str) -> None:
        """Register the app as the default handler for the specified protocol.

        Needs `deep-link:allow-register`.

        Args:
            protocol: The name of the protocol without `://`. For example, if you want your app to handle `tauri://`
                links, call this method with `tauri` as the protocol.
        """
        return self._call("register", {"protocol": arguments.text(protocol, "protocol")}, results.nothing)

    def unregister(self, protocol: str) -> None:
        """Unregister the app as the default handler for the specified protocol.

        Needs `deep-link:allow-unregister`.

        Args:
            protocol: The name of the protocol without `://`.
        """
        return self._call("unregister", {"protocol": arguments.text(protocol, "protocol")}, results.nothing)

    def is_registered(self, protocol: str) -> bool:
        """Check whether the app is the default handler for the specified protocol.

        On Linux it asks `xdg-mime`, and that of xdg-utils 1.1, as in Debian 12, knows no program whose path is in
        quotes, as `register` writes it: there this stays false, though links open the app.

        Needs `deep-link:allow-is-registered`.

        Args:
            protocol: The name of the protocol without `://`.
        """
        return self._call("is_registered", {"protocol": arguments.text(protocol, "protocol")}, results.boolean)

    def on_open_url(self, handler: Callable[[list[str]], object]) -> Handling:
        """Call a function with the links that open the app while it runs. `current` has those that have started it.

        On Linux and Windows a link starts the app once more, with nothing else on its command line. The first one hears
        of it if it has the plugin single-instance with the feature `deep-link`, and the scheme in its configuration.

        Needs `core:event:allow-listen`, which `core:event:default` has.

        Args:
            handler: What is called with each list of links.
        """
        with loading:
            from sidecar_bridge._client.handlers import handling  # noqa: PLC0415 - only this needs it
            from sidecar_bridge._client.tauri.heard import LINKS  # noqa: PLC0415

        return handling(self._link, LINKS, self._label, handler, self._timeout_s)
