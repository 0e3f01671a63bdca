"""Python's garbage collector, which leaves the start and the end alone: it looks at all imports again and again.

An import makes many objects and next to no garbage. With FastAPI, SQLAlchemy and Alembic a quarter of the start was the
collector's, which found nothing, and so was most of the end with pandas; see docs/performance.md.
"""

from __future__ import annotations

import atexit
import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_YOUNG = 200_000
"""How many new objects there may be before the collector looks at them.

As many as a start of some size makes, and so few that an app which makes garbage meanwhile keeps some 30 MB of it.
"""

_before: tuple[int, int, int] | None = None


def hold() -> None:
    """Let the collector look seldom from now until `release`; one that somebody has ended stays as it is."""
    global _before  # noqa: PLW0603 - a process has one collector
    young, *older = gc.get_threshold()
    if _before is None and 0 < young < _YOUNG:
        _before = (young, older[0], older[1])
        gc.set_threshold(_YOUNG, *older)
        # So early that it runs after the handlers of the app, which may write.
        atexit.register(_leave_alone)


def release() -> None:
    """Let the collector look as before, but no more at what is there now: that was imported, and stays.

    At the end it looks at nothing any more, for nobody may wait for that: the next generation begins after it. All
    else is as ever, but for `__del__` in reference cycles, for which Python gives no guarantee (`object.__del__`).
    """
    global _before
    before, _before = _before, None
    if before is None:
        return
    # The app may have set it meanwhile, and knows best.
    if gc.get_threshold()[0] == _YOUNG:
        gc.freeze()
        gc.set_threshold(*before)
    else:
        atexit.unregister(_leave_alone)


@contextmanager
def held() -> Iterator[None]:
    """Hold the collector for a block, if it is not held yet, and release it at the end."""
    hold()
    try:
        yield
    finally:
        release()


def _leave_alone() -> None:
    if _before is None:
        # Most programs that import this never come here.
        from sidecar_bridge._serve.unwritten import write_all  # noqa: PLC0415

        # What is frozen is not told.
        gc.unfreeze()
        write_all(gc.get_objects())
        gc.freeze()
