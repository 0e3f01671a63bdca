"""How long a call may take, as a point in time."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_ENDLESS_S = float("inf")


def deadline_after(timeout_s: float | None, clock: Callable[[], float]) -> float | None:
    """Give the time of `clock` in `timeout_s` seconds; `ValueError` below 0 and for infinity, else `TypeError`."""
    if timeout_s is None:
        return None
    try:
        is_a_time = 0 <= timeout_s < _ENDLESS_S
    except TypeError:
        msg = f"timeout_s is of type {type(timeout_s).__name__}; give seconds as a number, or None"
        raise TypeError(msg) from None
    if not is_a_time:
        msg = f"timeout_s is {timeout_s}; give seconds from 0 up, or None"
        raise ValueError(msg)
    return clock() + timeout_s
