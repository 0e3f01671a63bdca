"""The desktop of a fake host."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class FakeDesktop:
    """What an app finds and changes outside of its windows; a test may read and set every member.

    Attributes:
        app_name: The product's name.
        app_version: The app's version.
        identifier: The app's identifier.
        clipboard: The text in the clipboard; `None` if there is none.
        starts_at_login: Whether the app starts when the user logs in.
        shortcuts: The shortcuts that the app has registered, as it wrote them.
        schemes: The schemes of links that the app has registered for.
        stores: What each store has, by its path.
        screen: Width and height of the only monitor, in physical pixels.
        scale_factor: How many physical pixels a logical one is, for the monitor and new windows.
        theme: The theme of the desktop, `light` or `dark`, which windows have that set none.
        pointer: Where the pointer is, in physical pixels.
    """

    app_name: str = "Fake App"
    app_version: str = "0.1.0"
    identifier: str = "com.example.fake"
    clipboard: str | None = None
    starts_at_login: bool = False
    shortcuts: list[str] = field(default_factory=list)
    schemes: set[str] = field(default_factory=set)
    stores: dict[str, dict[str, Any]] = field(default_factory=dict)
    screen: tuple[int, int] = (1920, 1080)
    scale_factor: float = 1.0
    theme: str = "light"
    pointer: tuple[float, float] = (0.0, 0.0)

    def _monitor(self) -> dict[str, Any]:
        area = {"position": {"x": 0, "y": 0}, "size": dict(zip(("width", "height"), self.screen, strict=True))}
        return {"name": "screen", "scaleFactor": self.scale_factor, "workArea": area, **area}
