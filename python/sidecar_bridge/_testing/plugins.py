"""Smaller plugins of a fake host, and Tauri's commands of the app."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sidecar_bridge._testing.call import FailedError
from sidecar_bridge._testing.server import BrokenOffError
from sidecar_bridge._testing.shortcuts import keys
from sidecar_bridge._testing.tauri_commands import VERSION

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Never

    from sidecar_bridge._testing.call import Call
    from sidecar_bridge._testing.desktop import FakeDesktop
    from sidecar_bridge._testing.handles import Handles


class _OnDesktop:
    """Commands that find and change what a desktop has."""

    def __init__(self, desktop: FakeDesktop) -> None:
        self._desktop = desktop


class FakeApp(_OnDesktop):
    """The commands of `plugin:app`."""

    def version(self, _call: Call, _label: str) -> str:
        """Give the app's version."""
        return self._desktop.app_version

    def name(self, _call: Call, _label: str) -> str:
        """Give the product's name."""
        return self._desktop.app_name

    def identifier(self, _call: Call, _label: str) -> str:
        """Give the app's identifier."""
        return self._desktop.identifier

    def tauri_version(self, _call: Call, _label: str) -> str:
        """Give the version of Tauri that this package was made for."""
        return VERSION

    def supports_multiple_windows(self, _call: Call, _label: str) -> bool:
        """Every desktop does."""
        return True

    def set_app_theme(self, call: Call, _label: str) -> None:
        """Set the theme of all windows that have none of their own."""
        self._desktop.theme = call.args.get("theme") or "light"

    def exit(self, _call: Call, _label: str) -> Never:
        """End without an answer, as the app does; the fake host itself goes on."""
        raise BrokenOffError


class FakeProcess:
    """The commands of `plugin:process`."""

    def exit(self, _call: Call, _label: str) -> Never:
        """End without an answer, as the app does; the fake host itself goes on."""
        raise BrokenOffError

    def restart(self, _call: Call, _label: str) -> Never:
        """End without an answer, as the app does; the fake host itself goes on."""
        raise BrokenOffError


class FakeAutostart(_OnDesktop):
    """The commands of `plugin:autostart`."""

    def enable(self, _call: Call, _label: str) -> None:
        """Start when the user logs in."""
        self._desktop.starts_at_login = True

    def disable(self, _call: Call, _label: str) -> None:
        """Start no longer when the user logs in."""
        self._desktop.starts_at_login = False

    def is_enabled(self, _call: Call, _label: str) -> bool:
        """Tell whether the app starts when the user logs in."""
        return self._desktop.starts_at_login


class FakeClipboard:
    """The commands of `plugin:clipboard-manager`."""

    def __init__(self, desktop: FakeDesktop, handles: Handles) -> None:
        """Keep the text in `desktop.clipboard`."""
        self._desktop = desktop
        self._handles = handles
        self._image: Any = None

    def write_text(self, call: Call, _label: str) -> None:
        """Put a text there."""
        self._put(call.args["text"])

    write_secret = write_text

    def write_html(self, call: Call, _label: str) -> None:
        """Put HTML there, of which only the other text can be read."""
        self._put(call.args.get("altText"))

    def write_image(self, call: Call, _label: str) -> None:
        """Put an image there."""
        self._put(None, call.args["image"])

    def clear(self, _call: Call, _label: str) -> None:
        """Empty it."""
        self._put(None)

    def read_text(self, _call: Call, _label: str) -> str:
        """Read the text."""
        return self._desktop.clipboard if self._desktop.clipboard is not None else self._nothing()

    def read_image(self, _call: Call, _label: str) -> int:
        """Read the image."""
        if self._image is None:
            self._nothing()
        return self._image if isinstance(self._image, int) else self._handles.add(self._image)

    def _put(self, text: str | None, image: Any = None) -> None:
        self._desktop.clipboard, self._image = text, image

    def _nothing(self) -> Never:
        msg = "The clipboard contents were not available in the requested format or the clipboard is empty."
        raise FailedError(msg)


class FakeDeepLink(_OnDesktop):
    """The commands of `plugin:deep-link`."""

    def register(self, call: Call, _label: str) -> None:
        """Take the links of a scheme."""
        self._desktop.schemes.add(call.args["protocol"])

    def unregister(self, call: Call, _label: str) -> None:
        """Take the links of a scheme no longer."""
        self._desktop.schemes.discard(call.args["protocol"])

    def is_registered(self, call: Call, _label: str) -> bool:
        """Tell whether the links of a scheme come here."""
        return call.args["protocol"] in self._desktop.schemes


class FakeDialog:
    """The commands of `plugin:dialog`: whoever sits there closes every dialog."""

    def message(self, call: Call, _label: str) -> str:
        """Close a message: its last button if the app named more than one, else `Cancel`."""
        buttons = call.args.get("buttons")
        labels = next(iter(buttons.values())) if isinstance(buttons, dict) else None
        return str(labels[-1]) if isinstance(labels, list) else "Cancel"


class FakeNotification:
    """The commands of `plugin:notification`."""

    def is_permission_granted(self, _call: Call, _label: str) -> bool:
        """Every desktop grants it."""
        return True


class FakeShortcut(_OnDesktop):
    """The commands of `plugin:global-shortcut`."""

    def register(self, call: Call, _label: str) -> None:
        """Take some shortcuts; the first that is taken ends this, as in Tauri."""
        for each in call.args["shortcuts"]:
            keys(each)
        for each in call.args["shortcuts"]:
            if self._is_taken(each):
                msg = f"HotKey already registered: {each}"
                raise FailedError(msg)
            self._desktop.shortcuts.append(each)

    def unregister(self, call: Call, _label: str) -> None:
        """Give some shortcuts back."""
        gone = set(map(keys, call.args["shortcuts"]))
        self._desktop.shortcuts[:] = [each for each in self._desktop.shortcuts if keys(each) not in gone]

    def unregister_all(self, _call: Call, _label: str) -> None:
        """Give all shortcuts back."""
        self._desktop.shortcuts.clear()

    def is_registered(self, call: Call, _label: str) -> bool:
        """Tell whether the app has a shortcut, however it is spelt."""
        return self._is_taken(call.args["shortcut"])

    def _is_taken(self, shortcut: str) -> bool:
        return keys(shortcut) in set(map(keys, self._desktop.shortcuts))


class FakeShell:
    """The commands of `plugin:shell`: no program is started, and each has ended at once."""

    def __init__(self, handles: Handles, send: Callable[[object, object], object]) -> None:
        """Give numbers of `handles`; `send` sends over a channel."""
        self._handles = handles
        self._send = send

    def spawn(self, call: Call, _label: str) -> int:
        """Give the number of a program that has ended well, and printed nothing."""
        self._send(call.args["onEvent"], {"event": "Terminated", "payload": {"code": 0, "signal": None}})
        return self._handles.add(None)

    def execute(self, call: Call, _label: str) -> dict[str, object]:
        """Say that a program has ended well, and printed nothing."""
        is_raw = (call.args.get("options") or {}).get("encoding") == "raw"
        return {"code": 0, "signal": None, "stdout": [] if is_raw else "", "stderr": [] if is_raw else ""}


class FakeSql:
    """The commands of `plugin:sql`: every database is empty."""

    def load(self, call: Call, _label: str) -> str:
        """Give the name back."""
        return str(call.args["db"])

    def close(self, _call: Call, _label: str) -> bool:
        """Close a database, one that is not open too."""
        return True


class FakeWindowState:
    """The commands of `plugin:window-state`."""

    def filename(self, _call: Call, _label: str) -> str:
        """Give the name of the file."""
        return ".window-state.json"
