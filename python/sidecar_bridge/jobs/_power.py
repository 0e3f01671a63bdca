"""Whether the computer runs on its battery."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

SUPPLIES = Path("/sys/class/power_supply")
"""Where Linux says what gives the computer power."""

INTERVAL_S = 5.0
"""How often to look again while jobs wait for a charger."""


def is_on_battery(supplies: Path | None = None) -> bool:
    """Tell whether a battery of the computer discharges and nothing charges it, as systemd's `on_ac_power` decides.

    `False` where Linux' files are not: nobody knows there. A battery of a mouse is none of the computer's.
    """
    discharges = False
    with suppress(OSError):
        for supply in (supplies or SUPPLIES).iterdir():
            if _said(supply / "scope") == "Device":
                continue
            match _said(supply / "type"):
                case "Mains" | "USB" if _said(supply / "online") not in {"", "0"}:
                    return False
                case "Battery" if _said(supply / "present") != "0" and _said(supply / "status") == "Discharging":
                    discharges = True
    return discharges


def _said(file: Path) -> str:
    # A supply may be unplugged meanwhile.
    try:
        return file.read_text().strip()
    except OSError:
        return ""
