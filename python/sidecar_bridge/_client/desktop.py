# Generated from `_client/async_desktop.py` by `python/tools/blocking.py`: do not edit.

# Generated from `tools/tauri-api/tauri-api.json` by `tools/tauri-api/emit.py`: do not edit.

"""The commands of Tauri, as members of a host, for blocking code."""

from __future__ import annotations

from sidecar_bridge._client.failure import loading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import ClassVar

    from sidecar_bridge._client.link import Link
    from sidecar_bridge._client.tauri.app import App
    from sidecar_bridge._client.tauri.autostart import Autostart
    from sidecar_bridge._client.tauri.cli import Cli
    from sidecar_bridge._client.tauri.clipboard import Clipboard
    from sidecar_bridge._client.tauri.deep_link import DeepLink
    from sidecar_bridge._client.tauri.dialog import Dialog
    from sidecar_bridge._client.tauri.fs import Fs
    from sidecar_bridge._client.tauri.global_shortcut import GlobalShortcut
    from sidecar_bridge._client.tauri.image import Images
    from sidecar_bridge._client.tauri.log import Log
    from sidecar_bridge._client.tauri.menu import Menus
    from sidecar_bridge._client.tauri.notification import Notifications
    from sidecar_bridge._client.tauri.opener import Opener
    from sidecar_bridge._client.tauri.path import TauriPath
    from sidecar_bridge._client.tauri.positioner import Positioner
    from sidecar_bridge._client.tauri.process import Process
    from sidecar_bridge._client.tauri.shell import Shell
    from sidecar_bridge._client.tauri.sql import Sql
    from sidecar_bridge._client.tauri.store import Stores
    from sidecar_bridge._client.tauri.stronghold import Stronghold
    from sidecar_bridge._client.tauri.tray import Trays
    from sidecar_bridge._client.tauri.updater import Updater
    from sidecar_bridge._client.tauri.upload import Upload
    from sidecar_bridge._client.tauri.webview import Webview
    from sidecar_bridge._client.tauri.window import Window
    from sidecar_bridge._client.tauri.window_state import WindowState


class Desktop:
    """What a host has of Tauri; each module is loaded when it is used."""

    _link: Link
    # An import statement costs as much as the rest of a call, also when the module is there.
    _app: ClassVar[type[App] | None] = None
    _autostart: ClassVar[type[Autostart] | None] = None
    _cli: ClassVar[type[Cli] | None] = None
    _clipboard: ClassVar[type[Clipboard] | None] = None
    _deep_link: ClassVar[type[DeepLink] | None] = None
    _dialog: ClassVar[type[Dialog] | None] = None
    _fs: ClassVar[type[Fs] | None] = None
    _global_shortcut: ClassVar[type[GlobalShortcut] | None] = None
    _image: ClassVar[type[Images] | None] = None
    _log: ClassVar[type[Log] | None] = None
    _menu: ClassVar[type[Menus] | None] = None
    _notification: ClassVar[type[Notifications] | None] = None
    _opener: ClassVar[type[Opener] | None] = None
    _path: ClassVar[type[TauriPath] | None] = None
    _positioner: ClassVar[type[Positioner] | None] = None
    _process: ClassVar[type[Process] | None] = None
    _shell: ClassVar[type[Shell] | None] = None
    _sql: ClassVar[type[Sql] | None] = None
    _store: ClassVar[type[Stores] | None] = None
    _stronghold: ClassVar[type[Stronghold] | None] = None
    _tray: ClassVar[type[Trays] | None] = None
    _updater: ClassVar[type[Updater] | None] = None
    _upload: ClassVar[type[Upload] | None] = None
    _webview: ClassVar[type[Webview] | None] = None
    _window: ClassVar[type[Window] | None] = None
    _window_state: ClassVar[type[WindowState] | None] = None

    @property
    def app(self) -> App:
        """App."""
        kind = Desktop._app
        if kind is None:
            with loading:
                from sidecar_bridge._client.tauri.app import App  # noqa: PLC0415 - loaded late

            kind = Desktop._app = App
        return kind(self._link, None, None)

    @property
    def autostart(self) -> Autostart:
        """Plugin autostart: the app starts when the user logs in."""
        kind = Desktop._autostart
        if kind is None:
            with loading:
                from sidecar_bridge._client.tauri.autostart import Autostart  # noqa: PLC0415 - loaded late

            kind = Desktop._autostart = Autostart
        return kind(self._link, None, None)

    @property
    def cli(self) -> Cli:
        """Plugin cli: what the app was started with."""
        kind = Desktop._cli
        if kind is None:
            with loading:
                from sidecar_bridge._client.tauri.cli import Cli  # noqa: PLC0415 - loaded late

            kind = Desktop._cli = Cli
        return kind(self._link, None, None)

    @property
    def clipboard(self) -> Clipboard:
        """Plugin clipboard-manager: the clipboard."""
        kind = Desktop._clipboard
        if kind is None:
            with loading:
                from sidecar_bridge._client.tauri.clipboard import Clipboard  # noqa: PLC0415 - loaded late

            kind = Desktop._clipboard = Clipboard
        return kind(self._link, None, None)

    @property
    def deep_link(self) -> DeepLink:
        """Plugin deep-link: links that open the app."""
        kind = Desktop._deep_link
        if kind is None:
            with loading:
                from sidecar_bridge._client.tauri.deep_link import DeepLink  # noqa: PLC0415 - loaded late

            kind = Desktop._deep_link = DeepLink
        return kind(self._link, None, None)

    @property
    def dialog(self) -> Dialog:
        """Plugin dialog: dialogs of the system."""
        kind = Desktop._dialog
        if kind is None:
            with loading:
                from sidecar_bridge._client.tauri.dialog import Dialog  # noqa: PLC0415 - loaded late

            kind = Desktop._dialog = Dialog
        return kind(self._link, None, None)

    @property
    def fs(self) -> Fs:
        """Plugin fs: files, as far as its scope goes."""
        kind = Desktop._fs
        if kind is None:
            with loading:
                from sidecar_bridge._client.tauri.fs import Fs  # noqa: PLC0415 - loaded late

            kind = Desktop._fs = Fs
        return kind(self._link, None, None)

    @property
    def global_shortcut(self) -> GlobalShortcut:
        """Plugin global-shortcut: keys of the whole desktop."""
        kind = Desktop._global_shortcut
        if kind is None:
            with loading:
                from sidecar_bridge._client.tauri.global_shortcut import GlobalShortcut  # noqa: PLC0415 - loaded late

            kind = Desktop._global_shortcut = GlobalShortcut
        return kind(self._link, None, None)

    @property
    def image(self) -> Images:
        """Images."""
        kind = Desktop._image
        if kind is None:
            with loading:
                from sidecar_bridge._client.tauri.image import Images  # noqa: PLC0415 - loaded late

            kind = Desktop._image = Images
        return kind(self._link, None, None)

    @property
    def log(self) -> Log:
        """Plugin log: the app's log."""
        kind = Desktop._log
        if kind is None:
            with loading:
                from sidecar_bridge._client.tauri.log import Log  # noqa: PLC0415 - loaded late

            kind = Desktop._log = Log
        return kind(self._link, None, None)

    @property
    def menu(self) -> Menus:
        """Menus."""
        kind = Desktop._menu
        if kind is None:
            with loading:
                from sidecar_bridge._client.tauri.menu import Menus  # noqa: PLC0415 - loaded late

            kind = Desktop._menu = Menus
        return kind(self._link, None, None)

    @property
    def notification(self) -> Notifications:
        """Plugin notification: notifications of the desktop."""
        kind = Desktop._notification
        if kind is None:
            with loading:
                from sidecar_bridge._client.tauri.notification import Notifications  # noqa: PLC0415 - loaded late

            kind = Desktop._notification = Notifications
        return kind(self._link, None, None)

    @property
    def opener(self) -> Opener:
        """Plugin opener: files and links in other programs."""
        kind = Desktop._opener
        if kind is None:
            with loading:
                from sidecar_bridge._client.tauri.opener import Opener  # noqa: PLC0415 - loaded late

            kind = Desktop._opener = Opener
        return kind(self._link, None, None)

    @property
    def path(self) -> TauriPath:
        """Directories and paths."""
        kind = Desktop._path
        if kind is None:
            with loading:
                from sidecar_bridge._client.tauri.path import TauriPath  # noqa: PLC0415 - loaded late

            kind = Desktop._path = TauriPath
        return kind(self._link, None, None)

    @property
    def positioner(self) -> Positioner:
        """Plugin positioner: well-known places for windows."""
        kind = Desktop._positioner
        if kind is None:
            with loading:
                from sidecar_bridge._client.tauri.positioner import Positioner  # noqa: PLC0415 - loaded late

            kind = Desktop._positioner = Positioner
        return kind(self._link, None, None)

    @property
    def process(self) -> Process:
        """Plugin process: the end of the app."""
        kind = Desktop._process
        if kind is None:
            with loading:
                from sidecar_bridge._client.tauri.process import Process  # noqa: PLC0415 - loaded late

            kind = Desktop._process = Process
        return kind(self._link, None, None)

    @property
    def shell(self) -> Shell:
        """Plugin shell: other programs, as far as its scope goes."""
        kind = Desktop._shell
        if kind is None:
            with loading:
                from sidecar_bridge._client.tauri.shell import Shell  # noqa: PLC0415 - loaded late

            kind = Desktop._shell = Shell
        return kind(self._link, None, None)

    @property
    def sql(self) -> Sql:
        """Plugin sql: databases of the app."""
        kind = Desktop._sql
        if kind is None:
            with loading:
                from sidecar_bridge._client.tauri.sql import Sql  # noqa: PLC0415 - loaded late

            kind = Desktop._sql = Sql
        return kind(self._link, None, None)

    @property
    def store(self) -> Stores:
        """Plugin store: values in files of the app."""
        kind = Desktop._store
        if kind is None:
            with loading:
                from sidecar_bridge._client.tauri.store import Stores  # noqa: PLC0415 - loaded late

            kind = Desktop._store = Stores
        return kind(self._link, None, None)

    @property
    def stronghold(self) -> Stronghold:
        """Plugin stronghold: secrets in a file of the app."""
        kind = Desktop._stronghold
        if kind is None:
            with loading:
                from sidecar_bridge._client.tauri.stronghold import Stronghold  # noqa: PLC0415 - loaded late

            kind = Desktop._stronghold = Stronghold
        return kind(self._link, None, None)

    @property
    def tray(self) -> Trays:
        """Icons in the tray."""
        kind = Desktop._tray
        if kind is None:
            with loading:
                from sidecar_bridge._client.tauri.tray import Trays  # noqa: PLC0415 - loaded late

            kind = Desktop._tray = Trays
        return kind(self._link, None, None)

    @property
    def updater(self) -> Updater:
        """Plugin updater: newer versions of the app."""
        kind = Desktop._updater
        if kind is None:
            with loading:
                from sidecar_bridge._client.tauri.updater import Updater  # noqa: PLC0415 - loaded late

            kind = Desktop._updater = Updater
        return kind(self._link, None, None)

    @property
    def upload(self) -> Upload:
        """Plugin upload: files to and from servers."""
        kind = Desktop._upload
        if kind is None:
            with loading:
                from sidecar_bridge._client.tauri.upload import Upload  # noqa: PLC0415 - loaded late

            kind = Desktop._upload = Upload
        return kind(self._link, None, None)

    def webview(self, label: str | None = None, *, timeout_s: float | None = None) -> Webview:
        """Give the webview with that label, or the one of other calls; `timeout_s` limits each call, in seconds."""
        kind = Desktop._webview
        if kind is None:
            with loading:
                from sidecar_bridge._client.tauri.webview import Webview  # noqa: PLC0415 - loaded late

            kind = Desktop._webview = Webview
        return kind(self._link, label, timeout_s)

    def window(self, label: str | None = None, *, timeout_s: float | None = None) -> Window:
        """Give the window with that label, or the one of other calls; `timeout_s` limits each call, in seconds."""
        kind = Desktop._window
        if kind is None:
            with loading:
                from sidecar_bridge._client.tauri.window import Window  # noqa: PLC0415 - loaded late

            kind = Desktop._window = Window
        return kind(self._link, label, timeout_s)

    @property
    def window_state(self) -> WindowState:
        """Plugin window-state: where windows were."""
        kind = Desktop._window_state
        if kind is None:
            with loading:
                from sidecar_bridge._client.tauri.window_state import WindowState  # noqa: PLC0415 - loaded late

            kind = Desktop._window_state = WindowState
        return kind(self._link, None, None)
