# Generated from `tools/tauri-api/tauri-api.json` by `tools/tauri-api/emit.py`: do not edit.

"""The classes of Tauri's commands and of the handles that these give, for annotations.

A host has one of each plugin: `host.dialog` of an `AsyncHost` is an `AsyncDialog`, and `await host.tray.new(…)` gives
an `AsyncTrayIcon`. Each is loaded when it is asked for. What the commands take and give is in `sidecar_bridge.tauri`.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sidecar_bridge._client.tauri.app import App
    from sidecar_bridge._client.tauri.async_app import AsyncApp
    from sidecar_bridge._client.tauri.async_autostart import AsyncAutostart
    from sidecar_bridge._client.tauri.async_child import AsyncChild
    from sidecar_bridge._client.tauri.async_cli import AsyncCli
    from sidecar_bridge._client.tauri.async_clipboard import AsyncClipboard
    from sidecar_bridge._client.tauri.async_deep_link import AsyncDeepLink
    from sidecar_bridge._client.tauri.async_dialog import AsyncDialog
    from sidecar_bridge._client.tauri.async_file import AsyncFile, AsyncLines
    from sidecar_bridge._client.tauri.async_fs import AsyncFs
    from sidecar_bridge._client.tauri.async_global_shortcut import AsyncGlobalShortcut
    from sidecar_bridge._client.tauri.async_image import AsyncImage, AsyncImages
    from sidecar_bridge._client.tauri.async_log import AsyncLog
    from sidecar_bridge._client.tauri.async_menu import (
        AsyncCheckItemHandle,
        AsyncIconItemHandle,
        AsyncItemHandle,
        AsyncMenu,
        AsyncMenus,
        AsyncPredefinedItemHandle,
        AsyncSubmenuHandle,
    )
    from sidecar_bridge._client.tauri.async_notification import AsyncNotifications
    from sidecar_bridge._client.tauri.async_opener import AsyncOpener
    from sidecar_bridge._client.tauri.async_path import AsyncTauriPath
    from sidecar_bridge._client.tauri.async_positioner import AsyncPositioner
    from sidecar_bridge._client.tauri.async_process import AsyncProcess
    from sidecar_bridge._client.tauri.async_shell import AsyncShell
    from sidecar_bridge._client.tauri.async_shortcut import AsyncNotificationListener, AsyncShortcut
    from sidecar_bridge._client.tauri.async_sql import AsyncSql
    from sidecar_bridge._client.tauri.async_store import AsyncStore, AsyncStoreChanges, AsyncStores
    from sidecar_bridge._client.tauri.async_stronghold import (
        AsyncSnapshot,
        AsyncStronghold,
        AsyncStrongholdClient,
        AsyncVault,
    )
    from sidecar_bridge._client.tauri.async_tray import AsyncAppTrayIcon, AsyncTrayIcon, AsyncTrays
    from sidecar_bridge._client.tauri.async_updater import AsyncUpdate, AsyncUpdater
    from sidecar_bridge._client.tauri.async_upload import AsyncUpload
    from sidecar_bridge._client.tauri.async_webview import AsyncWebview
    from sidecar_bridge._client.tauri.async_window import AsyncWindow
    from sidecar_bridge._client.tauri.async_window_state import AsyncWindowState
    from sidecar_bridge._client.tauri.autostart import Autostart
    from sidecar_bridge._client.tauri.child import Child
    from sidecar_bridge._client.tauri.cli import Cli
    from sidecar_bridge._client.tauri.clipboard import Clipboard
    from sidecar_bridge._client.tauri.deep_link import DeepLink
    from sidecar_bridge._client.tauri.dialog import Dialog
    from sidecar_bridge._client.tauri.file import File, Lines
    from sidecar_bridge._client.tauri.fs import Fs
    from sidecar_bridge._client.tauri.global_shortcut import GlobalShortcut
    from sidecar_bridge._client.tauri.image import Image, Images
    from sidecar_bridge._client.tauri.log import Log
    from sidecar_bridge._client.tauri.menu import (
        CheckItemHandle,
        IconItemHandle,
        ItemHandle,
        Menu,
        Menus,
        PredefinedItemHandle,
        SubmenuHandle,
    )
    from sidecar_bridge._client.tauri.notification import Notifications
    from sidecar_bridge._client.tauri.opener import Opener
    from sidecar_bridge._client.tauri.path import TauriPath
    from sidecar_bridge._client.tauri.positioner import Positioner
    from sidecar_bridge._client.tauri.process import Process
    from sidecar_bridge._client.tauri.shell import Shell
    from sidecar_bridge._client.tauri.shortcut import NotificationListener, Shortcut
    from sidecar_bridge._client.tauri.sql import Sql
    from sidecar_bridge._client.tauri.store import Store, StoreChanges, Stores
    from sidecar_bridge._client.tauri.stronghold import Snapshot, Stronghold, StrongholdClient, Vault
    from sidecar_bridge._client.tauri.tray import AppTrayIcon, TrayIcon, Trays
    from sidecar_bridge._client.tauri.updater import Update, Updater
    from sidecar_bridge._client.tauri.upload import Upload
    from sidecar_bridge._client.tauri.webview import Webview
    from sidecar_bridge._client.tauri.window import Window
    from sidecar_bridge._client.tauri.window_state import WindowState

__all__ = [
    "App",
    "AppTrayIcon",
    "AsyncApp",
    "AsyncAppTrayIcon",
    "AsyncAutostart",
    "AsyncCheckItemHandle",
    "AsyncChild",
    "AsyncCli",
    "AsyncClipboard",
    "AsyncDeepLink",
    "AsyncDialog",
    "AsyncFile",
    "AsyncFs",
    "AsyncGlobalShortcut",
    "AsyncIconItemHandle",
    "AsyncImage",
    "AsyncImages",
    "AsyncItemHandle",
    "AsyncLines",
    "AsyncLog",
    "AsyncMenu",
    "AsyncMenus",
    "AsyncNotificationListener",
    "AsyncNotifications",
    "AsyncOpener",
    "AsyncPositioner",
    "AsyncPredefinedItemHandle",
    "AsyncProcess",
    "AsyncShell",
    "AsyncShortcut",
    "AsyncSnapshot",
    "AsyncSql",
    "AsyncStore",
    "AsyncStoreChanges",
    "AsyncStores",
    "AsyncStronghold",
    "AsyncStrongholdClient",
    "AsyncSubmenuHandle",
    "AsyncTauriPath",
    "AsyncTrayIcon",
    "AsyncTrays",
    "AsyncUpdate",
    "AsyncUpdater",
    "AsyncUpload",
    "AsyncVault",
    "AsyncWebview",
    "AsyncWindow",
    "AsyncWindowState",
    "Autostart",
    "CheckItemHandle",
    "Child",
    "Cli",
    "Clipboard",
    "DeepLink",
    "Dialog",
    "File",
    "Fs",
    "GlobalShortcut",
    "IconItemHandle",
    "Image",
    "Images",
    "ItemHandle",
    "Lines",
    "Log",
    "Menu",
    "Menus",
    "NotificationListener",
    "Notifications",
    "Opener",
    "Positioner",
    "PredefinedItemHandle",
    "Process",
    "Shell",
    "Shortcut",
    "Snapshot",
    "Sql",
    "Store",
    "StoreChanges",
    "Stores",
    "Stronghold",
    "StrongholdClient",
    "SubmenuHandle",
    "TauriPath",
    "TrayIcon",
    "Trays",
    "Update",
    "Updater",
    "Upload",
    "Vault",
    "Webview",
    "Window",
    "WindowState",
]

_MODULES = {
    "App": "app",
    "AppTrayIcon": "tray",
    "AsyncApp": "async_app",
    "AsyncAppTrayIcon": "async_tray",
    "AsyncAutostart": "async_autostart",
    "AsyncCheckItemHandle": "async_menu",
    "AsyncChild": "async_child",
    "AsyncCli": "async_cli",
    "AsyncClipboard": "async_clipboard",
    "AsyncDeepLink": "async_deep_link",
    "AsyncDialog": "async_dialog",
    "AsyncFile": "async_file",
    "AsyncFs": "async_fs",
    "AsyncGlobalShortcut": "async_global_shortcut",
    "AsyncIconItemHandle": "async_menu",
    "AsyncImage": "async_image",
    "AsyncImages": "async_image",
    "AsyncItemHandle": "async_menu",
    "AsyncLines": "async_file",
    "AsyncLog": "async_log",
    "AsyncMenu": "async_menu",
    "AsyncMenus": "async_menu",
    "AsyncNotificationListener": "async_shortcut",
    "AsyncNotifications": "async_notification",
    "AsyncOpener": "async_opener",
    "AsyncPositioner": "async_positioner",
    "AsyncPredefinedItemHandle": "async_menu",
    "AsyncProcess": "async_process",
    "AsyncShell": "async_shell",
    "AsyncShortcut": "async_shortcut",
    "AsyncSnapshot": "async_stronghold",
    "AsyncSql": "async_sql",
    "AsyncStore": "async_store",
    "AsyncStoreChanges": "async_store",
    "AsyncStores": "async_store",
    "AsyncStronghold": "async_stronghold",
    "AsyncStrongholdClient": "async_stronghold",
    "AsyncSubmenuHandle": "async_menu",
    "AsyncTauriPath": "async_path",
    "AsyncTrayIcon": "async_tray",
    "AsyncTrays": "async_tray",
    "AsyncUpdate": "async_updater",
    "AsyncUpdater": "async_updater",
    "AsyncUpload": "async_upload",
    "AsyncVault": "async_stronghold",
    "AsyncWebview": "async_webview",
    "AsyncWindow": "async_window",
    "AsyncWindowState": "async_window_state",
    "Autostart": "autostart",
    "CheckItemHandle": "menu",
    "Child": "child",
    "Cli": "cli",
    "Clipboard": "clipboard",
    "DeepLink": "deep_link",
    "Dialog": "dialog",
    "File": "file",
    "Fs": "fs",
    "GlobalShortcut": "global_shortcut",
    "IconItemHandle": "menu",
    "Image": "image",
    "Images": "image",
    "ItemHandle": "menu",
    "Lines": "file",
    "Log": "log",
    "Menu": "menu",
    "Menus": "menu",
    "NotificationListener": "shortcut",
    "Notifications": "notification",
    "Opener": "opener",
    "Positioner": "positioner",
    "PredefinedItemHandle": "menu",
    "Process": "process",
    "Shell": "shell",
    "Shortcut": "shortcut",
    "Snapshot": "stronghold",
    "Sql": "sql",
    "Store": "store",
    "StoreChanges": "store",
    "Stores": "store",
    "Stronghold": "stronghold",
    "StrongholdClient": "stronghold",
    "SubmenuHandle": "menu",
    "TauriPath": "path",
    "TrayIcon": "tray",
    "Trays": "tray",
    "Update": "updater",
    "Updater": "updater",
    "Upload": "upload",
    "Vault": "stronghold",
    "Webview": "webview",
    "Window": "window",
    "WindowState": "window_state",
}


if not TYPE_CHECKING:
    # Type checkers would take any name for one that this gives.
    def __getattr__(name: str) -> object:
        if name not in _MODULES:
            msg = f"module {__name__!r} has no attribute {name!r}"
            raise AttributeError(msg)
        from importlib import import_module  # noqa: PLC0415 - not for type checkers

        value = getattr(import_module(f"sidecar_bridge._client.tauri.{_MODULES[name]}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return __all__
