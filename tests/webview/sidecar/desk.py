"""What the desktop calls: a window that is to close, its menu, an icon in the tray."""

from __future__ import annotations

import asyncio
import time
from typing import Literal

from fastapi import APIRouter
from sidecar_bridge.desktop import AsyncMenu
from sidecar_bridge.fastapi import HostDep
from sidecar_bridge.tauri.events import CloseRequested
from sidecar_bridge.tauri.menu import CheckMenuItem, MenuItem, Separator, Submenu
from sidecar_bridge.tauri.rgba import Rgba

router = APIRouter(prefix="/desk")
called: list[str] = []
menus: list[AsyncMenu] = []


@router.get("/called")
async def get_called() -> list[str]:
    """What was called so far, the oldest first."""
    return called


@router.post("/holds/{how}")
async def hold(host: HostDep, how: Literal["prevents", "raises", "hangs", "blocks", "lets"]) -> None:
    """Be asked before the window closes."""

    async def decide(request: CloseRequested) -> None:
        called.append(how)
        match how:
            case "prevents":
                request.prevent_default()
            case "raises":
                raise ValueError("of no use")
            case "hangs":
                await asyncio.Event().wait()
            case "blocks":
                time.sleep(600)  # noqa: ASYNC251 - as a bug of an app would

    await host.window("main").on_close_requested(decide, timeout_s=1)


@router.post("/follow")
async def follow(host: HostDep) -> None:
    """Hear of the window's sizes and of its focus."""
    window = host.window("main")
    await window.on_resized(lambda size: called.append(f"{size.width}x{size.height}"))
    await window.on_focus_changed(lambda has_focus: called.append(f"focus {has_focus}"))


@router.post("/menu")
async def show_menu(host: HostDep) -> int:
    """Show a menu in the window; gives how many entries it has then."""
    items = [
        Submenu("File", [MenuItem("Open", on_click=called.append, id="open", accelerator="CmdOrCtrl+Shift+O")]),
        Separator(),
    ]
    menu = await host.menu.new(items)
    await menu.append([Submenu("View", [CheckMenuItem("Wide", on_click=called.append, id="wide")], id="view")])
    await menu.set_as_window_menu()
    menus.append(menu)
    return len(await menu.items())


@router.post("/menu/close")
async def close_menu() -> None:
    """Close the menu that the window shows."""
    await menus.pop().close()


@router.post("/tray")
async def show_tray(host: HostDep) -> str:
    """Show an icon in the tray; gives its id."""
    menu = [MenuItem("Greet", on_click=called.append, id="greet")]
    tray = await host.tray.new(icon=Rgba(b"\xff\0\0\xff" * 256, 16, 16), menu=menu, title="Test")
    return tray.id


@router.get("/tray/{tray_id}")
async def has_tray(host: HostDep, tray_id: str) -> bool:
    """Whether the app has that icon."""
    return await host.tray.get_by_id(tray_id) is not None
