"""A bus, and on it who inhibits sleep: `org.freedesktop.login1`, as systemd's manual says that it behaves.

https://www.freedesktop.org/software/systemd/man/latest/org.freedesktop.login1.html
"""

from __future__ import annotations

import os
import select
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple

from jeepney import HeaderFields, MessageType, new_error, new_method_return  # type: ignore[import-untyped]
from jeepney.bus_messages import message_bus  # type: ignore[import-untyped]
from jeepney.io.blocking import open_dbus_connection  # type: ignore[import-untyped]

# No service can be started by asking for it, so nothing outlives the bus.
CONFIG = """
<busconfig>
  <type>system</type>
  <listen>unix:path={path}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


class Inhibitor(NamedTuple):
    """What a program has asked for, and the end of a pipe that tells whether it still holds the other."""

    what: str
    who: str
    why: str
    mode: str
    reader: int

    def is_held(self) -> bool:
        """Tell whether anybody has the descriptor: the end of all of them is the end of the pipe."""
        return not select.select([self.reader], [], [], 0)[0]


class LoginManager:
    """Answers on the bus. What it was asked for grows meanwhile."""

    def __init__(self, address: str) -> None:
        """Own the name."""
        self.address = address
        self.inhibitors: list[Inhibitor] = []
        self.refuses = False
        """Whether it says that the user may not, as a policy does."""
        self._bus: Any = open_dbus_connection(address, enable_fds=True)
        self._bus.send_and_get_reply(message_bus.RequestName("org.freedesktop.login1"), timeout=10)
        self._thread = Thread(target=self._answer, daemon=True)
        self._thread.start()

    def held(self) -> list[Inhibitor]:
        """Give those that keep the computer awake now."""
        return [each for each in self.inhibitors if each.is_held()]

    def _answer(self) -> None:
        with suppress(OSError, EOFError):
            while True:
                call = self._bus.receive()
                if call.header.message_type is MessageType.method_call:
                    self._take(call)

    def _take(self, call: Any) -> None:
        assert call.header.fields[HeaderFields.member] == "Inhibit"
        if self.refuses:
            self._bus.send(new_error(call, "org.freedesktop.DBus.Error.AccessDenied", "s", ("permission denied",)))
            return
        reader, writer = os.pipe()
        what, who, why, mode = call.body
        self.inhibitors.append(Inhibitor(what, who, why, mode, reader))
        self._bus.send(new_method_return(call, "h", (writer,)))
        os.close(writer)


@contextmanager
def login_manager(folder: Path) -> Iterator[LoginManager]:
    """Start a bus with nobody else on it."""
    config, path = folder / "bus.conf", folder / "bus"
    config.write_text(CONFIG.format(path=path))
    command = ["dbus-daemon", "--nofork", "--print-address", f"--config-file={config}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as daemon:
        assert daemon.stdout is not None
        # It says the address once it listens.
        address = daemon.stdout.readline().strip()
        manager = LoginManager(address)
        try:
            yield manager
        finally:
            daemon.terminate()
            manager._thread.join(10)
            manager._bus.close()
            for each in manager.inhibitors:
                os.close(each.reader)
