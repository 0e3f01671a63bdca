# Generated from `_client/tauri/async_updater.py` by `python/tools/blocking.py`: do not edit.

"""Tauri's plugin updater: newer versions of the app, for blocking code."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from sidecar_bridge._client import wire
from sidecar_bridge._client.errors import CommandError, NotFoundError, ProblemError, TransportError
from sidecar_bridge._client.failure import is_gone
from sidecar_bridge._client.resource import invoke_undoably
from sidecar_bridge._client.tauri.handle import Handle
from sidecar_bridge._client.tauri.plugin import Plugin, as_read
from sidecar_bridge._client.tauri.progress import call_with_progress, taking
from sidecar_bridge._client.undo import Undo
from sidecar_bridge.tauri import _arguments as arguments
from sidecar_bridge.tauri import _results as results
from sidecar_bridge.tauri.updater import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import timedelta

    from sidecar_bridge._client.undo import Made

_T = TypeVar("_T")

_CLOSE = Undo("plugin:resources|close", answer={"rid": "/rid"})


class Updater(Plugin):
    """Plugin updater: newer versions of the app.

    Every method has Tauri's own meaning, and needs its permission.
    """

    _prefix = "plugin:updater|"

    def check(
        self,
        *,
        headers: Mapping[str, str] | None = None,
        within: timedelta | None = None,
        proxy: str | None = None,
        target: str | None = None,
    ) -> Update | None:
        """Ask the app's update servers for a newer version; `None` if there is none.

        Without servers in the configuration this is a `CommandError`.

        Needs `updater:allow-check`, which `updater:default` has, and `core:resources:allow-close` to close what comes.

        Args:
            headers: Headers of the request.
            within: How long the servers may take. `using(timeout_s=…)` says how long to wait for the app.
            proxy: The URL of a proxy for this request and for the download.
            target: What to ask for instead of this system.
        """
        args: dict[str, object] = _asking(headers, within)
        if proxy is not None:
            args["proxy"] = arguments.text(proxy, "proxy")
        if target is not None:
            args["target"] = arguments.text(target, "target")
        command = self._prefix + "check"
        made = invoke_undoably(self, command, args, undo=_CLOSE, window=self._label, timeout_s=self._timeout_s)
        if made.answer is None:
            return None
        update = as_read(lambda _answer: Update(self, made), made.answer, f"the answer of command `{command}`")
        update._timeout_s = self._timeout_s
        return update


class Update(Handle):
    """A newer version of the app, made by `host.updater.check`.

    What it has downloaded is in the memory of the app until it is installed, until `close`, or until the window is
    closed in which it was made.

    Attributes:
        version: The newer version.
        current_version: The version that runs.
        date: When it was published, if the server says it.
        body: Its notes, if the server has some.
        raw: All that the server says of it.
    """

    _prefix = "plugin:updater|"

    def __init__(self, updater: Updater, made: Made) -> None:
        """Made by `Updater.check`."""
        answer = made.answer
        results.members(answer)
        self.version: str = results.text(answer["version"])
        self.current_version: str = results.text(answer["currentVersion"])
        date = results.maybe(results.text)(answer.get("date"))
        self.date: datetime | None = None if date is None else datetime.fromisoformat(date)
        self.body: str | None = results.maybe(results.text)(answer.get("body"))
        self.raw: dict[str, Any] = results.mapping(results.anything)(answer["rawJson"])
        self._downloaded: int | None = None
        super().__init__(updater, made, results.integer(answer["rid"]))

    @property
    def is_downloaded(self) -> bool:
        """Whether it was downloaded and not installed yet."""
        return self._downloaded is not None

    def download(
        self,
        *,
        headers: Mapping[str, str] | None = None,
        within: timedelta | None = None,
        on_progress: Callable[[Progress], object] | None = None,
    ) -> None:
        """Download it, and check its signature.

        Needs `updater:allow-download`, which `updater:default` has, and the app's interceptor for channels.

        Args:
            headers: Headers of the request, in the place of those of `check`.
            within: How long the download may take.
            on_progress: Called after each piece, here and in their order; an exception of it ends the call.
        """
        args = _asking(headers, within)
        downloaded = self._with_progress("download", args, on_progress, results.integer)
        self._drop_download()
        self._downloaded = downloaded

    def install(self, *, restart_after_install: bool | None = None) -> None:
        """Install what was downloaded. On Windows the app ends with this; elsewhere the next start is the newer one.

        Needs `updater:allow-install`, which `updater:default` has.

        Args:
            restart_after_install: Whether Windows' installer starts the app again; left out, it does.

        Raises:
            ValueError: Nothing was downloaded.
        """
        if self._downloaded is None:
            msg = "nothing was downloaded that could be installed; `download()` first, or `download_and_install()`"
            raise ValueError(msg)
        args: dict[str, object] = {"bytesRid": self._downloaded, **_restarting(restart_after_install)}
        self._call("install", args, results.nothing, "updateRid")
        self._downloaded = None

    def download_and_install(
        self,
        *,
        headers: Mapping[str, str] | None = None,
        within: timedelta | None = None,
        restart_after_install: bool | None = None,
        on_progress: Callable[[Progress], object] | None = None,
    ) -> None:
        """Download and install it. On Windows the app ends with this; elsewhere the next start is the newer version.

        Needs `updater:allow-download-and-install`, which `updater:default` has, and the app's interceptor for channels.

        Args:
            headers: Headers of the request, in the place of those of `check`.
            within: How long the download may take.
            restart_after_install: Whether Windows' installer starts the app again; left out, it does.
            on_progress: Called after each piece, here and in their order; an exception of it ends the call.
        """
        args = {**_asking(headers, within), **_restarting(restart_after_install)}
        self._with_progress("download_and_install", args, on_progress, results.nothing)

    def close(self, *, timeout_s: float | None = None) -> None:
        """Let the app forget it, and what it has downloaded; a second time does nothing.

        Needs `core:resources:allow-close`. Raises what `Resource.close` raises.
        """
        if not self.is_closed:
            self._drop_download()
        super().close(timeout_s=timeout_s)

    def _drop_download(self) -> None:
        rid, self._downloaded = self._downloaded, None
        if rid is None:
            return
        request = wire.invoke("plugin:resources|close", {"rid": rid}, self._window)
        try:
            self._link.ask(request, self._timeout_s)
        except (NotFoundError, CommandError):
            # It went with its window.
            return
        except TransportError as error:
            if not is_gone(error):
                raise

    def _with_progress(
        self,
        command: str,
        args: dict[str, object],
        on_progress: Callable[[Progress], object] | None,
        read: Callable[[Any], _T],
    ) -> _T:
        take = taking(on_progress)
        downloaded, total = 0, None

        def count(step: tuple[int, int | None]) -> None:
            nonlocal downloaded, total
            downloaded, total = downloaded + step[0], total if step[1] is None else step[1]
            if step[0]:
                take(Progress(downloaded, total))

        request = (self._prefix + command, {"rid": self.rid, **args}, self._window, "onEvent")
        try:
            return call_with_progress(self._link, request, self._timeout_s, _step, count, read)
        except ProblemError as error:
            self._check_end(error)
            raise


def _step(value: Any) -> tuple[int, int | None]:
    """Give how many bytes have come, and of how many if it is said."""
    match value:
        case {"event": "Started", "data": {"contentLength": total}}:
            return 0, results.maybe(results.integer)(total)
        case {"event": "Progress", "data": {"chunkLength": length}}:
            return results.integer(length), None
        case {"event": "Finished"}:
            return 0, None
    msg = "an event that is none of Started, Progress and Finished"
    raise ValueError(msg)


def _asking(headers: Mapping[str, str] | None, within: timedelta | None) -> dict[str, object]:
    args: dict[str, object] = {}
    if headers is not None:
        pairs = arguments.mapping(arguments.text)(headers, "headers")
        args["headers"] = [list(pair) for pair in pairs.items()]
    if within is not None:
        args["timeout"] = arguments.milliseconds(within, "within")
    return args


def _restarting(restart_after_install: bool | None) -> dict[str, object]:
    if restart_after_install is None:
        return {}
    return {"restartAfterInstall": arguments.boolean(restart_after_install, "restart_after_install")}
