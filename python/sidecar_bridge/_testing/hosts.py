"""What stands for the hosts of `serve` while a fake host is the host of the process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from sidecar_bridge._client.host import Host

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sidecar_bridge._client.async_host import AsyncHost

_DIRECTORIES = ("appData", "appLocalData", "appConfig", "appCache", "appLog", "resource", "temp")


class _FakeHost(Protocol):
    """What is needed here of a `FakeHost`, whose module imports this one."""

    path: str
    token: str

    @property
    def async_host(self) -> AsyncHost: ...


class FakeHosts:
    """The hosts of `serve`, for a fake host."""

    def __init__(self, fake: _FakeHost, directory: Path) -> None:
        """Stand for the hosts of an app that `fake` is, whose files are in that directory."""
        self._fake = fake
        self._directory = directory
        self.blocking: Host = Host(fake.path, fake.token)
        """The host of blocking code, as in an app: in an event loop it warns."""

    @property
    def for_asyncio(self) -> AsyncHost:
        """The host of the running loop."""
        return self._fake.async_host

    @property
    def directories(self) -> Mapping[str, object]:
        """The directories of the app, which go with the fake host."""
        return {name: str(self._directory / name) for name in _DIRECTORIES}
