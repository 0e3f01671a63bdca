"""The desktop around this server: dialogs, notifications, windows.

There is none in a plain browser, and Tauri's ACL may refuse any of it. What only decorates is logged when it fails;
what was asked for raises `BridgeError`.
"""

import logging
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Literal

from sidecar_bridge import AsyncHost, BridgeError, NotFoundError
from sidecar_bridge.fastapi import get_host
from sidecar_bridge.tauri.dialog import Filter

from ledger.bindings import AsyncCommands
from ledger.settings import Settings

_TIMEOUT_S = 10
"""For all but what waits for a person."""

_MAIN = "main"
_REPORT = "report"

_logger = logging.getLogger(__name__)

WindowAction = Literal["toggle", "maximize", "restore", "minimize"]


async def load_settings() -> Settings:
    """Give the settings; the data directory is that of `LEDGER_DATA_DIR`, else the one that the Tauri app names."""
    chosen = os.environ.get("LEDGER_DATA_DIR")
    if not chosen:
        chosen = await AsyncCommands(await get_host(), timeout_s=_TIMEOUT_S).data_dir()
    return Settings(data_dir=Path(chosen))


async def choose_csv(host: AsyncHost) -> Path | None:
    """Show the native open dialog; `None` when the person cancels it."""
    return await host.dialog.open(title="Import orders", filters=[Filter("CSV", ["csv"])])


async def show_main(host: AsyncHost) -> None:
    """Bring the main window to the front."""
    window = host.window(_MAIN, timeout_s=_TIMEOUT_S)
    await window.show()
    await window.unminimize()
    await window.set_focus()


async def change_window(host: AsyncHost, action: WindowAction) -> str:
    """Do something with the main window; give what was done, in words."""
    window = host.window(_MAIN, timeout_s=_TIMEOUT_S)
    if action == "toggle":
        action = "restore" if await window.is_maximized() else "maximize"
    if action == "maximize":
        await window.maximize()
        return "Window maximized"
    if action == "restore":
        await window.unmaximize()
        return "Window restored"
    await window.minimize()
    return "Window minimized"


async def show_report(host: AsyncHost) -> str:
    """Open the report's window, or bring it to the front; give what was done, in words."""
    try:
        await host.window(_REPORT, timeout_s=_TIMEOUT_S).set_focus()
        return "Report focused"
    except NotFoundError:
        pass  # it is not open
    page = host.webview(_MAIN, timeout_s=_TIMEOUT_S)
    await page.create_window(_REPORT, url="/report", title="Report", width=900, height=600)
    return "Report opened"


class Desktop:
    """What decorates; nothing of it raises. What was refused once is logged, and not tried again."""

    def __init__(self, host: AsyncHost | None) -> None:
        """Show things on the desktop of `host`, or nowhere."""
        self._host = host
        self._refused: set[str] = set()

    async def report_startup(self, activity: str) -> None:
        """Tell the app, and so the page, what this server does until it serves."""
        await self._try("report_startup", lambda host: host.report_startup(activity, timeout_s=_TIMEOUT_S))

    async def notify(self, title: str, body: str) -> None:
        """Show a native notification."""
        await self._try(
            "notification", lambda host: host.notification.using(timeout_s=_TIMEOUT_S).send(title, body=body)
        )

    async def _try(self, what: str, call: Callable[[AsyncHost], Awaitable[object]]) -> None:
        if self._host is None or what in self._refused:
            return
        try:
            await call(self._host)
        except BridgeError as error:
            self._refused.add(what)
            _logger.warning("the desktop refused `%s`: %s", what, error)


async def get_desktop() -> Desktop:
    """Give the desktop, also where there is none."""
    try:
        return Desktop(await get_host())
    except BridgeError:
        return Desktop(None)
