"""What handlers are called with."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from sidecar_bridge.tauri import _results as results

if TYPE_CHECKING:
    from collections.abc import Callable

    from sidecar_bridge.tauri.dpi import PhysicalPosition, PhysicalSize

MouseButton: TypeAlias = Literal["Left", "Right", "Middle"]
"""A button of the mouse."""


@dataclass(frozen=True, slots=True)
class ShortcutEvent:
    """A shortcut was pressed or released.

    Attributes:
        shortcut: The keys, as Tauri writes them: `shift+control+KeyK` for what was registered as `CmdOrCtrl+Shift+K`.
        state: What happened.
    """

    shortcut: str
    state: Literal["Pressed", "Released"]


@dataclass(frozen=True, slots=True)
class TrayIconEvent:
    """Something happened to an icon in the tray.

    Attributes:
        id: The icon's id.
        type: What happened.
        position: Where the pointer was.
        rect_position: Where the icon is.
        rect_size: How large the icon is.
        button: Which button of the mouse it was, of a click.
        button_state: Whether the button went down or up, of a click.
    """

    id: str
    type: Literal["Click", "DoubleClick", "Enter", "Move", "Leave"]
    position: PhysicalPosition
    rect_position: PhysicalPosition
    rect_size: PhysicalSize
    button: MouseButton | None = None
    button_state: Literal["Up", "Down"] | None = None


@dataclass(frozen=True, slots=True)
class DragDrop:
    """Files are dragged over a window, or dropped on it.

    Attributes:
        type: `enter` comes first, `drop` or `leave` last.
        paths: The files, of `enter` and `drop`. Dropped ones are in the scope of the plugin fs.
        position: Where the pointer is; `None` once the pointer has left.
    """

    type: Literal["enter", "over", "drop", "leave"]
    paths: list[Path]
    position: PhysicalPosition | None


@dataclass(frozen=True, slots=True)
class ScaleFactorChanged:
    """A window has come to a screen of another scale.

    Attributes:
        scale_factor: The scale factor now.
        size: The window's size now, in physical pixels.
    """

    scale_factor: float
    size: PhysicalSize


@dataclass(frozen=True, slots=True)
class NotificationAction:
    """The user has clicked on a notification.

    Attributes:
        action: The id of the button, or `tap`.
        notification: The notification, with the members that Tauri gives it.
    """

    action: str
    notification: dict[str, Any]


@dataclass(slots=True)
class CloseRequested:
    """A window is to close, by its user or by `close`. It closes when the handler has returned, unless prevented.

    Attributes:
        window: The window's label.
    """

    window: str
    _tell: Callable[[], object]
    _is_prevented: bool = field(default=False, init=False)

    @property
    def is_prevented(self) -> bool:
        """Whether `prevent_default` was called."""
        return self._is_prevented

    def prevent_default(self) -> None:
        """Let the window stay open.

        Call it before anything that takes long, such as a dialog; the host waits for the handler for a limited time.
        `window.destroy()` closes the window later.
        """
        if not self._is_prevented:
            self._is_prevented = True
            self._tell()


def shortcut(message: Any) -> ShortcutEvent:
    """Read what the plugin global-shortcut sends."""
    return ShortcutEvent(results.text(message["shortcut"]), message["state"])


def tray_icon(message: Any) -> TrayIconEvent:
    """Read what a tray sends."""
    rect = message["rect"]
    return TrayIconEvent(
        results.text(message["id"]),
        message["type"],
        results.physical_position(message["position"]),
        results.physical_position(rect["position"]["Physical"]),
        results.physical_size(rect["size"]["Physical"]),
        message.get("button"),
        message.get("buttonState"),
    )


def drag_drop(message: Any) -> DragDrop:
    """Read what a window says of files above it."""
    payload = message["payload"] or {}
    position = payload.get("position")
    return DragDrop(
        message["event"].removeprefix("tauri://drag-"),
        [Path(each) for each in payload.get("paths") or ()],
        None if position is None else results.physical_position(position),
    )


def scale_factor_changed(message: Any) -> ScaleFactorChanged:
    """Read what a window says of its scale factor."""
    payload = message["payload"]
    return ScaleFactorChanged(results.number(payload["scaleFactor"]), results.physical_size(payload["size"]))


def notification_action(message: Any) -> NotificationAction:
    """Read what the plugin notification sends."""
    return NotificationAction(results.text(message["actionId"]), dict(message["notification"]))
