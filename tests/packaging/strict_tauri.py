"""Tauri's commands in strict code: mypy and pyright find nothing, and no expression is `Any`.

`test_types.py` checks this file; nothing runs it.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import assert_type
from uuid import UUID

from sidecar_bridge import AsyncHost, AsyncWindow, Host, Size, Window
from sidecar_bridge.desktop import AsyncAutostart, AsyncDialog, AsyncFs, Clipboard, Dialog, Fs, TauriPath, Webview
from sidecar_bridge.tauri.app import BundleType
from sidecar_bridge.tauri.cli import CliMatches
from sidecar_bridge.tauri.dialog import Filter
from sidecar_bridge.tauri.dpi import LogicalPosition, LogicalSize, PhysicalPosition, PhysicalSize
from sidecar_bridge.tauri.fs import DirEntry, FileInfo
from sidecar_bridge.tauri.log import LogLevel
from sidecar_bridge.tauri.notification import PermissionState
from sidecar_bridge.tauri.path import BaseDirectory
from sidecar_bridge.tauri.rgba import Rgba
from sidecar_bridge.tauri.shell import ChildProcess
from sidecar_bridge.tauri.sql import QueryResult
from sidecar_bridge.tauri.webview import WebviewRef
from sidecar_bridge.tauri.window import Monitor, ProgressBarState, ProgressBarStatus, Theme, UserAttentionType
from sidecar_bridge.tauri.window_state import StateFlags


async def choose(dialog: AsyncDialog) -> list[Path]:
    """What a dialog gives depends on `multiple`."""
    one = await dialog.open(title="Orders", filters=[Filter("CSV", ["csv"])])
    assert_type(one, Path | None)
    several = await dialog.open(multiple=True, default_path=Path("/orders"))
    assert_type(several, list[Path] | None)
    assert_type(await dialog.save(), Path | None)
    assert_type(await dialog.message("?", buttons=["Yes", "Never"], kind="warning"), str)
    assert_type(await dialog.ask("?"), bool)
    return several or ([one] if one else [])


def choose_blocking(dialog: Dialog) -> None:
    """The blocking twin gives the same without `await`."""
    assert_type(dialog.open(), Path | None)
    assert_type(dialog.open(multiple=True), list[Path] | None)
    assert_type(dialog.using(window="main", timeout_s=5).open(multiple=False), Path | None)


async def read(fs: AsyncFs, path: Path) -> None:
    """Records, times and paths."""
    info = await fs.stat(path)
    assert_type(info, FileInfo)
    assert_type(info.mtime, datetime | None)
    assert_type(info.size, int)
    assert_type(await fs.read_dir("notes", base_dir=BaseDirectory.APP_DATA), list[DirEntry])
    assert_type(await fs.read_text(path), str)
    assert_type(await fs.read_bytes(path), bytes)
    assert_type(await fs.exists(path), bool)


async def arrange(window: AsyncWindow) -> None:
    """A window, in pixels that say which they are."""
    await window.set_size(LogicalSize(800, 600))
    await window.set_size(PhysicalSize(800, 600))
    await window.set_min_size(None)
    await window.set_position(LogicalPosition(1.5, 2))
    await window.set_icon(Rgba(b"\0\0\0\0", 1, 1))
    await window.set_progress_bar(ProgressBarState(status=ProgressBarStatus.NORMAL, progress=50))
    await window.request_user_attention(UserAttentionType.CRITICAL)
    assert_type(await window.inner_size(), Size)
    assert_type(await window.outer_position(), PhysicalPosition)
    assert_type(await window.theme(), Theme)
    assert_type(await window.title(), str)
    monitor = await window.current_monitor()
    assert_type(monitor, Monitor | None)
    if monitor is not None:
        assert_type(monitor.work_area.size, PhysicalSize)
        assert_type(monitor.scale_factor, float)


async def reached(host: AsyncHost) -> None:
    """All of it is reached from a host."""
    assert_type(host.dialog, AsyncDialog)
    assert_type(host.autostart, AsyncAutostart)
    assert_type(host.window("main"), AsyncWindow)
    assert_type(await host.app.bundle_type(), BundleType | None)
    assert_type(await host.app.fetch_data_store_identifiers(), list[UUID])
    assert_type(await host.cli.matches(), CliMatches)
    assert_type(await host.deep_link.current(), list[str] | None)
    assert_type(await host.notification.request_permission(), PermissionState)
    assert_type(await host.sql.execute("sqlite:app.db", "DELETE FROM orders WHERE id = $1", [7]), QueryResult)
    await host.log.log(LogLevel.INFO, "hello", key_values={"user": "ada"})
    await host.window_state.save(StateFlags.SIZE | StateFlags.POSITION)


def reached_blocking(host: Host) -> None:
    """The same for blocking code."""
    assert_type(host.fs, Fs)
    assert_type(host.clipboard, Clipboard)
    assert_type(host.window(), Window)
    assert_type(host.webview("main"), Webview)
    assert_type(host.webview().all_labels(), list[WebviewRef])
    assert_type(host.path, TauriPath)
    assert_type(host.path.app_data_dir(), Path)
    assert_type(host.path.join("a", Path("b")), Path)
    assert_type(host.shell.execute("sh", ["-c", "true"]), ChildProcess)
