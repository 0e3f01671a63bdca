"""The icon in the tray, for as long as this server runs: a restart leaves none of the old one behind."""

import logging

from fastapi import HTTPException
from sidecar_bridge import BridgeError
from sidecar_bridge.fastapi import get_host
from sidecar_bridge.tauri.menu import MenuItem, Separator

from ledger.desktop import change_window, get_desktop, show_main, show_report
from ledger.imports import choose_and_start
from ledger.state import State

_logger = logging.getLogger(__name__)


async def show_tray(state: State) -> None:
    """Show the icon as soon as the app has a window; where it cannot be shown, the server runs without."""
    try:
        host, desktop = await get_host(), await get_desktop()

        async def import_orders(_item: str) -> None:
            try:
                await choose_and_start(host, state)
            except HTTPException as error:
                # Whoever chose it from the tray sees no page.
                await desktop.notify("Import refused", error.detail)

        menu = [
            MenuItem("Show Ledger", on_click=lambda _: show_main(host)),
            Separator(),
            MenuItem("Import orders …", on_click=import_orders),
            MenuItem("Open report", on_click=lambda _: show_report(host)),
            MenuItem("Maximize or restore", on_click=lambda _: change_window(host, "toggle")),
            Separator(),
            MenuItem("Quit", on_click=lambda _: host.app.exit()),
        ]
        await host.tray.new(icon=await host.app.default_window_icon(), menu=menu, tooltip="Ledger")
    except BridgeError as error:
        _logger.warning("there is no icon in the tray: %s", error)
