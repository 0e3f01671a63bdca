"""What neither the npm packages nor the crates say, or what one of them says wrong; each with its reason.

A type is a word (`string`, `int`, `float`, `boolean`, `json`, `bytes`, `path`, `moment`, `size`, `position`, `image`,
`color`, `nothing`) or a tree of one key: `list`, `optional`, `map`, `tuple`, `literal`, `union`, `dpi`, `record` and
`enum` (the last two by the name in TypeScript).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Tree = Any
"""A type, as above."""


@dataclass(frozen=True)
class Method:
    """How one call of a command is made, where the packages do not say it."""

    command: str
    because: str
    js: str | None = None
    """The function or method in TypeScript that this is about; `None` for a command without one."""
    like: str | None = None
    """The function whose types and words to take instead, when the one that calls is not public."""
    name: str | None = None
    """The method's name in Python."""
    takes: dict[str, Tree] = field(default_factory=dict)
    """Types of arguments, by their name in JSON; `None` leaves one out."""
    names: dict[str, str] = field(default_factory=dict)
    """Names in Python of arguments, by their name in JSON."""
    defaults: dict[str, Any] = field(default_factory=dict)
    """What is sent for an argument that Tauri needs and TypeScript lets out."""
    gives: Tree = None
    overload: str | None = None
    """The argument, a flag, on which the result depends: `gives` is for false, `or_gives` for true."""
    or_gives: Tree = None
    doc: str | None = None
    """The first line of the description, where TypeScript has none."""


LEFT_OUT_PLUGINS = {
    "http": "Python has better HTTP clients, which need no permission of a page",
    "websocket": "Python has better WebSocket clients",
    "os": "`platform`, `sys` and `locale` of Python say the same; six of its eight commands exist in pages only",
    "single-instance": "it has no commands; `host.listen` hears the event that the app's callback emits",
    "resources": "`close` of each handle does it",
}

LEFT_OUT = {
    "event|listen": "`host.listen` is it",
    "event|unlisten": "leaving the block of `host.listen` is it",
    "event|emit": "`host.emit` is it",
    "event|emit_to": "`host.emit(…, target=…)` is it",
    "window|create": "`host.webview(…).create_window` makes the window and its page; a window without one needs the "
    "feature `unstable`",
    "window|internal_toggle_maximize": "the title bar that Tauri draws calls it",
    "webview|internal_toggle_devtools": "Tauri's own key for the developer tools calls it",
    "webview|create_webview": "answers only with the feature `unstable`, which the host does not build with",
    "webview|reparent": "answers only with the feature `unstable`; without it one call was never answered",
    "menu|set_as_windows_menu_for_nsapp": "nothing but macOS has such a menu, and there nobody could try it",
    "menu|set_as_help_menu_for_nsapp": "nothing but macOS has such a menu, and there nobody could try it",
    "fs|start_accessing_security_scoped_resource": "iOS only; elsewhere it does nothing",
    "fs|stop_accessing_security_scoped_resource": "iOS only; elsewhere it does nothing",
}

BY_HAND = {
    "fs|create": ("host.fs.create",),
    "fs|ftruncate": ("`AsyncFile.truncate`",),
    "fs|write": ("`AsyncFile.write`",),
    "fs|write_file": ("host.fs.write_bytes",),
    "fs|write_text_file": ("host.fs.write_text",),
    "fs|read": ("`AsyncFile.read`",),
    "fs|open": ("host.fs.open",),
    "fs|read_text_file_lines": ("host.fs.read_lines",),
    "fs|read_text_file_lines_next": ("`AsyncLines`",),
    "fs|seek": ("`AsyncFile.seek`",),
    "fs|fstat": ("`AsyncFile.stat`",),
    "fs|watch": ("host.fs.watch",),
    "shell|spawn": ("host.shell.spawn",),
    "store|load": ("host.store.load",),
    "store|get_store": ("host.store.get",),
    **{
        f"store|{name}": (f"`AsyncStore.{name}`",)
        for name in (
            *("set", "get", "has", "delete", "clear", "reset", "keys", "values", "entries", "length", "reload"),
            "save",
        )
    },
    "upload|download": ("host.upload.download",),
    "upload|upload": ("host.upload.upload",),
    "updater|check": ("host.updater.check",),
    "updater|download": ("`AsyncUpdate.download`",),
    "updater|install": ("`AsyncUpdate.install`",),
    "updater|download_and_install": ("`AsyncUpdate.download_and_install`",),
    "stronghold|initialize": ("host.stronghold.load",),
    "stronghold|destroy": ("`AsyncSnapshot.unload`",),
    "stronghold|save": ("`AsyncSnapshot.save`",),
    "stronghold|create_client": ("`AsyncSnapshot.create_client`",),
    "stronghold|load_client": ("`AsyncSnapshot.load_client`",),
    "stronghold|get_store_record": ("`AsyncStrongholdClient.get`",),
    "stronghold|save_store_record": ("`AsyncStrongholdClient.insert`",),
    "stronghold|remove_store_record": ("`AsyncStrongholdClient.remove`",),
    "stronghold|save_secret": ("`AsyncVault.insert`",),
    "stronghold|remove_secret": ("`AsyncVault.remove`",),
    "stronghold|execute_procedure": ("`AsyncVault.sign_ed25519` and five more",),
    "app|default_window_icon": ("host.app.default_window_icon",),
    "clipboard-manager|read_image": ("host.clipboard.read_image",),
    "global-shortcut|register": ("host.global_shortcut.register",),
    "image|from_bytes": ("host.image.from_bytes",),
    "image|from_path": ("host.image.from_path",),
    "image|new": ("host.image.new",),
    "image|rgba": ("rgba of an image",),
    "image|size": ("size of an image",),
    "menu|create_default": ("host.menu.create_default",),
    "menu|new": ("host.menu.new", "host.menu.submenu", "host.menu.item and others"),
    **{
        f"menu|{each}": (f"{each} of a menu",)
        for each in ("append", "prepend", "insert", "remove", "remove_at", "items", "get", "popup")
    },
    **{f"menu|{each}": (f"{each} of a menu",) for each in ("set_as_app_menu", "set_as_window_menu")},
    **{
        f"menu|{each}": (f"{each} of an item",)
        for each in ("text", "set_text", "is_enabled", "set_enabled", "set_accelerator", "set_icon")
    },
    **{f"menu|{each}": (f"{each} of a check item",) for each in ("is_checked", "set_checked")},
    "notification|register_listener": ("host.notification.on_action",),
    "notification|remove_listener": ("close of what host.notification.on_action gives",),
    "tray|get_by_id": ("host.tray.get_by_id",),
    "tray|new": ("host.tray.new",),
    "tray|remove_by_id": ("host.tray.remove_by_id",),
    **{
        f"tray|{each}": (f"{each} of an icon",)
        for each in (
            "set_icon",
            "set_menu",
            "set_tooltip",
            "set_title",
            "set_visible",
            "set_temp_dir_path",
            "set_icon_as_template",
            "set_icon_with_as_template",
            "set_show_menu_on_left_click",
        )
    },
}
"""Commands whose Python is written by hand, in `_client/tauri`, with what has them there.

They take headers or channels, or make handles, or functions of Python come back with them.
"""

NOT_CALLED = {
    "app|register_listener": "Android's back button",
    "notification|register_listener#onNotificationReceived": "the event never comes on a desktop",
    "window|get_all_windows#getAllWebviewWindows": "the same call as `getAllWindows`",
    "window|set_background_color#WebviewWindow.setBackgroundColor": "does what both `setBackgroundColor` do",
    "webview|set_webview_background_color#WebviewWindow.setBackgroundColor": "does what both `setBackgroundColor` do",
}

FLOATS = {
    "scaleFactor", "x", "y", "width", "height", "minWidth", "minHeight", "maxWidth", "maxHeight", "radius",
    "transferSpeed",
}  # fmt: skip
"""Numbers of records that are `f64` in Rust. All others are whole."""

NOT_FLOATS = {"PreventOverflowMargin.width", "PreventOverflowMargin.height", "ImageSize.width", "ImageSize.height"}
"""Of those above, the ones that are whole after all: `u32` in Rust."""

PATHS = {
    "OpenDialogOptions.defaultPath", "SaveDialogOptions.defaultPath", "SpawnOptions.cwd",
    "WebviewOptions.dataDirectory",
}  # fmt: skip
"""Strings that are paths."""

PLUGINS_OF_PATHS = {"path"}
"""Plugins whose strings are paths, but for results named below."""

NO_PATHS = {"path|extname", "path|basename"}
"""Commands of these whose result is a name."""

MEMBER_TYPES = {
    "DialogFilter.extensions": {"list": "extension"},
    "WebviewOptions.dataStoreIdentifier": "uuid",
    "WindowSizeConstraints.minWidth": "length",
    "WindowSizeConstraints.minHeight": "length",
    "WindowSizeConstraints.maxWidth": "length",
    "WindowSizeConstraints.maxHeight": "length",
}
"""Types of members that TypeScript says too loosely."""

RENAMED_TYPES = {"DialogFilter": "Filter", "Options": "Notification"}
"""Names of types in Python that differ from those in TypeScript."""

PHONES = {
    "pickerMode", "fileAccessMode", "activityName", "createdByActivityName", "requestedBySceneIdentifier",
    "channelId", "disableInputAccessoryView", "ongoing", "autoCancel", "largeIcon", "iconColor", "schedule",
    "visibility", "number",
}  # fmt: skip
"""Members of options that phones alone read; the last two the desktop's commands do not know."""

FLAGS = {"StateFlags"}
"""Enums whose members are bits."""

MEMBERS = {
    "FileInfo.fileAttributes": ("fileAttribues", "the command misspells it, and the wrapper reads the right spelling"),
}
"""Members that have another name in what the command answers."""

NAMES = {
    "fs|read_text_file": "read_text",
    "fs|read_file": "read_bytes",
    "app|app_show": "show",
    "app|app_hide": "hide",
    "app|set_app_theme": "set_theme",
    "process|restart": "restart",
    "cli|cli_matches": "matches",
    "window-state|save_window_state": "save",
    "window-state|restore_state": "restore",
}
"""Names of methods that differ from TypeScript's: as `pathlib` has them, or without the plugin's name."""

METHODS = [
    Method(
        "dialog|open",
        "the result depends on `multiple`, which TypeScript says with a conditional type; a closed dialog is null",
        js="open",
        gives={"optional": "path"},
        overload="multiple",
        or_gives={"optional": {"list": "path"}},
    ),
    Method("dialog|save", "the result is a path", js="save", gives={"optional": "path"}),
    Method(
        "dialog|message",
        "the wrapper writes its options into arguments of the command, and its form of custom buttons is refused there",
        js="messageCommand",
        like="message",
        name="message",
        takes={"title": "string", "kind": {"literal": ["info", "warning", "error"]}, "buttons": "buttons"},
        gives="string",
    ),
    Method(
        "fs|read_text_file",
        "the answer is bytes, which the wrapper decodes",
        js="readTextFile",
        takes={"encoding": None},
        gives="utf8",
    ),
    Method("fs|read_file", "the answer is bytes", js="readFile", takes={"encoding": None}, gives="bytes"),
    Method(
        "notification|notify",
        "the wrapper calls it through `window.Notification`",
        like="sendNotification",
        name="send",
        takes={"options": {"record": "Options"}},
        gives="nothing",
        doc="Sends a notification to the user.",
    ),
    Method(
        "notification|request_permission",
        "the wrapper calls it through `window.Notification`",
        like="requestPermission",
        name="request_permission",
        gives={"record": "PermissionState"},
    ),
    Method(
        "app|bundle_type",
        "null in an app that was not bundled, and TypeScript does not say so",
        js="getBundleType",
        gives={"optional": {"enum": "BundleType"}},
    ),
    Method(
        "notification|is_permission_granted",
        "null while nobody was asked",
        js="isPermissionGranted",
        gives={"optional": "boolean"},
    ),
    Method(
        "notification|remove_active",
        "the wrapper says objects of `id` and `tag`, of which the desktop reads `id`",
        js="removeActive",
        takes={"notifications": {"list": {"record": "ActiveId"}}},
    ),
    Method(
        "clipboard-manager|write_secret",
        "npm has no wrapper",
        name="write_secret",
        takes={"text": "string"},
        gives="nothing",
        doc="Writes a secret to the clipboard, such as a password, and asks clipboard managers not to keep it.",
    ),
    Method("clipboard-manager|write_text", "the label is Android's", js="writeText", takes={"label": None}),
    Method("opener|open_url", "a URL is a string in Python", js="openUrl", takes={"url": "string"}),
    Method("opener|open_path", "the argument is a path", js="openPath", takes={"path": "path"}),
    Method(
        "opener|reveal_item_in_dir",
        "the command wants a list",
        js="revealItemInDir",
        name="reveal",
        takes={"paths": {"list": "path"}},
    ),
    Method(
        "window|get_all_windows",
        "the wrapper makes windows of the labels",
        js="getAllWindows",
        name="all_labels",
        gives={"list": "string"},
    ),
    Method(
        "window|set_size_constraints",
        "the wrapper makes logical lengths of the numbers",
        js="setSizeConstraints",
        takes={"value": {"record": "WindowSizeConstraints"}},
    ),
    Method(
        "window|request_user_attention",
        "the command takes the enum as an object of `type`",
        js="requestUserAttention",
        takes={"value": {"optional": {"tagged": "UserAttentionType"}}},
        names={"value": "attention"},
    ),
    Method(
        "window|set_background_color",
        "null for the default colour",
        js="setBackgroundColor",
        takes={"value": {"optional": "color"}},
    ),
    Method("window|set_effects", "null clears them, which TypeScript has a second method for", js="setEffects"),
    Method("window|set_badge_count", "null or no number takes the badge away", js="setBadgeCount"),
    Method(
        "window|theme",
        "the wrapper says null, and the command gives always a theme",
        js="theme",
        gives={"alias": "Theme"},
    ),
    Method(
        "window|set_overlay_icon",
        "the wrapper turns no icon into `undefined`",
        js="setOverlayIcon",
        takes={"value": "image"},
    ),
    Method(
        "webview|set_webview_background_color",
        "null for the default colour",
        js="setBackgroundColor",
        takes={"value": {"optional": "color"}},
    ),
    Method(
        "webview|get_all_webviews",
        "the wrapper reads `windowLabel`, the command sends `window_label`",
        js="getAllWebviews",
        name="all_labels",
        gives={"list": {"record": "WebviewRef"}},
    ),
    Method(
        "webview|create_webview_window",
        "the wrapper is the constructor, and merges the label into its options",
        js="WebviewWindow.constructor",
        name="create_window",
        takes={
            "options": {"all": [{"record": "NewLabel"}, {"record": "WindowOptions"}, {"record": "WebviewOptions"}]},
        },
        gives="nothing",
        doc="Creates a window that shows a page.",
    ),
    Method(
        "webview|print", "npm has no wrapper", name="print", gives="nothing", doc="Opens the dialog to print the page."
    ),
    Method("webview|clear_all_browsing_data", "the wrapper leaves the label out", js="clearAllBrowsingData"),
    Method(
        "path|resolve_directory",
        "the wrapper gives the directory by its own name each time",
        js="resolveResource",
        takes={"path": "path"},
        gives="path",
    ),
    Method(
        "sql|load",
        "`Database` keeps the path as its own; options have no type in TypeScript",
        js="Database.load",
        takes={"options": {"record": "LoadOptions"}},
        names={"db": "db"},
        gives="string",
    ),
    Method(
        "sql|execute",
        "a pair; `Database` keeps the path as its own",
        js="Database.execute",
        takes={"db": "string", "values": {"list": "json"}},
        defaults={"values": []},
        names={"values": "values"},
        gives={"record": "QueryResult"},
    ),
    Method(
        "sql|select",
        "`Database` keeps the path as its own",
        js="Database.select",
        takes={"db": "string", "values": {"list": "json"}},
        defaults={"values": []},
        names={"values": "values"},
        gives={"list": {"map": "json"}},
    ),
    Method(
        "shell|execute",
        "`Command` keeps its arguments to itself",
        js="Command.execute",
        takes={"program": "string", "args": {"list": "string"}, "options": {"record": "SpawnOptions"}},
        defaults={"args": []},
        gives={"record": "ChildProcess"},
        doc="Runs a program to its end.",
    ),
    Method(
        "shell|stdin_write",
        "`Child` keeps the pid to itself",
        js="Child.write",
        name="write",
        takes={"pid": "int", "buffer": {"union": ["string", "bytes"]}},
    ),
    Method(
        "shell|kill",
        "`Child` keeps the pid to itself; the command reads no `cmd`",
        js="Child.kill",
        takes={"pid": "int", "cmd": None},
    ),
    Method(
        "shell|open",
        "the plugin opener does it better, and TypeScript calls this one deprecated; Rust knows these programs alone",
        js="open",
        takes={
            "with": {
                "literal": [
                    *("open", "start", "xdg-open", "gio", "gnome-open", "kde-open", "wslview"),
                    *("firefox", "chrome", "chromium", "safari"),
                ]
            }
        },
    ),
    Method("app|exit", "the wrapper sends 0 where no code is given", js="exit", defaults={"code": 0}),
    Method("process|exit", "the wrapper sends 0 where no code is given", js="exit", defaults={"code": 0}),
    Method(
        "log|log",
        "its wrapper is not public, and finds the location in a stack trace",
        js="log",
        takes={
            "level": {"enum": "LogLevel"},
            "message": "string",
            "location": "string",
            "file": "string",
            "line": "int",
            "keyValues": {"map": "string"},
        },
    ),
    Method(
        "positioner|set_tray_icon_state",
        "the wrapper takes them out of a tray's event",
        js="handleIconState",
        name="set_tray_icon_state",
        takes={"position": {"dpi": "PhysicalPosition"}, "size": {"dpi": "PhysicalSize"}},
        names={"position": "position", "size": "size"},
    ),
    Method(
        "global-shortcut|unregister",
        "the command wants a list",
        js="unregister",
        takes={"shortcuts": {"list": "string"}},
    ),
    Method(
        "deep-link|get_current",
        "null when no link opened the app",
        js="getCurrent",
        gives={"optional": {"list": "string"}},
    ),
    Method(
        "app|fetch_data_store_identifiers",
        "sixteen numbers are the bytes of a UUID",
        js="fetchDataStoreIdentifiers",
        gives={"list": "uuid"},
    ),
    Method(
        "app|remove_data_store", "sixteen numbers are the bytes of a UUID", js="removeDataStore", takes={"uuid": "uuid"}
    ),
]

RECORDS: dict[str, dict[str, Any]] = {
    "notification": {
        "PermissionState": {
            "because": "the command answers with Rust's `PermissionState`, TypeScript says what a browser would",
            "doc": "Whether the app may show notifications.",
            "words": ["granted", "denied", "prompt", "prompt-with-rationale"],
        },
        "ActiveId": {
            "because": "TypeScript has it without a name",
            "doc": "A notification that is shown.",
            "members": [("id", "int", False)],
        },
    },
    "sql": {
        "LoadOptions": {
            "because": "TypeScript has no such argument",
            "doc": "How a database is opened.",
            "members": [("autoCreate", "boolean", True)],
        },
        "QueryResult": {"because": "the command answers with a pair", "pair": True},
    },
    "webview": {
        "NewLabel": {
            "because": "TypeScript has the label beside the options",
            "doc": "",
            "members": [("label", "string", False)],
        },
        "WebviewRef": {
            "because": "TypeScript does not show it; `window_label` is the only member in snake case",
            "doc": "A webview, and the window that it is in.",
            "members": [("label", "string", False), ("window_label", "string", False)],
        },
    },
}
"""Records that TypeScript does not have, or has in another form."""

DOCS = {
    "clipboard-manager|write_html": "Write HTML to the clipboard, and a plain text for programs that take no HTML.",
    "clipboard-manager|write_image": "Write an image to the clipboard.",
    "autostart|enable": "Let the app start when the user logs in.",
    "autostart|disable": "Let the app no longer start when the user logs in.",
    "autostart|is_enabled": "Tell whether the app starts when the user logs in.",
    "log|log": "Write a line to the app's log.",
    "sql|load": "Open a database, by a URL such as `sqlite:app.db`; the answer is the name that the other calls take.",
    "sql|execute": "Run a statement that gives no rows.",
    "sql|select": "Run a statement and give its rows.",
    "sql|close": "Close a database.",
    "window|get_all_windows": "Give the labels of all windows.",
    "webview|get_all_webviews": "Give the labels of all webviews.",
    "positioner|move_window": "Move the window to a well-known place.",
    "positioner|move_window_constrained": "Move the window to a place by the tray, and keep it on the screen.",
    "positioner|set_tray_icon_state": "Tell the plugin where the icon in the tray is.",
    "fs|read_text_file": "Read a whole file as text in UTF-8.",
    "fs|read_file": "Read a whole file.",
    "fs|rename": "Rename or move a file or directory.",
    "process|restart": "End the app and start it again.",
    "shell|execute": "Run a program to its end, and give its output.",
    "shell|stdin_write": "Write to the standard input of a child process.",
}
"""Descriptions where TypeScript has none, or says what is true of TypeScript alone."""

TYPE_DOCS = {
    "Action": "A button of a notification, in an {@link ActionType}. Desktops take the identifier and the title only.",
    "ActionType": "The buttons of those notifications that have the `actionTypeId` of it.\n\n"
    "Desktops show them in notifications that are sent while somebody listens with `on_action`.",
}
"""Descriptions of types where TypeScript says what is no longer true: it has buttons for mobile systems only."""

NOTES = {
    "dialog|open": "A dialog that is closed gives `None`. A picked path is put into the scope of the plugin fs.",
    "dialog|save": "The file is not created. The path is put into the scope of the plugin fs.",
    "dialog|message": 'The answer is "Ok", "Cancel", "Yes", "No" or the label. A dialog that is closed is "Cancel", '
    "even where there is no such button.",
    "deep-link|is_registered": "On Linux it asks `xdg-mime`, and that of xdg-utils 1.1, as in Debian 12, knows no "
    "program whose path is in quotes, as `register` writes it: there this stays false, though links open the app.",
    "notification|remove_active": "Linux closes those that were sent while somebody listened with `on_action`; on "
    "Windows and macOS Tauri has no way to close one.",
    "notification|notify": "Answered also where no notification server runs.",
    "clipboard-manager|read_text": "An empty clipboard, or one with something else, is a `CommandError`.",
    "clipboard-manager|write_html": "Without `alt_text` nothing can be read as text afterwards.",
    "fs|mkdir": "Without `recursive` the parent has to be there.",
    "fs|remove": "A directory that is not empty needs `recursive`.",
    "opener|open_url": "The default permission has http, https, mailto and tel.",
    "app|exit": "The app ends: an answer may still come, or a `TransportError`.",
    "process|exit": "The app ends: an answer may still come, or a `TransportError`.",
    "process|restart": "The app ends: an answer may still come, or a `TransportError`.",
    "sql|execute": "Every number is bound as REAL, `True` and `False` as the texts `true` and `false`: send 1 and 0 "
    "for these. Lists and dicts are bound as their JSON text. There is no way to bind bytes.",
    "sql|select": "Values are bound as those of `execute`; columns of one name collapse, and bytes come as a list.",
    "sql|close": "Without `db` all databases are closed; one that is not open is no error.",
    "shell|execute": 'Output that is not UTF-8 fails the whole call; `encoding="raw"` gives bytes.',
    "shell|kill": "A pid that is gone is no error.",
    "shell|stdin_write": "A pid that is gone is no error.",
    "positioner|move_window": "The positions by the tray need the feature `tray-icon` of the plugin.",
    "log|log": "The values of `key_values` are strings.",
    "window|set_size": "The window is resized later than this answers: wait for the event `tauri://resize`.",
    "window|set_maximizable": "On Linux `is_maximizable` stays true.",
    "global-shortcut|unregister": "One that is not registered is no error.",
    "global-shortcut|is_registered": "A string that is no accelerator is a `CommandError`.",
    "path|extname": "A name without an extension is a `CommandError`.",
    "window-state|save_window_state": "Without `flags` the plugin's own are taken.",
}
"""What was seen when the commands were called, and is in no documentation."""
