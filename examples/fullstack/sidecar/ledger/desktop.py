"""The desktop around this server: dialogs, notifications, the taskbar, windows.

There is none in a plain browser, and Tauri's ACL may refuse any of it. What only decorates is logged when it fails;
what was asked for raises `BridgeError`.
"""

import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Literal

from fastapi import Depends
from sidecar_bridge import AsyncHost, BridgeError, NotFoundError
from sidecar_bridge.fastapi import get_host

from ledger.bindings import AsyncEvents, ImportProgress

_TIMEOUT_S = 10
"""For all but what waits for a person."""

_MAIN = "main"
_REPORT = "report"

_logger = logging.getLogger(__name__)

WindowAction = Literal["toggle", "maximize", "restore", "minimize"]


async def choose_csv(host: AsyncHost) -> Path | None:
    """Show the native open dialog; `None` when the person cancels it."""
    options = {
        "title": "Import orders",
        "multiple": False,
        "directory": False,
        "filters": [{"name": "CSV", "extensions": ["csv"]}],
    }
    return await host.invoke("plugin:dialog|open", {"options": options}, returns=Path | None)


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
    options = {"label": _REPORT, "url": "/report", "title": "Report", "width": 900, "height": 600}
    await host.invoke("plugin:webview|create_webview_window", {"options": options}, window=_MAIN, timeout_s=_TIMEOUT_S)
    return "Report opened"


class Desktop:
    """What decorates long work; nothing of it raises. What was refused once is logged, and not tried again."""

    def __init__(self, host: AsyncHost | None) -> None:
        """Show things on the desktop of `host`, or nowhere."""
        self._host = host
        self._refused: set[str] = set()

    async def report_startup(self, activity: str) -> None:
        """Tell the app, and so the page, what this server does until it serves."""
        await self._try("report_startup", lambda host: host.report_startup(activity, timeout_s=_TIMEOUT_S))

    async def show_progress(self, fraction: float | None) -> None:
        """Show progress, from 0 to 1, on the app's icon in the taskbar; `None` for the end."""
        state = {"status": "none"} if fraction is None else {"status": "normal", "progress": round(fraction * 100)}
        await self._run("plugin:window|set_progress_bar", {"value": state})

    async def tell(self, progress: ImportProgress) -> None:
        """Tell all windows how far an import is."""
        await self._try(
            "import-progress", lambda host: AsyncEvents(host).import_progress.emit(progress, timeout_s=_TIMEOUT_S)
        )

    async def notify(self, title: str, body: str) -> None:
        """Show a native notification."""
        await self._run("plugin:notification|notify", {"options": {"title": title, "body": body}})

    async def _run(self, command: str, args: dict[str, object]) -> None:
        await self._try(command, lambda host: host.invoke(command, args, window=_MAIN, timeout_s=_TIMEOUT_S))

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


DesktopDep = Annotated[Desktop, Depends(get_desktop)]
