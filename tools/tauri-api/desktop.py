"""How each plugin is reached from a host, and what it is called there."""

from __future__ import annotations

from typing import NamedTuple


class Module(NamedTuple):
    """A plugin's names in Python."""

    module: str
    class_name: str
    title: str
    """What it is, in words."""
    base: str = ""
    """The module with what is written by hand of its methods, which the class inherits: `Async…` of the same name."""
    types: tuple[str, ...] = ()
    """A module beside the types that are made, and the types of it that these have, too."""


MODULES = {
    "app": Module("app", "App", "app"),
    "window": Module("window", "Window", "windows"),
    "webview": Module("webview", "Webview", "webviews"),
    "event": Module("event", "Event", "events"),
    "path": Module("path", "TauriPath", "directories and paths"),
    "image": Module("image", "Images", "images"),
    "menu": Module("menu", "Menus", "menus"),
    "tray": Module("tray", "Trays", "icons in the tray"),
    "resources": Module("resources", "Resources", "resources"),
    "autostart": Module("autostart", "Autostart", "plugin autostart: the app starts when the user logs in"),
    "cli": Module("cli", "Cli", "plugin cli: what the app was started with"),
    "clipboard-manager": Module("clipboard", "Clipboard", "plugin clipboard-manager: the clipboard"),
    "deep-link": Module("deep_link", "DeepLink", "plugin deep-link: links that open the app"),
    "dialog": Module("dialog", "Dialog", "plugin dialog: dialogs of the system"),
    "fs": Module(
        "fs", "Fs", "plugin fs: files, as far as its scope goes", "files", ("_changes", "Change", "ChangeType")
    ),
    "global-shortcut": Module("global_shortcut", "GlobalShortcut", "plugin global-shortcut: keys of the whole desktop"),
    "log": Module("log", "Log", "plugin log: the app's log", types=("_handler", "LogHandler")),
    "notification": Module("notification", "Notifications", "plugin notification: notifications of the desktop"),
    "opener": Module("opener", "Opener", "plugin opener: files and links in other programs"),
    "positioner": Module("positioner", "Positioner", "plugin positioner: well-known places for windows"),
    "process": Module("process", "Process", "plugin process: the end of the app"),
    "shell": Module(
        "shell",
        "Shell",
        "plugin shell: other programs, as far as its scope goes",
        "children",
        ("_output", "Error", "Event", "Stderr", "Stdout", "Terminated"),
    ),
    "sql": Module("sql", "Sql", "plugin sql: databases of the app"),
    "store": Module("store", "Stores", "plugin store: values in files of the app"),
    "stronghold": Module("stronghold", "Stronghold", "plugin stronghold: secrets in a file of the app"),
    "updater": Module("updater", "Updater", "plugin updater: newer versions of the app"),
    "upload": Module("upload", "Upload", "plugin upload: files to and from servers"),
    "window-state": Module("window_state", "WindowState", "plugin window-state: where windows were"),
}

BY_HAND = ("image", "menu", "store", "stronghold", "tray", "updater", "upload")
"""Plugins whose classes are written by hand."""

HANDLES = {
    "child": ("Child",),
    "file": ("File", "Lines"),
    "image": ("Image",),
    "menu": (
        "CheckItemHandle",
        "IconItemHandle",
        "ItemHandle",
        "Menu",
        "PredefinedItemHandle",
        "SubmenuHandle",
    ),
    "shortcut": ("NotificationListener", "Shortcut"),
    "store": ("Store", "StoreChanges"),
    "stronghold": ("Snapshot", "StrongholdClient", "Vault"),
    "tray": ("AppTrayIcon", "TrayIcon"),
    "updater": ("Update",),
}
"""What commands give that has commands of its own, by its module."""

_BY_LABEL = {"window", "webview"}
"""Plugins that a host gives by the label of a window."""

_HEAD = '''"""The commands of Tauri, as members of a host, for asyncio."""

from __future__ import annotations

from sidecar_bridge._client.failure import loading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import ClassVar

    from sidecar_bridge._client.async_link import AsyncLink
{types}

class AsyncDesktop:
    """What a host has of Tauri; each module is loaded when it is used."""

    _link: AsyncLink
    # An import statement costs as much as the rest of a call, also when the module is there.
{kinds}'''
_PROPERTY = '''
    @property
    def {module}(self) -> Async{kind}:
        """{title}."""
        kind = AsyncDesktop._{module}
        if kind is None:
            with loading:
                from sidecar_bridge._client.tauri.async_{module} import Async{kind}  # noqa: PLC0415 - loaded late

            kind = AsyncDesktop._{module} = Async{kind}
        return kind(self._link, None, None)
'''
_METHOD = '''
    def {module}(self, label: str | None = None, *, timeout_s: float | None = None) -> Async{kind}:
        """Give the {module} with that label, or the one of other calls; `timeout_s` limits each call, in seconds."""
        kind = AsyncDesktop._{module}
        if kind is None:
            with loading:
                from sidecar_bridge._client.tauri.async_{module} import Async{kind}  # noqa: PLC0415 - loaded late

            kind = AsyncDesktop._{module} = Async{kind}
        return kind(self._link, label, timeout_s)
'''


def host_module(plugins: list[str]) -> str:
    """Give the text of the class that hosts inherit."""
    types = kinds = members = ""
    for plugin in sorted(plugins, key=lambda each: MODULES[each].module):
        module, kind, title, *_ = MODULES[plugin]
        types += f"    from sidecar_bridge._client.tauri.async_{module} import Async{kind}\n"
        kinds += f"    _{module}: ClassVar[type[Async{kind}] | None] = None\n"
        form = _METHOD if plugin in _BY_LABEL else _PROPERTY
        members += form.format(module=module, kind=kind, title=title[0].upper() + title[1:])
    return _HEAD.format(types=types, kinds=kinds) + members


_NAMES = '''"""The classes of Tauri's commands and of the handles that these give, for annotations.

A host has one of each plugin: `host.dialog` of an `AsyncHost` is an `AsyncDialog`, and `await host.tray.new(…)` gives
an `AsyncTrayIcon`. Each is loaded when it is asked for. What the commands take and give is in `sidecar_bridge.tauri`.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
{types}

__all__ = [
{names}
]

_MODULES = {{
{modules}
}}


if not TYPE_CHECKING:
    # Type checkers would take any name for one that this gives.
    def __getattr__(name: str) -> object:
        if name not in _MODULES:
            msg = f"module {{__name__!r}} has no attribute {{name!r}}"
            raise AttributeError(msg)
        from importlib import import_module  # noqa: PLC0415 - not for type checkers

        value = getattr(import_module(f"sidecar_bridge._client.tauri.{{_MODULES[name]}}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return __all__
'''


def names_module(plugins: list[str]) -> str:
    """Give the text of the module that has the classes of all plugins and handles."""
    kinds = [(MODULES[plugin].class_name, MODULES[plugin].module) for plugin in plugins]
    kinds += [(kind, module) for module, found in HANDLES.items() for kind in found]
    modules = {
        f"{twin}{kind}": f"{twin.lower()}{'_' if twin else ''}{module}"
        for kind, module in kinds
        for twin in ("", "Async")
    }
    return _NAMES.format(
        types="\n".join(
            f"    from sidecar_bridge._client.tauri.{home} import {name}" for name, home in sorted(modules.items())
        ),
        names="\n".join(f"    {name!r}," for name in sorted(modules)),
        modules="\n".join(f"    {name!r}: {home!r}," for name, home in sorted(modules.items())),
    )
