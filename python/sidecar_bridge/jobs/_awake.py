"""Keeps the computer awake while jobs ask for it."""

from __future__ import annotations

import logging
import os
import sys
import threading
from pathlib import Path
from queue import SimpleQueue

_logger = logging.getLogger("sidecar_bridge.jobs")

TIMEOUT_S = 10.0
"""How long the login manager may take to answer."""


class Awake:
    """Inhibits sleep while it is wanted.

    Linux' login manager gives a descriptor for that, and lets the computer sleep again once it is closed: also by the
    end of the sidecar, whatever ends it. The source is https://systemd.io/INHIBITOR_LOCKS.
    """

    def __init__(self) -> None:
        """Hold nothing."""
        self._wishes: SimpleQueue[str | None] | None = None
        self._is_wanted = self._has_warned = False

    def want(self, job: str | None) -> None:
        """Keep the computer awake for the job of that name, or let it sleep. Quick: a thread does it."""
        if self._is_wanted == (job is not None):
            return
        self._is_wanted = job is not None
        if self._wishes is None:
            self._wishes = SimpleQueue()
            threading.Thread(
                target=self._run, args=(self._wishes,), name="sidecar-bridge-jobs-awake", daemon=True
            ).start()
        self._wishes.put("" if job is None else f"a job is under way: {job.replace('_', ' ')}")

    def close(self) -> None:
        """Let it sleep, and end the thread."""
        wishes, self._wishes, self._is_wanted = self._wishes, None, False
        if wishes is not None:
            wishes.put(None)

    def _run(self, wishes: SimpleQueue[str | None]) -> None:
        held: int | None = None
        while True:
            why = wishes.get()
            if why and held is None:
                held = self._tried(why)
            elif not why and held is not None:
                os.close(held)
                held = None
            if why is None:
                return

    def _tried(self, why: str) -> int | None:
        try:
            return _inhibit(why)
        except Exception as error:  # whatever the bus, its library and the login manager say
            if not self._has_warned:
                self._has_warned = True
                _logger.warning("jobs run, but cannot keep the computer awake: %s: %s", type(error).__name__, error)
            return None


def _inhibit(why: str) -> int:
    """Give the descriptor that keeps the computer awake."""
    if sys.platform != "linux":
        msg = "only Linux' login manager is asked for that yet"
        raise NotImplementedError(msg)
    try:
        # Needed by those alone who ask for it.
        from jeepney import DBusAddress, new_method_call  # type: ignore[import-untyped] # noqa: PLC0415
        from jeepney.io.blocking import open_dbus_connection  # type: ignore[import-untyped] # noqa: PLC0415
        from jeepney.wrappers import unwrap_msg  # type: ignore[import-untyped] # noqa: PLC0415
    except ImportError as error:
        msg = "jeepney is not installed; run: pip install 'tauri-sidecar-bridge[jobs]'"
        raise ImportError(msg) from error

    login = DBusAddress(
        "/org/freedesktop/login1", bus_name="org.freedesktop.login1", interface="org.freedesktop.login1.Manager"
    )
    who = Path(sys.argv[0]).stem or "Python"
    call = new_method_call(login, "Inhibit", "ssss", ("sleep", who, why, "block"))
    try:
        connection = open_dbus_connection("SYSTEM", enable_fds=True)
    except OSError as error:
        place = os.environ.get("DBUS_SYSTEM_BUS_ADDRESS", "/run/dbus/system_bus_socket")
        msg = f"nobody listens at the system bus, {place} ({error.strerror}), where the login manager is; start dbus"
        raise ConnectionError(msg) from error
    with connection as bus:
        (descriptor,) = unwrap_msg(bus.send_and_get_reply(call, timeout=TIMEOUT_S))
    held: int = descriptor.to_raw_fd()
    # Else a child of the sidecar would keep the computer awake after it.
    os.set_inheritable(held, False)
    return held
