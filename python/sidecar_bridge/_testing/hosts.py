"""What stands for the hosts of `serve` while a fake host is the host of the process."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sidecar_bridge._client.async_host import AsyncHost
    from sidecar_bridge._client.host import Host

_DIRECTORIES = ("appData", "appLocalData", "appConfig", "appCache", "appLog", "resource", "temp")


class _FakeHost(Protocol):
    """What is needed here of a `FakeHost`, whose module imports this one."""

    path: str
    host: Host

    @property
    def async_host(self) -> AsyncHost: ...


class FakeHosts:
    """The hosts of `serve`, for a fake host."""

    def __init__(self, fake: _FakeHost) -> None:
        """Stand for the hosts of an app that `fake` is."""
        self._fake = fake

    @property
    def for_asyncio(self) -> AsyncHost:
        """The host of the running loop."""
        return self._fake.async_host

    @property
    def blocking(self) -> Host:
        """The host of blocking code."""
        return self._fake.host

    @property
    def directories(self) -> Mapping[str, object]:
        """The directories of the app, beside the fake host's socket: they go with the fake host."""
        folder = Path(self._fake.path).parent
        return {name: str(folder / name) for name in _DIRECTORIES}
