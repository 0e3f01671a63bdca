"""The directories of the app, as Tauri knows them."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from sidecar_bridge._client.errors import BridgeError

if TYPE_CHECKING:
    from collections.abc import Mapping


class Paths:
    """The directories of the app. None of them need exist yet: `paths().data.mkdir(parents=True, exist_ok=True)`.

    They are those of Tauri's `path` module, so that the page, Rust and Python mean the same directories.

    Raises:
        BridgeError: From each property: this system has no such directory, or the app is older than this package.
    """

    def __init__(self, directories: Mapping[str, object]) -> None:
        """Take the member `directories` of a hello."""
        self._directories = directories

    @property
    def data(self) -> Path:
        """For the app's files, such as a database; on Linux in `~/.local/share`."""
        return self._directory("appData")

    @property
    def local_data(self) -> Path:
        """For the app's files that stay on this computer."""
        return self._directory("appLocalData")

    @property
    def config(self) -> Path:
        """For settings; on Linux in `~/.config`."""
        return self._directory("appConfig")

    @property
    def cache(self) -> Path:
        """For what can be made again; on Linux in `~/.cache`."""
        return self._directory("appCache")

    @property
    def log(self) -> Path:
        """For log files."""
        return self._directory("appLog")

    @property
    def resource(self) -> Path:
        """What the app was installed with: `bundle.resources` of `tauri.conf.json`. Not writable as a rule."""
        return self._directory("resource")

    @property
    def temp(self) -> Path:
        """For temporary files, of all programs."""
        return self._directory("temp")

    def __repr__(self) -> str:
        """Name each directory that there is."""
        shown = []
        for name in (name for name, each in vars(Paths).items() if isinstance(each, property)):
            with suppress(BridgeError):
                shown.append(f"{name}={str(getattr(self, name))!r}")
        return f"Paths({', '.join(shown)})"

    def _directory(self, name: str) -> Path:
        directory = self._directories.get(name)
        if not isinstance(directory, str):
            msg = f"the app has no directory `{name}`; is the plugin older than this package?"
            raise BridgeError(msg)
        return Path(directory)


def paths() -> Paths:
    """Give the directories of the app, in any process of a sidecar, also before `serve` is called.

    Before `serve`, and in other processes than its own, the first call asks the host, usually for less than
    1 ms.

    Raises:
        BridgeError: There is no host, or it does not answer.
    """
    from sidecar_bridge._serve.current import current_hosts  # noqa: PLC0415 - imports the client
    from sidecar_bridge._serve.dial import is_spare  # noqa: PLC0415 - as above

    if is_spare():
        from sidecar_bridge._serve.spare import the_spare  # noqa: PLC0415 - most processes are none

        return Paths(the_spare().directories)
    return Paths(current_hosts().directories)
