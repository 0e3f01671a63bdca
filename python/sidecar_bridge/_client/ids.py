"""Ids of what this process makes in the app, for both twins."""

from __future__ import annotations

import os
from itertools import count
from secrets import token_hex

_numbers = count(1)


def new_id() -> str:
    """Give an id that nothing else in the app has, nor what another process or an earlier one has made."""
    # A forked child goes on with the same numbers.
    return f"python-{_first}-{os.getpid()}-{next(_numbers)}"


_first = token_hex(4)
