"""The events of windows and plugins that handlers hear, for both twins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sidecar_bridge._client.backlog import Kind, every
from sidecar_bridge.tauri import _results as results
from sidecar_bridge.tauri import events
from sidecar_bridge.tauri.window import THEME

if TYPE_CHECKING:
    from collections.abc import Callable


def _payload(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda message: read(message["payload"])


RESIZED = Kind("new sizes of a window", every, _payload(results.physical_size), ("tauri://resize",))
MOVED = Kind("new positions of a window", every, _payload(results.physical_position), ("tauri://move",))
FOCUS = Kind(
    "a window's changes of focus",
    every,
    lambda message: message["event"] == "tauri://focus",
    ("tauri://focus", "tauri://blur"),
)
THEMES = Kind("a window's changes of theme", every, _payload(results.one_of(THEME)), ("tauri://theme-changed",))
SCALES = Kind("a window's changes of scale", every, events.scale_factor_changed, ("tauri://scale-change",))
DRAGS = Kind(
    "files dragged over a window",
    every,
    events.drag_drop,
    ("tauri://drag-enter", "tauri://drag-over", "tauri://drag-drop", "tauri://drag-leave"),
)
LINKS = Kind("links that open the app", every, _payload(results.many(results.text)), ("deep-link://new-url",))


def closing(timeout_s: float) -> Kind:
    """Give what asks before a window closes, and waits for so long."""
    if isinstance(timeout_s, bool) or not isinstance(timeout_s, int | float):
        msg = f"`timeout_s` must be a float, not {type(timeout_s).__name__}"
        raise TypeError(msg)
    if not 0 < timeout_s <= _LONGEST_S:
        msg = f"`timeout_s` must be over 0 and at most {_LONGEST_S}, not {timeout_s}; `prevent_default` takes longer"
        raise ValueError(msg)
    ms = max(1, round(timeout_s * 1000))
    return Kind("requests to close a window", every, lambda message: results.integer(message["closing"]), (), ms)


_LONGEST_S = 3600
