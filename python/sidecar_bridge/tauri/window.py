# Generated from `tools/tauri-api/tauri-api.json` by `tools/tauri-api/emit.py`: do not edit.
# Descriptions are Tauri's, adapted: see NOTICE in the package's licences.

"""Types of Tauri's windows."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from sidecar_bridge.tauri import _arguments as arguments
from sidecar_bridge.tauri import _results as results

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self

    from sidecar_bridge.tauri.dpi import Color, PhysicalPosition, PhysicalSize


class BackgroundThrottlingPolicy(Enum):
    """Background throttling policy."""

    DISABLED = "disabled"
    THROTTLE = "throttle"
    SUSPEND = "suspend"


CursorIcon: TypeAlias = Literal[
    "default",
    "crosshair",
    "hand",
    "arrow",
    "move",
    "text",
    "wait",
    "help",
    "progress",
    "notAllowed",
    "contextMenu",
    "cell",
    "verticalText",
    "alias",
    "copy",
    "noDrop",
    "grab",
    "grabbing",
    "allScroll",
    "zoomIn",
    "zoomOut",
    "eResize",
    "nResize",
    "neResize",
    "nwResize",
    "sResize",
    "seResize",
    "swResize",
    "wResize",
    "ewResize",
    "nsResize",
    "neswResize",
    "nwseResize",
    "colResize",
    "rowResize",
]
"""The cursor shape to display over a window, see `Window.set_cursor_icon`.

The names mirror the CSS `cursor` keywords in camelCase (e.g. `notAllowed` for `not-allowed`, `eResize` for `e-resize`).
Support varies per platform and window manager; unsupported values fall back to the default arrow.
"""
CURSOR_ICON: tuple[CursorIcon, ...] = (
    "default",
    "crosshair",
    "hand",
    "arrow",
    "move",
    "text",
    "wait",
    "help",
    "progress",
    "notAllowed",
    "contextMenu",
    "cell",
    "verticalText",
    "alias",
    "copy",
    "noDrop",
    "grab",
    "grabbing",
    "allScroll",
    "zoomIn",
    "zoomOut",
    "eResize",
    "nResize",
    "neResize",
    "nwResize",
    "sResize",
    "seResize",
    "swResize",
    "wResize",
    "ewResize",
    "nsResize",
    "neswResize",
    "nwseResize",
    "colResize",
    "rowResize",
)


class Effect(Enum):
    """Platform-specific window effects."""

    APPEARANCE_BASED = "appearanceBased"
    """A default material appropriate for the view's effectiveAppearance.

    **macOS 10.14-**
    """
    LIGHT = "light"
    """**macOS 10.14-**."""
    DARK = "dark"
    """**macOS 10.14-**."""
    MEDIUM_LIGHT = "mediumLight"
    """**macOS 10.14-**."""
    ULTRA_DARK = "ultraDark"
    """**macOS 10.14-**."""
    TITLEBAR = "titlebar"
    """**macOS 10.10+**."""
    SELECTION = "selection"
    """**macOS 10.10+**."""
    MENU = "menu"
    """**macOS 10.11+**."""
    POPOVER = "popover"
    """**macOS 10.11+**."""
    SIDEBAR = "sidebar"
    """**macOS 10.11+**."""
    HEADER_VIEW = "headerView"
    """**macOS 10.14+**."""
    SHEET = "sheet"
    """**macOS 10.14+**."""
    WINDOW_BACKGROUND = "windowBackground"
    """**macOS 10.14+**."""
    HUD_WINDOW = "hudWindow"
    """**macOS 10.14+**."""
    FULL_SCREEN_UI = "fullScreenUI"
    """**macOS 10.14+**."""
    TOOLTIP = "tooltip"
    """**macOS 10.14+**."""
    CONTENT_BACKGROUND = "contentBackground"
    """**macOS 10.14+**."""
    UNDER_WINDOW_BACKGROUND = "underWindowBackground"
    """**macOS 10.14+**."""
    UNDER_PAGE_BACKGROUND = "underPageBackground"
    """**macOS 10.14+**."""
    LIQUID_GLASS_REGULAR = "liquidGlassRegular"
    """**macOS 26.0+**."""
    LIQUID_GLASS_CLEAR = "liquidGlassClear"
    """**macOS 26.0+**."""
    MICA = "mica"
    """**Windows 11 Only**."""
    BLUR = "blur"
    """**Windows 7/10/11(22H1) Only**.

    Notes

    This effect has bad performance when resizing/dragging the window on Windows 11 build 22621.
    """
    ACRYLIC = "acrylic"
    """**Windows 10/11**.

    Notes

    This effect has bad performance when resizing/dragging the window on Windows 10 v1903+ and Windows 11 build 22000.
    """
    TABBED = "tabbed"
    """Tabbed effect that matches the system dark preference **Windows 11 Only**."""
    TABBED_DARK = "tabbedDark"
    """Tabbed effect with dark mode but only if dark mode is enabled on the system **Windows 11 Only**."""
    TABBED_LIGHT = "tabbedLight"
    """Tabbed effect with light mode **Windows 11 Only**."""


class EffectState(Enum):
    """Window effect state **macOS only**."""

    FOLLOWS_WINDOW_ACTIVE_STATE = "followsWindowActiveState"
    """Make window effect state follow the window's active state **macOS only**."""
    ACTIVE = "active"
    """Make window effect state always active **macOS only**."""
    INACTIVE = "inactive"
    """Make window effect state always inactive **macOS only**."""


class ProgressBarStatus(Enum):
    """The state of the taskbar/dock progress bar, see `Window.set_progress_bar`."""

    NONE = "none"
    """Hide progress bar."""
    NORMAL = "normal"
    """Normal state."""
    INDETERMINATE = "indeterminate"
    """Indeterminate state.

    **Treated as Normal on Linux and macOS**
    """
    PAUSED = "paused"
    """Paused state.

    **Treated as Normal on Linux**
    """
    ERROR = "error"
    """Error state.

    **Treated as Normal on linux**
    """


ResizeDirection: TypeAlias = Literal[
    "East", "North", "NorthEast", "NorthWest", "South", "SouthEast", "SouthWest", "West"
]
"""The edge or corner a resize drag started from, see `Window.start_resize_dragging`."""
RESIZE_DIRECTION: tuple[ResizeDirection, ...] = (
    "East",
    "North",
    "NorthEast",
    "NorthWest",
    "South",
    "SouthEast",
    "SouthWest",
    "West",
)


class ScrollBarStyle(Enum):
    """The scrollbar style to use in the webview.

    **Windows**: This option must be given the same value for all webviews.
    """

    DEFAULT = "default"
    """The default scrollbar style for the webview."""
    FLUENT_OVERLAY = "fluentOverlay"
    """Fluent UI style overlay scrollbars.

    **Windows Only**

    Requires WebView2 Runtime version 125.0.2535.41 or higher, does nothing on older versions, see
    """


Theme: TypeAlias = Literal["light", "dark"]
"""The light or dark appearance of a window or of the system."""
THEME: tuple[Theme, ...] = ("light", "dark")


TitleBarStyle: TypeAlias = Literal["visible", "transparent", "overlay"]
"""The style of the window title bar.

**macOS only**

- `visible`: the standard title bar.
- `transparent`: the title bar is transparent but the traffic lights stay in place.
- `overlay`: the content extends under a transparent title bar, leaving only the traffic lights visible.
"""
TITLE_BAR_STYLE: tuple[TitleBarStyle, ...] = ("visible", "transparent", "overlay")


class UserAttentionType(Enum):
    """Attention type to request on a window."""

    CRITICAL = "Critical"
    """- macOS: Bounces the dock icon until the application is in focus.

    - Windows: Flashes both the window and the taskbar button until the application is in focus.
    """
    INFORMATIONAL = "Informational"
    """- macOS: Bounces the dock icon once.

    - Windows: Flashes the taskbar button until the application is in focus.
    """


@dataclass(frozen=True, slots=True)
class Effects:
    """The window effects configuration object.

    Attributes:
        effects: List of Window effects to apply to the Window.
        state: Window effect state macOS Only. Ignored for Liquid Glass Effects.
        radius: Window effect corner radius macOS Only.
        color: Window effect color.
        interactive: Enable interactive glass behavior, which adds a visual response to user interactions.
    """

    effects: Sequence[Effect]
    _: KW_ONLY
    state: EffectState | None = None
    radius: float | None = None
    color: Color | None = None
    interactive: bool | None = None

    @staticmethod
    def _taken(value: Any, name: str) -> dict[str, object]:
        if not isinstance(value, Effects):
            arguments.wrong(name, "an Effects", value)
        found: dict[str, object] = {
            "effects": arguments.many(arguments.member(Effect))(value.effects, f"{name}.effects"),
        }
        if value.state is not None:
            found["state"] = arguments.member(EffectState)(value.state, f"{name}.state")
        if value.radius is not None:
            found["radius"] = arguments.number(value.radius, f"{name}.radius")
        if value.color is not None:
            found["color"] = arguments.color(value.color, f"{name}.color")
        if value.interactive is not None:
            found["interactive"] = arguments.boolean(value.interactive, f"{name}.interactive")
        return found


@dataclass(frozen=True, slots=True)
class Monitor:
    """Allow you to retrieve information about a given monitor.

    Attributes:
        name: Human-readable name of the monitor.
        size: The monitor's resolution in physical pixels.
        position: the Top-left corner position of the monitor relative to the larger full screen area, in physical
            pixels.
        work_area: The monitor's work area (the monitor area excluding taskbars and docks) in physical pixels.
        scale_factor: The scale factor that can be used to map physical pixels to logical pixels, e.g.
            `monitor.position.toLogical(monitor.scaleFactor)`.
    """

    name: str | None
    size: PhysicalSize
    position: PhysicalPosition
    work_area: MonitorWorkArea
    scale_factor: float

    @classmethod
    def _read(cls, value: Any) -> Self:
        results.members(value)
        return cls(
            name=results.maybe(results.text)(value.get("name")),
            size=results.physical_size(value["size"]),
            position=results.physical_position(value["position"]),
            work_area=MonitorWorkArea._read(value["workArea"]),
            scale_factor=results.number(value["scaleFactor"]),
        )


@dataclass(frozen=True, slots=True)
class MonitorWorkArea:
    """Monitor work area."""

    position: PhysicalPosition
    size: PhysicalSize

    @classmethod
    def _read(cls, value: Any) -> Self:
        results.members(value)
        return cls(
            position=results.physical_position(value["position"]),
            size=results.physical_size(value["size"]),
        )


@dataclass(frozen=True, slots=True)
class PreventOverflowMargin:
    """An extra margin kept free around a window.

    An extra margin kept free around a window when `WindowOptions.prevent_overflow` limits it to the working area.

    Values are in logical pixels.

    Attributes:
        width: The horizontal margin, in logical pixels.
        height: The vertical margin, in logical pixels.
    """

    width: int
    height: int

    @staticmethod
    def _taken(value: Any, name: str) -> dict[str, object]:
        if not isinstance(value, PreventOverflowMargin):
            arguments.wrong(name, "a PreventOverflowMargin", value)
        found: dict[str, object] = {
            "width": arguments.integer(value.width, f"{name}.width"),
            "height": arguments.integer(value.height, f"{name}.height"),
        }
        return found


@dataclass(frozen=True, slots=True)
class ProgressBarState:
    """The taskbar/dock progress indicator state, see `Window.set_progress_bar`.

    Attributes:
        status: The progress bar status.
        progress: The progress bar progress. This can be a value ranging from `0` to `100`
    """

    _: KW_ONLY
    status: ProgressBarStatus | None = None
    progress: int | None = None

    @staticmethod
    def _taken(value: Any, name: str) -> dict[str, object]:
        if not isinstance(value, ProgressBarState):
            arguments.wrong(name, "a ProgressBarState", value)
        found: dict[str, object] = {}
        if value.status is not None:
            found["status"] = arguments.member(ProgressBarStatus)(value.status, f"{name}.status")
        if value.progress is not None:
            found["progress"] = arguments.integer(value.progress, f"{name}.progress")
        return found


@dataclass(frozen=True, slots=True)
class WindowSizeConstraints:
    """Inner size constraints for a window, see `Window.set_size_constraints`.

    Unlike `Window.set_min_size` and `Window.set_max_size`, each dimension is independent: you can constrain only the
    width and leave the height free.

    All values are in **logical pixels**. Leave a field out (or set it to `None`) to remove that constraint.

    Attributes:
        min_width: The minimum width, in logical pixels.
        min_height: The minimum height, in logical pixels.
        max_width: The maximum width, in logical pixels.
        max_height: The maximum height, in logical pixels.
    """

    _: KW_ONLY
    min_width: float | None = None
    min_height: float | None = None
    max_width: float | None = None
    max_height: float | None = None

    @staticmethod
    def _taken(value: Any, name: str) -> dict[str, object]:
        if not isinstance(value, WindowSizeConstraints):
            arguments.wrong(name, "a WindowSizeConstraints", value)
        found: dict[str, object] = {}
        if value.min_width is not None:
            found["minWidth"] = arguments.length(value.min_width, f"{name}.min_width")
        if value.min_height is not None:
            found["minHeight"] = arguments.length(value.min_height, f"{name}.min_height")
        if value.max_width is not None:
            found["maxWidth"] = arguments.length(value.max_width, f"{name}.max_width")
        if value.max_height is not None:
            found["maxHeight"] = arguments.length(value.max_height, f"{name}.max_height")
        return found
