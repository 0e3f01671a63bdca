# Generated from `tools/tauri-api/tauri-api.json` by `tools/tauri-api/emit.py`: do not edit.

"""The commands of Tauri, as members of a host, for asyncio."""

from __future__ import annotations

from sidecar_bridge._client.failure import loading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import ClassVar

    from sidecar_bridge._client.async_link import AsyncLink
    from sidecar_bridge._client.tauri.async_app import AsyncApp
    from sidecar_bridge._client.tauri.async_autostart import AsyncAutostart
    from sidecar_bridge._client.tauri.async_cli import AsyncCli
    from sidecar_bridge._client.tauri.async_clipboard import AsyncClipboard
    from sidecar_bridge._client.tauri.async_deep_link import AsyncDeepLink
    from sidecar_bridge._client.tauri.async_dialog import AsyncDialog
    from sidecar_bridge._client.tauri.async_fs import AsyncFs
    from sidecar_bridge._client.tauri.async_global_shortcut import AsyncGlobalShortcut
    from sidecar_bridge._client.tauri.async_image import AsyncImages
    from sidecar_bridge._client.tauri.async_log import AsyncLog
    from sidecar_bridge._client.tauri.async_menu import AsyncMenus
    from sidecar_bridge._client.tauri.async_notification import AsyncNotifications
    from sidecar_bridge._client.tauri.async_opener import AsyncOpener
    from sidecar_bridge._client.tauri.async_path import AsyncTauriPath
    from sidecar_bridge._client.tauri.async_positioner import AsyncPositioner
    from sidecar_bridge._client.tauri.async_process import AsyncProcess
    from sidecar_bridge._client.tauri.async_shell import AsyncShell
    from sidecar_bridge._client.tauri.async_sql import AsyncSql
    from sidecar_bridge._client.tauri.async_store import AsyncStores
    from sidecar_bridge._client.tauri.async_stronghold import AsyncStronghold
    from sidecar_bridge._client.tauri.async_tray import AsyncTrays
    from sidecar_bridge._client.tauri.async_updater import AsyncUpdater
    from sidecar_bridge._client.tauri.async_upload import AsyncUpload
    from sidecar_bridge._client.tauri.async_webview import AsyncWebview
    from sidecar_bridge._client.tauri.async_window import AsyncWindow
    from sidecar_bridge._client.tauri.async_window_state import AsyncWindowState


class AsyncDesktop:
    """What a host has of Tauri; each module is loaded when it is used."""

    _link: AsyncLink
    # An import statement costs as much as the rest of a call, also when the module is there.
    _app: ClassVar[type[AsyncApp] | None] = None
    _autostart: ClassVar[type[AsyncAutostart] | None] = None
    _cli: ClassVar[type[AsyncCli] | None] = None
    _clipboard: ClassVar[type[AsyncClipboard] | None] = None
    _deep_link: ClassVar[type[AsyncDeepLink] | None] = None
    _dialog: ClassVar[type[AsyncDialog] | None] = None
    _fs: ClassVar[type[AsyncFs] | None] = None
    _global_shortcut: ClassVar[type[AsyncGlobalShortcut] | None] = None
    _image: ClassVar[type[AsyncImages] | None] = None
    _log: ClassVar[type[AsyncLog] | None] = None
    _menu: ClassVar[type[AsyncMenus] | None] = None
    _notification: ClassVar[type[AsyncNotifications] | None] = None
    _opener: ClassVar[type[AsyncOpener] | None] = None
    _path: ClassVar[type[AsyncTauriPath] | None] = None
    _positioner: ClassVar[type[AsyncPositioner] | None] = None
    _process: ClassVar[type[AsyncProcess] | None] = None
    _shell: ClassVar[type[AsyncShell] | None] = None
    _sql: ClassVar[type[AsyncSql] | None] = None
    _store: ClassVar[type[AsyncStores] | None] = None
    _stronghold: ClassVar[type[AsyncStronghold] | None] = None
    _tray: ClassVar[type[AsyncTrays] | None] = None
    _updater: ClassVar[type[AsyncUpdater] | None] = None
    _upload: ClassVar[type[AsyncUpload] | None] = None
    _webview: ClassVar[type[AsyncWebview] | None] = None
    _window: ClassVar[type[AsyncWindow] | None] = None
    _window_state: ClassVar[type[AsyncWindowState] | None] = None

    @property
    def app(self) -> AsyncApp:
        """App."""
        kind = AsyncDesktop._app
        if kind is None:
            with loading:
                from sidecar_bridge._client.tauri.async_app import AsyncApp  # noqa: PLC0415 - loaded late

            kind = AsyncDesktop._app = AsyncApp
        return kind(self._link, None, None)

    @property
    def autostart(self) -> AsyncAutostart:
        """Plugin autostart: the app starts when the user logs in."""
        kind = AsyncDesktop._autostart
        if kind is None:
            with loading:
                from sidecar_bridge._client.tauri.async_autostart import AsyncAutostart  # noqa: PLC0415 - loaded late

            kind = AsyncDesktop._autostart = AsyncAutostart
        return kind(self._link, None, None)

    @property
    def cli(self) -> AsyncCli:
        """Plugin cli: what the app was started with."""
        kind = AsyncDesktop._cli
        if kind is None:
            with loading:
                from sidecar_bridge._client.tauri.async_cli import AsyncCli  # noqa: PLC0415 - loaded late

            kind = AsyncDesktop._cli = AsyncCli
        return kind(self._link, None, None)

    @property
    def clipboard(self) -> AsyncClipboard:
        """Plugin clipboard-manager: the clipboard."""
        kind = AsyncDesktop._clipboard
        if kind is None:
            with loading:
                from sidecar_bridge._client.tauri.async_clipboard import AsyncClipboard  # noqa: PLC0415 - loaded late

            kind = AsyncDesktop._clipboard = AsyncClipboard
        return kind(self._link, None, None)

    @property
    def deep_link(self) -> AsyncDeepLink:
        """Plugin deep-link: links that open the app."""
        kind = AsyncDesktop._deep_link
        if kind is None:
            with loading:
                from sidecar_bridge._client.tauri.async_deep_link import AsyncDeepLink  # noqa: PLC0415 - loaded late

            kind = AsyncDesktop._deep_link = AsyncDeepLink
        return kind(self._link, None, None)

    @property
    def dialog(self) -> AsyncDialog:
        """Plugin dialog: dialogs of the system."""
        kind = AsyncDesktop._dialog
        if kind is None:
            with loading:
                from sidecar_bridge._client.tauri.async_dialog import AsyncDialog  # noqa: PLC0415 - loaded late

            kind = AsyncDesktop._dialog = AsyncDialog
        return kind(self._link, None, None)

    @property
    def fs(self) -> AsyncFs:
        """Plugin fs: files, as far as its scope goes."""
        kind = AsyncDesktop._fs
        if kind is None:
            with loading:
                from sidecar_bridge._client.tauri.async_fs import AsyncFs  # noqa: PLC0415 - loaded late

            kind = AsyncDesktop._fs = AsyncFs
        return kind(self._link, None, None)

    @property
    def global_shortcut(self) -> AsyncGlobalShortcut:
        """Plugin global-shortcut: keys of the whole desktop."""
        kind = AsyncDesktop._global_shortcut
        if kind is None:
            with loading:
                from sidecar_bridge._client.tauri.async_global_shortcut import AsyncGlobalShortcut  # noqa: PLC0415 - loaded late

            kind = AsyncDesktop._global_shortcut = AsyncGlobalShortcut
        return kind(self._link, None, None)

    @property
    def image(self) -> AsyncImages:
        """Images."""
        kind = AsyncDesktop._image
        if kind is None:
            with loading:
                from sidecar_bridge._client.tauri.async_image import AsyncImages  # noqa: PLC0415 - loaded late

            kind = AsyncDesktop._image = AsyncImages
        return kind(self._link, None, None)

    @property
    def log(self) -> AsyncLog:
        """Plugin log: the app's log."""
        kind = AsyncDesktop._log
        if kind is None:
            with loading:
                from sidecar_bridge._client.tauri.async_log import AsyncLog  # noqa: PLC0415 - loaded late

            kind = AsyncDesktop._log = AsyncLog
        return kind(self._link, None, None)

    @property
    def menu(self) -> AsyncMenus:
        """Menus."""
        kind = AsyncDesktop._menu
        if kind is None:
            with loading:
                from sidecar_bridge._client.tauri.async_menu import AsyncMenus  # noqa: PLC0415 - loaded late

            kind = AsyncDesktop._menu = AsyncMenus
        return kind(self._link, None, None)

    @property
    def notification(self) -> AsyncNotifications:
        """Plugin notification: notifications of the desktop."""
        kind = AsyncDesktop._notification
        if kind is None:
            with loading:
                from sidecar_bridge._client.tauri.async_notification import AsyncNotifications  # noqa: PLC0415 - loaded late

            kind = AsyncDesktop._notification = AsyncNotifications
        return kind(self._link, None, None)

    @property
    def opener(self) -> AsyncOpener:
        """Plugin opener: files and links in other programs."""
        kind = AsyncDesktop._opener
        if kind is None:
            with loading:
                from sidecar_bridge._client.tauri.async_opener import AsyncOpener  # noqa: PLC0415 - loaded late

            kind = AsyncDesktop._opener = AsyncOpener
        return kind(self._link, None, None)

    @property
    def path(self) -> AsyncTauriPath:
        """Directories and paths."""
        kind = AsyncDesktop._path
        if kind is None:
            with loading:
                from sidecar_bridge._client.tauri.async_path import AsyncTauriPath  # noqa: PLC0415 - loaded late

            kind = AsyncDesktop._path = AsyncTauriPath
        return kind(self._link, None, None)

    @property
    def positioner(self) -> AsyncPositioner:
        """Plugin positioner: well-known places for windows."""
        kind = AsyncDesktop._positioner
        if kind is None:
            with loading:
                from sidecar_bridge._client.tauri.async_positioner import AsyncPositioner  # noqa: PLC0415 - loaded late

            kind = AsyncDesktop._positioner = AsyncPositioner
        return kind(self._link, None, None)

    @property
    def process(self) -> AsyncProcess:
        """Plugin process: the end of the app."""
        kind = AsyncDesktop._process
        if kind is None:
            with loading:
                from sidecar_bridge._client.tauri.async_process import AsyncProcess  # noqa: PLC0415 - loaded late

            kind = AsyncDesktop._process = AsyncProcess
        return kind(self._link, None, None)

    @property
    def shell(self) -> AsyncShell:
        """Plugin shell: other programs, as far as its scope goes."""
        kind = AsyncDesktop._shell
        if kind is None:
            with loading:
                from sidecar_bridge._client.tauri.async_shell import AsyncShell  # noqa: PLC0415 - loaded late

            kind = AsyncDesktop._shell = AsyncShell
        return kind(self._link, None, None)

    @property
    def sql(self) -> AsyncSql:
        """Plugin sql: databases of the app."""
        kind = AsyncDesktop._sql
        if kind is None:
            with loading:
                from sidecar_bridge._client.tauri.async_sql import AsyncSql  # noqa: PLC0415 - loaded late

            kind = AsyncDesktop._sql = AsyncSql
        return kind(self._link, None, None)

    @property
    def store(self) -> AsyncStores:
        """Plugin store: values in files of the app."""
        kind = AsyncDesktop._store
        if kind is None:
            with loading:
                from sidecar_bridge._client.tauri.async_store import AsyncStores  # noqa: PLC0415 - loaded late

            kind = AsyncDesktop._store = AsyncStores
        return kind(self._link, None, None)

    @property
    def stronghold(self) -> AsyncStronghold:
        """Plugin stronghold: secrets in a file of the app."""
        kind = AsyncDesktop._stronghold
        if kind is None:
            with loading:
                from sidecar_bridge._client.tauri.async_stronghold import AsyncStronghold  # noqa: PLC0415 - loaded late

            kind = AsyncDesktop._stronghold = AsyncStronghold
        return kind(self._link, None, None)

    @property
    def tray(self) -> AsyncTrays:
        """Icons in the tray."""
        kind = AsyncDesktop._tray
        if kind is None:
            with loading:
                from sidecar_bridge._client.tauri.async_tray import AsyncTrays  # noqa: PLC0415 - loaded late

            kind = AsyncDesktop._tray = AsyncTrays
        return kind(self._link, None, None)

    @property
    def updater(self) -> AsyncUpdater:
        """Plugin updater: newer versions of the app."""
        kind = AsyncDesktop._updater
        if kind is None:
            with loading:
                from sidecar_bridge._client.tauri.async_updater import AsyncUpdater  # noqa: PLC0415 - loaded late

            kind = AsyncDesktop._updater = AsyncUpdater
        return kind(self._link, None, None)

    @property
    def upload(self) -> AsyncUpload:
        """Plugin upload: files to and from servers."""
        kind = AsyncDesktop._upload
        if kind is None:
            with loading:
                from sidecar_bridge._client.tauri.async_upload import AsyncUpload  # noqa: PLC0415 - loaded late

            kind = AsyncDesktop._upload = AsyncUpload
        return kind(self._link, None, None)

    def webview(self, label: str | None = None, *, timeout_s: float | None = None) -> AsyncWebview:
        """Give the webview with that label, or the one of other calls; `timeout_s` limits each call, in seconds."""
        kind = AsyncDesktop._webview
        if kind is None:
            with loading:
                from sidecar_bridge._client.tauri.async_webview import AsyncWebview  # noqa: PLC0415 - loaded late

            kind = AsyncDesktop._webview = AsyncWebview
        return kind(self._link, label, timeout_s)

    def window(self, label: str | None = None, *, timeout_s: float | None = None) -> AsyncWindow:
        """Give the window with that label, or the one of other calls; `timeout_s` limits each call, in seconds."""
        kind = AsyncDesktop._window
        if kind is None:
            with loading:
                from sidecar_bridge._client.tauri.async_window import AsyncWindow  # noqa: PLC0415 - loaded late

            kind = AsyncDesktop._window = AsyncWindow
        return kind(self._link, label, timeout_s)

    @property
    def window_state(self) -> AsyncWindowState:
        """Plugin window-state: where windows were."""
        kind = AsyncDesktop._window_state
        if kind is None:
            with loading:
                from sidecar_bridge._client.tauri.async_window_state import AsyncWindowState  # noqa: PLC0415 - loaded late

            kind = AsyncDesktop._window_state = AsyncWindowState
        return kind(self._link, None, None)
