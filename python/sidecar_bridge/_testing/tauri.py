"""Tauri's own commands and those of its plugins at a fake host."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sidecar_bridge._client import wire
from sidecar_bridge._testing import plugins
from sidecar_bridge._testing.arguments import check
from sidecar_bridge._testing.call import FailedError
from sidecar_bridge._testing.files import Directories, FakeFs, FakePath
from sidecar_bridge._testing.handles import FakeImage, FakeResources, FakeStore, Handles
from sidecar_bridge._testing.menus import FakeMenu, FakeTray
from sidecar_bridge._testing.replies import Refused
from sidecar_bridge._testing.tauri_commands import GIVES, TAKES, UNCLEAR

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from sidecar_bridge._testing.call import Call
    from sidecar_bridge._testing.desktop import FakeDesktop
    from sidecar_bridge._testing.replies import Reply
    from sidecar_bridge._testing.window import Windows

_CLOSE = "plugin:resources|close"
_PICKING = ("plugin:dialog|open", "plugin:dialog|save")
_ALL_TAKE = {**TAKES, _CLOSE: {"rid": "ResourceId"}}


class FakeTauri:
    """What answers the commands of Tauri that a test says nothing of."""

    def __init__(
        self,
        windows: Windows,
        desktop: FakeDesktop,
        directory: Path,
        emit: Callable[[str, object], object],
        send: Callable[[object, object], object],
    ) -> None:
        """Answer from those windows and that desktop, with files below `directory`.

        `emit` sends Tauri's own events, and `send` over channels.
        """
        self._windows = windows
        self._handles = Handles()
        self._directories = Directories(directory)
        self._plugins: dict[str, object] = {
            "app": plugins.FakeApp(desktop),
            "autostart": plugins.FakeAutostart(desktop),
            "clipboard-manager": plugins.FakeClipboard(desktop, self._handles),
            "deep-link": plugins.FakeDeepLink(desktop),
            "dialog": plugins.FakeDialog(),
            "fs": FakeFs(self._directories, self._handles),
            "global-shortcut": plugins.FakeShortcut(desktop),
            "image": FakeImage(self._handles),
            "menu": FakeMenu(self._handles, windows.labels),
            "notification": plugins.FakeNotification(),
            "path": FakePath(self._directories),
            "process": plugins.FakeProcess(),
            "resources": FakeResources(self._handles),
            "shell": plugins.FakeShell(self._handles, send),
            "sql": plugins.FakeSql(),
            "store": FakeStore(self._handles, desktop, emit),
            "tray": FakeTray(self._handles),
            "window-state": plugins.FakeWindowState(),
        }

    def check(self, call: Call, channels: Sequence[str]) -> None:
        """Refuse arguments that Tauri would refuse, if the command is one of Tauri's."""
        if call.command in _ALL_TAKE:
            check(call, _ALL_TAKE[call.command], channels)

    def knows(self, command: str) -> bool:
        """Tell whether a command has an answer here."""
        return command in _ALL_TAKE and command not in UNCLEAR

    def answer(self, call: Call, label: str) -> Any:
        """Answer a command that runs in the window of that label."""
        plugin, _, command = call.command.removeprefix("plugin:").partition("|")
        try:
            if plugin in {"window", "webview"}:
                return self._windows.answer(call, label)
            if act := getattr(self._plugins.get(plugin), command, None):
                return act(call, label)
            if TAKES[call.command].get("rid"):
                self._handles.check(call.args["rid"])
        except FailedError as error:
            raise Refused.by_command(call.command, str(error)) from error
        return self._filled(GIVES.get(call.command))

    def answered(self, command: str, result: Reply) -> None:
        """Hear what was answered: the app may read files that a dialog has given."""
        if command in _PICKING and result.content_type == wire.JSON:
            self._directories.pick(json.loads(result.body))

    def close(self) -> None:
        """Close the files that the app has left open."""
        self._handles.close_all()

    def _filled(self, answer: Any) -> Any:
        """Put a new resource wherever an answer has one."""
        if answer is ...:
            return self._handles.add(None)
        return [self._filled(each) for each in answer] if isinstance(answer, list) else answer
