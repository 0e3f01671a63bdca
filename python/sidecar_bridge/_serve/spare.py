"""A spare: a process that stands ready as the next generation, and has neither token nor listener nor lease.

The host says what to import, and calls the spare when the generation that serves has ended; see `docs/wire.md`.
"""

from __future__ import annotations

import os
import select
import socket
import sys
import time
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any, NoReturn

from sidecar_bridge._client import wire
from sidecar_bridge._client.errors import BridgeError
from sidecar_bridge._native import PROTOCOL, decode_json
from sidecar_bridge._serve.dial import NO_HOST, STANDBY, address
from sidecar_bridge._serve.fitness import Sources, what_forbids
from sidecar_bridge._serve.output import flush

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

KEY = "`spawn.standbyWithout`"
"""What names modules that are not imported ahead."""

_UNAVAILABLE = 69
"""The exit code of a spare that cannot be used, see sysexits(3)."""

_GONE = 1
"""The exit code of a spare whose host is gone."""

_QUESTION = f'{{"protocol":{PROTOCOL},"role":"standby"}}\n'.encode()


class Spare:
    """The line to the host of a process that waits to be called."""

    def __init__(self, path: str) -> None:
        """Ask the host at that socket what to do ahead.

        Raises:
            ProblemError: The host takes no such process.
        """
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(path)
        self._socket.sendall(_QUESTION)
        self._lines = self._socket.makefile("rb")
        line = self._line()
        brief: Any = decode_json(line)
        if "code" in brief:
            wire.check(wire.Reply(brief["status"], wire.PROBLEM, line))
        self.imports: Sequence[str] = brief.get("imports", ())
        """The modules to import, in that order."""
        self.environment: str | None = brief.get("environment")
        """The environment of the generation that has told of these imports, see `imported.environment`."""
        self.sources: Sequence[str] = brief.get("sources", ())
        """The folders whose modules are the app's own."""
        self.directories: Mapping[str, object] = brief.get("directories", {})
        """The directories of the app, by the names of `docs/wire.md`."""
        self._started_ns: int = brief.get("startedMs", int(time.time() * 1000)) * 1_000_000
        self.is_paced: bool = brief.get("paced", False)
        """Whether to rest as often as to work: this process has the priority of all others."""

    def import_ahead(self) -> None:
        """Import what the last generation had imported. A spare ends here that may not have what one of them brings."""
        for name in self.imports:
            if name in sys.modules:
                continue
            began = time.perf_counter()
            # What fails here may not fail in the program, such as a module that wants settings first.
            with suppress(Exception, SystemExit):
                import_module(name)
            reason = self.what_forbids()
            if reason is not None:
                self.refuse(f"the import of `{name}` {reason}; name it in {KEY}")
            if self.is_paced:
                # The processor is left to others for as long, or until the host says something.
                select.select([self._socket], [], [], time.perf_counter() - began)

    def what_forbids(self) -> str | None:
        """Tell what this process has that no second process may have, such as a thread or an open socket."""
        return what_forbids(self._socket.fileno())

    def wait(self, apart_from: Sequence[str] = ()) -> None:
        """Wait until the host calls, then be a sidecar like any other. A spare that cannot be used ends here.

        Args:
            apart_from: Folders of `sys.path` that may change meanwhile, for nothing was imported from them yet.
        """
        reason = self.what_forbids()
        if reason is not None:
            self.refuse(f"what runs before `serve` {reason}")
        sources = Sources(self._started_ns, apart_from)
        self._say("waiting")
        self._hear("call")
        changed = sources.changed()
        if changed is not None:
            self.refuse(f"{changed} has changed since it was imported")
        self._say("fit")
        # The host lets this process in before it says so.
        self._hear("go")
        self._lines.close()
        self._socket.close()
        os.environ.pop(STANDBY, None)

    def refuse(self, reason: str) -> NoReturn:
        """Say that this process cannot be used, and end."""
        self._say("unfit " + " ".join(reason.split()))
        flush()
        os._exit(_UNAVAILABLE)

    def _say(self, line: str) -> None:
        try:
            self._socket.sendall(line.encode(errors="replace") + b"\n")
        except OSError:
            os._exit(_GONE)

    def _hear(self, word: str) -> None:
        """Wait for that word; others mean nothing to this package."""
        while self._line() != word.encode() + b"\n":
            pass

    def _line(self) -> bytes:
        try:
            line = self._lines.readline()
        except OSError:
            line = b""
        if not line:
            # At once, as a sidecar does: nothing of this process may outlive the app.
            os._exit(_GONE)
        return line


_spare: Spare | None = None


def the_spare() -> Spare:
    """Give the line to the host of this spare; the first call asks the host.

    Raises:
        BridgeError: There is no host.
    """
    global _spare  # noqa: PLW0603 - a process has one line to its host
    if _spare is None:
        path = address()
        if path is None:
            raise BridgeError(NO_HOST)
        try:
            _spare = Spare(path)
        except OSError as error:
            msg = f"nobody listens at {path}: {error.strerror}"
            raise BridgeError(msg) from error
    return _spare
