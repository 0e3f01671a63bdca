"""What a command sends while it runs, for blocking code: callbacks, where asyncio has channels to iterate over."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


@contextmanager
def receiving(channels: Mapping[str, Callable[[Any], object]]) -> Iterator[Callable[[str, Any], object]]:
    """Give the function that takes a channel's name and a message, for one call, and calls that channel's callback."""
    yield lambda name, message: channels[name](message)
