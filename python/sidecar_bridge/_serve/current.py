"""The host of the app that `serve` runs in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sidecar_bridge._client.errors import BridgeError

if TYPE_CHECKING:
    from sidecar_bridge._client.async_host import AsyncHost
    from sidecar_bridge._client.host import Host


class Hosts(NamedTuple):
    """The same host, for both kinds of code."""

    for_asyncio: AsyncHost
    blocking: Host


_current: Hosts | None = None


def set_hosts(hosts: Hosts) -> None:
    """Make them those of this process; a process serves one host."""
    global _current  # noqa: PLW0603 - a process has one lease
    _current = hosts


def current_hosts() -> Hosts:
    """Give the host of the served app; `BridgeError` outside of `serve`."""
    if _current is None:
        raise BridgeError(
            "no host here: the app does not run under `sidecar_bridge.serve`; start it from the Tauri app"
        )
    return _current
